// Logistic regression on features of two clouds.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double features[64][2];
static int label[64];

static double predict(const double* weight, double bias, const double* x) {
  double logit = weight[0] * x[0] + weight[1] * x[1] + bias;
  return 1 / (1 + exp(-logit));
}

int main() {
  srand(7);
  for (int i = 0; i < 64; i++)
  {
    label[i] = i % 2;
    features[i][0] = (label[i] ? 1.0 : -1.0) + rand() / (double)RAND_MAX;
    features[i][1] = (label[i] ? 0.5 : -0.5) + rand() / (double)RAND_MAX;
  }
  double w[2] = {0, 0}, b = 0;
  double velocity[2] = {0, 0};
  const auto rate = 0.05;
  for (int epoch = 0; epoch < 6; epoch++) {
    double total = 0;
    int right = 0;
    for (int i = 0; i < 64; i++)
    {
      double p = predict(w, b, features[i]);
      double err = p - label[i];
      right += (p > 0.5) == (label[i] == 1);
      total -= label[i] ? log(p) : log(1 - p);
      for (int k = 0; k < 2; k++)
      {
        velocity[k] = 0.5 * velocity[k] + err * features[i][k];
        w[k] -= rate * velocity[k];
      }
      b -= rate * err;
    }
    total /= 64;
    printf("epoch %d loss %a\n", epoch, total);
    printf("right %d\n", right);
  }
  return 0;
}

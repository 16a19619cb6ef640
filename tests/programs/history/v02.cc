// Logistic regression on features of two clouds.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double features[64][2];
static int label[64];

int main() {
  srand(7);
  for (int i = 0; i < 64; i++) {
    label[i] = i % 2;
    features[i][0] = (label[i] ? 1.0 : -1.0) + rand() / (double)RAND_MAX;
    features[i][1] = (label[i] ? 0.5 : -0.5) + rand() / (double)RAND_MAX;
  }
  double w[2] = {0, 0}, b = 0;
  double rate = 0.05;
  for (int epoch = 0; epoch < 6; epoch++) {
    double total = 0;
    for (int i = 0; i < 64; i++) {
      double logit = w[0] * features[i][0] + w[1] * features[i][1] + b;
      double p = 1 / (1 + exp(-logit));
      double err = p - label[i];
      total -= label[i] ? log(p) : log(1 - p);
      w[0] -= rate * err * features[i][0];
      w[1] -= rate * err * features[i][1];
      b -= rate * err;
    }
    total /= 64;
    printf("epoch %d loss %a\n", epoch, total);
  }
  return 0;
}

// Logistic regression on points of two clouds.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double points[64][2];
static int label[64];

int main() {
  srand(7);
  for (int i = 0; i < 64; i++) {
    label[i] = i % 2;
    points[i][0] = (label[i] ? 1.0 : -1.0) + rand() / (double)RAND_MAX;
    points[i][1] = (label[i] ? 0.5 : -0.5) + rand() / (double)RAND_MAX;
  }
  double w[2] = {0, 0}, b = 0;
  double lr = 0.05;
  for (int epoch = 0; epoch < 6; epoch++) {
    double acc = 0;
    for (int i = 0; i < 64; i++) {
      double z = w[0] * points[i][0] + w[1] * points[i][1] + b;
      double p = 1 / (1 + exp(-z));
      double err = p - label[i];
      acc -= label[i] ? log(p) : log(1 - p);
      w[0] -= lr * err * points[i][0];
      w[1] -= lr * err * points[i][1];
      b -= lr * err;
    }
    acc /= 64;
    printf("epoch %d loss %a\n", epoch, acc);
  }
  return 0;
}

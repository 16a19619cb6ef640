// what: plain C style, static arrays and counters at file scope, no class
// standard: c++11
// loop: epoch
// probe: loss after 'printf("loss %a\n", loss);'
// expect: exact
#include <math.h>
#include <stdio.h>
#include <string.h>

#define N 9
#define H 6

static float weights[H][N];
static float output[H];
static float hidden[H];
static int correct, seen;
static unsigned long seed = 1;

static float frand(void) {
  seed = seed * 6364136223846793005UL + 1442695040888963407UL;
  return (float)(seed >> 40) / 16777216.0f - 0.5f;
}

static float forward(const float *x) {
  int h, i;
  float y = 0;
  for (h = 0; h < H; h++) {
    float sum = 0;
    for (i = 0; i < N; i++) sum += weights[h][i] * x[i];
    hidden[h] = sum > 0 ? sum : 0.1f * sum;
    y += output[h] * hidden[h];
  }
  return 1 / (1 + expf(-y));
}

int main(void) {
  int epoch, i, k, h;
  float x[N], loss;
  for (h = 0; h < H; h++) {
    output[h] = frand();
    for (i = 0; i < N; i++) weights[h][i] = frand();
  }
  for (epoch = 0; epoch < 10; epoch++) {
    loss = 0;
    correct = 0;
    for (k = 0; k < 60; k++) {
      memset(x, 0, sizeof x);
      for (i = 0; i < N; i++) x[i] = frand();
      float target = x[0] + x[4] - x[8] > 0 ? 1 : 0, y = forward(x), delta = y - target;
      for (h = 0; h < H; h++) {
        float back = delta * output[h] * (hidden[h] > 0 ? 1 : 0.1f);
        output[h] -= 0.2f * delta * hidden[h];
        for (i = 0; i < N; i++) weights[h][i] -= 0.2f * back * x[i];
      }
      loss += delta * delta;
      correct += (y > 0.5f) == (target > 0.5f);
      seen++;
    }
    printf("loss %a\n", loss);
  }
  printf("correct %d of 60, seen %d\n", correct, seen);
  return 0;
}

// what: goto inside the body retries a step with half the rate
// standard: c++11
// loop: step
// probe: cost after 'printf("cost %a\n", cost);'
// expect: exact
#include <math.h>
#include <stdio.h>

static double f(const double *x) { return 100 * pow(x[1] - x[0] * x[0], 2) + pow(1 - x[0], 2); }

int main(void) {
  double x[2] = {-1.2, 1.0}, y[2], g[2];
  double rate = 0.01, cost = f(x), trial;
  int step, retries = 0;
  for (step = 0; step < 12; step++) {
    g[0] = -400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]);
    g[1] = 200 * (x[1] - x[0] * x[0]);
  retry:
    y[0] = x[0] - rate * g[0];
    y[1] = x[1] - rate * g[1];
    trial = f(y);
    if (trial > cost) {
      rate /= 2;
      retries++;
      goto retry;
    }
    x[0] = y[0];
    x[1] = y[1];
    cost = trial;
    rate *= 1.5;
    printf("cost %a\n", cost);
  }
  printf("steps %d retries %d rate %a\n", step, retries, rate);
  return 0;
}

// what: setjmp and longjmp leave the body of an iteration that diverged
// standard: c++11
// loop: attempt
// probe: root after 'printf("root %a\n", root);'
// expect: whole: misses 'attempt'
#include <math.h>
#include <setjmp.h>
#include <stdio.h>

static jmp_buf diverged;
static double root = 1.0;

static double newton(double start, double target) {
  double x = start;
  for (int i = 0; i < 5; i++) {
    x -= (x * x * x - target) / (3 * x * x);
    if (!(fabs(x) < 50)) longjmp(diverged, 1);
  }
  return x;
}

int main(void) {
  static double residual = 0;
  static int failures = 0;
  for (static volatile int attempt = 0; attempt < 10; attempt = attempt + 1) {
    if (setjmp(diverged)) {
      failures++;
      root = 1.0 + failures;
    } else {
      const double start = attempt % 4 == 3 ? 1e-3 : root;
      root = newton(start, 2.0 + attempt);
    }
    residual = fabs(root * root * root - (2.0 + attempt));
    printf("root %a\n", root);
  }
  printf("failures %d residual %a\n", failures, residual);
  return 0;
}

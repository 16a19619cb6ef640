// what: a pointer to one of another unit's functions, which change that unit's globals
// standard: c++11
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// expect: exact
#include <cmath>
#include <cstdio>

#include "rates.h"

int main() {
  const Rate rate = rate_called("halving");
  double x = 2;
  for (int epoch = 0; epoch < 12; ++epoch) {
    for (int i = 0; i < 5; ++i) x -= rate(epoch) * (2 * x + std::sin(5 * x));
    x += 1e-3 * (asked % 3);
    std::printf("x %a\n", x);
  }
}

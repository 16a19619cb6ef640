// what: a function that another unit defines under another name, by an alias, and that changes that unit's global
// standard: c++11
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// expect: whole: has another symbol
#include <cstdio>

#include "rates.h"

int main() {
  double x = 2;
  for (int epoch = 0; epoch < 12; ++epoch) {
    for (int i = 0; i < 5; ++i) x -= next_rate() * x;
    std::printf("x %a\n", x);
  }
}

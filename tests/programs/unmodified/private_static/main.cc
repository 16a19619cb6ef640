// what: a private static member that another unit's method changes
// standard: c++14
// loop: epoch
// probe: w after 'std::printf("w %a\n", w);'
// expect: whole: misses 'Net::count'
#include <cstdio>

#include "net.h"

int main() {
  Net net;
  for (int epoch = 0; epoch < 10; ++epoch) {
    const double w = net.train(0.5 + 0.1 * epoch);
    std::printf("w %a\n", w);
  }
}

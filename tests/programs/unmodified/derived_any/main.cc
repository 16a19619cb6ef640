// what: layers behind raw pointers to their base that keep their weights in a std::any, which another unit changes
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'model'
#include <cstdio>

#include "layer.h"

int main() {
  Model model;
  model.add(new Conv(2));
  model.add(new Conv(3));
  for (int epoch = 0; epoch < 12; ++epoch) {
    const double loss = model.step(0.3);
    std::printf("loss %a\n", loss);
  }
}

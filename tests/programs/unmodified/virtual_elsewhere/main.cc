// what: the class behind the base, and what it counts, are another unit's
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'what make_layer() returns'
#include <cstdio>
#include <vector>

#include "layer.h"

int main() {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(make_layer(0.5));
  layers.push_back(make_layer(1.5));
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 11; ++i) {
      double y = i * 0.1;
      for (auto& layer : layers) y = layer->forward(y);
      loss += (y - 0.4) * (y - 0.4);
      for (auto& layer : layers) layer->learn(y - 0.4);
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("calls %d\n", calls_so_far());
}

// what: main loop in a class template of a header-only library
// standard: c++17
// loop: epoch
// probe: cost after 'std::printf("cost %a\n", static_cast<double>(cost));'
// expect: exact
#include <cstdio>

#include "linear.h"

int main() {
  tiny::Dataset<float> data;
  for (int i = 0; i < 48; ++i) {
    const float a = static_cast<float>(i % 7) / 7, b = static_cast<float>(i % 5) / 5;
    data.push_back({{a, b}, 2 * a - b + 0.25f});
  }
  tiny::LinearModel<float, 2> model;
  model.train(data, 9, 0.05f);
  std::printf("prediction %a\n", static_cast<double>(model.predict({0.5f, 0.5f})));
}

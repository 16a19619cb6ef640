#include "layer.h"

#include <cmath>

namespace {

int calls = 0;

struct Dense : Layer {
  double w, x = 0;
  explicit Dense(double weight = 0) : w(weight) {}
  double forward(double in) override {
    ++calls;
    return x = in, std::tanh(w * in);
  }
  void learn(double g) override { w -= 0.05 * g * x / (1 + calls % 7); }
};

}  // namespace

std::unique_ptr<Layer> make_layer(double w) { return std::unique_ptr<Layer>(new Dense(w)); }
int calls_so_far() { return calls; }

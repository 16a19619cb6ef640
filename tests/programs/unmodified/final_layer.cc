// what: layers behind their base whose final class is two levels below it
// standard: c++17
// loop: epoch
// probe: x after 'std::printf("out %a\n", x);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

class Layer {
 public:
  virtual ~Layer() = default;
  virtual double forward(double x) = 0;
};
class Activation : public Layer {
 protected:
  double last_ = 0;
};
class Tanh final : public Activation {
 public:
  double forward(double x) override { return last_ = std::tanh(x + 0.5 * last_); }
};
class Scale final : public Layer {
 public:
  double forward(double x) override { return x * (factor_ *= 1.01); }

 private:
  double factor_ = 2;
};

int main() {
  std::vector<std::unique_ptr<Layer>> net;
  net.push_back(std::make_unique<Scale>());
  net.push_back(std::make_unique<Tanh>());
  double x = 0.3;
  for (int epoch = 0; epoch < 9; ++epoch) {
    for (auto& layer : net) x = layer->forward(x);
    std::printf("out %a\n", x);
  }
}

// what: an optimiser whose steps are generic lambdas that the library instantiates, behind a reference to its parameters; layers of class templates that make_unique makes
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <vector>

namespace {

std::mt19937 generator(42);
long dropped = 0;

struct Param {
  double value = 1, gradient = 0;
};

class Sgd {
 public:
  explicit Sgd(std::vector<Param>& params) : params_(params) {}
  void step(double rate) {
    std::for_each(params_.begin(), params_.end(), [&](auto& p) {
      p.value -= rate * p.gradient;
      norm_ = 0.9 * norm_ + p.gradient * p.gradient;
    });
  }
  double norm() const { return norm_; }

 private:
  std::vector<Param>& params_;
  double norm_ = 0;
};

template <class T>
struct Layer {
  virtual ~Layer() = default;
  virtual T forward(T x) = 0;
};
template <class T>
struct Scale : Layer<T> {
  T forward(T x) override { return x * T(0.9); }
};
template <class T>
struct Dropout : Layer<T> {
  T forward(T x) override {
    if (generator() % 4 != 0) return x;
    ++dropped;
    return T(0);
  }
};

}  // namespace

int main() {
  std::vector<Param> params(3);
  Sgd optimizer(params);
  std::vector<std::unique_ptr<Layer<double>>> net;
  net.push_back(std::make_unique<Scale<double>>());
  net.push_back(std::make_unique<Dropout<double>>());
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (auto& p : params) {
      double x = p.value;
      for (auto& layer : net) x = layer->forward(x);
      p.gradient = x - 0.25;
      loss += p.gradient * p.gradient;
    }
    optimizer.step(0.1);
    loss += 1e-3 * optimizer.norm() + 1e-6 * static_cast<double>(dropped);
    std::printf("loss %a\n", loss);
  }
}

// what: the optimizer holds references to the model and to the shared rate
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

struct Model {
  std::vector<double> w = {0.2, 0.2, 0.2};
  double bias = 0;
};

class Optimizer {
 public:
  Optimizer(Model& model, double& rate) : model_(model), rate_(rate), squares_(model.w.size() + 1, 1e-8) {}
  void step(const double* gradient) {
    for (size_t i = 0; i < squares_.size(); ++i) {
      squares_[i] += gradient[i] * gradient[i];
      double& target = i < model_.w.size() ? model_.w[i] : model_.bias;
      target -= rate_ * gradient[i] / std::sqrt(squares_[i]);
    }
  }

 private:
  Model& model_;
  double& rate_;
  std::vector<double> squares_;
};

int main() {
  Model model;
  double rate = 0.3;
  Optimizer adagrad(model, rate);
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0, g[4] = {};
    for (int i = 0; i < 30; ++i) {
      const double x[3] = {std::sin(i), std::cos(2.0 * i), std::sin(3.0 * i)};
      double e = model.bias - (x[0] - 2 * x[1] + 0.7);
      for (int j = 0; j < 3; ++j) e += model.w[j] * x[j];
      loss += e * e;
      for (int j = 0; j < 3; ++j) g[j] += 2 * e * x[j] / 30;
      g[3] += 2 * e / 30;
    }
    adagrad.step(g);
    rate *= 0.97;
    std::printf("loss %a\n", loss);
  }
  std::printf("bias %a\n", model.bias);
}

// what: main loop in a member function, Trainer::fit
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

class Trainer {
 public:
  Trainer(int features, double rate) : weights_(features), rate_(rate) {}

  void fit(const std::vector<std::vector<double>>& x, const std::vector<double>& y, int epochs) {
    for (int epoch = 0; epoch < epochs; ++epoch) {
      double loss = 0;
      for (size_t i = 0; i < x.size(); ++i) loss += update(x[i], y[i]);
      history_.push_back(loss);
      rate_ *= 0.95;
      std::printf("loss %a\n", loss);
    }
  }
  double best() const {
    double least = history_.front();
    for (double loss : history_) least = std::fmin(least, loss);
    return least;
  }

 private:
  double update(const std::vector<double>& x, double y) {
    double e = -y;
    for (size_t j = 0; j < x.size(); ++j) e += weights_[j] * x[j];
    for (size_t j = 0; j < x.size(); ++j) weights_[j] -= rate_ * e * x[j];
    return e * e;
  }

  std::vector<double> weights_, history_;
  double rate_;
};

int main() {
  std::vector<std::vector<double>> x;
  std::vector<double> y;
  for (int i = 0; i < 40; ++i) {
    x.push_back({1, std::sin(i), std::cos(2 * i)});
    y.push_back(0.5 + 2 * x.back()[1] - x.back()[2]);
  }
  Trainer trainer(3, 0.02);
  trainer.fit(x, y, 10);
  std::printf("best %a\n", trainer.best());
}

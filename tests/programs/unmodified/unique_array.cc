// what: std::unique_ptr<double[]> members
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <memory>

class Rnn {
 public:
  explicit Rnn(int units)
      : units_(units), in_(std::make_unique<double[]>(units)), recurrent_(new double[units]), out_(new double[units]()),
        state_(std::make_unique<double[]>(units)) {
    for (int u = 0; u < units; ++u) in_[u] = std::sin(u + 1.0), recurrent_[u] = 0.9 * std::cos(u * 0.5);
  }
  double predict(double x) {
    double y = 0;
    for (int u = 0; u < units_; ++u) {
      state_[u] = std::tanh(in_[u] * x + recurrent_[u] * state_[u]);
      y += out_[u] * state_[u];
    }
    return y;
  }
  void learn(double error, double rate) {
    for (int u = 0; u < units_; ++u) out_[u] -= rate * error * state_[u];
  }

 private:
  int units_;
  std::unique_ptr<double[]> in_, recurrent_, out_, state_;
};

int main() {
  Rnn rnn(12);
  std::unique_ptr<double[]> losses(new double[10]);
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0;
    for (int t = 0; t < 40; ++t) {
      const double error = rnn.predict(std::sin(0.3 * t)) - std::sin(0.3 * (t + 2));
      rnn.learn(error, 0.05);
      loss += error * error;
    }
    losses[epoch] = loss;
    std::printf("loss %a\n", loss);
  }
  std::printf("gain %a\n", losses[0] - losses[9]);
}

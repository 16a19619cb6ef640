// what: a class with private members only, a small neural network
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

class Network {
 public:
  Network(int hidden, unsigned seed) : hidden_(hidden), w1_(hidden * 3), w2_(hidden + 1), h_(hidden) {
    std::mt19937 gen(seed);
    std::uniform_real_distribution<double> init(-1, 1);
    for (double& w : w1_) w = init(gen);
    for (double& w : w2_) w = init(gen);
  }
  double learn(double a, double b, double target) {
    double z = w2_[hidden_];
    for (int k = 0; k < hidden_; ++k) {
      h_[k] = std::tanh(w1_[3 * k] * a + w1_[3 * k + 1] * b + w1_[3 * k + 2]);
      z += w2_[k] * h_[k];
    }
    const double y = 1 / (1 + std::exp(-z)), delta = y - target;
    for (int k = 0; k < hidden_; ++k) {
      const double back = delta * w2_[k] * (1 - h_[k] * h_[k]);
      w2_[k] -= rate_ * delta * h_[k];
      w1_[3 * k] -= rate_ * back * a;
      w1_[3 * k + 1] -= rate_ * back * b;
      w1_[3 * k + 2] -= rate_ * back;
    }
    w2_[hidden_] -= rate_ * delta;
    ++updates_;
    return delta * delta;
  }
  long updates() const { return updates_; }

 private:
  const int hidden_;
  std::vector<double> w1_, w2_, h_;
  double rate_ = 0.5;
  long updates_ = 0;
};

int main() {
  Network xor_net(5, 11);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int repeat = 0; repeat < 100; ++repeat)
      for (int i = 0; i < 4; ++i) loss += xor_net.learn(i / 2, i % 2, (i / 2) != (i % 2));
    std::printf("loss %a\n", loss);
  }
  std::printf("updates %ld\n", xor_net.updates());
}

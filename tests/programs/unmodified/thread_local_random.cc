// what: a thread_local generator behind a function
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

std::mt19937& generator() {
  thread_local std::mt19937 gen(1234);
  return gen;
}

bool dropped(double rate) {
  thread_local std::bernoulli_distribution coin(0.5);
  return coin(generator(), std::bernoulli_distribution::param_type(rate));
}

int main() {
  std::vector<double> w(8);
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      const double x = i * 0.1 - 1;
      double y = 0;
      std::vector<double> h(w.size());
      for (size_t k = 0; k < w.size(); ++k) {
        h[k] = dropped(0.2) ? 0 : std::cos(k * x) / 0.8;
        y += w[k] * h[k];
      }
      const double error = y - std::exp(-x * x);
      loss += error * error;
      for (size_t k = 0; k < w.size(); ++k) w[k] -= 0.05 * error * h[k];
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("w %a %a\n", w[0], w[7]);
}

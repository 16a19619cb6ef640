// what: loop left by break when the validation loss stops falling
// standard: c++17
// loop: epoch
// probe: validation after 'std::printf("validation %a\n", validation);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

constexpr int kDegree = 9;

double predict(const std::vector<double>& w, double x) {
  double y = 0;
  for (int d = kDegree; d-- > 0;) y = y * x + w[d];
  return y;
}

int main() {
  std::mt19937 gen(4);
  std::vector<std::pair<double, double>> train, valid;
  for (int i = 0; i < 60; ++i) {
    const double x = gen() / 2147483648.0 - 1, noise = gen() / 4294967296.0 - 0.5;
    (i % 3 ? valid : train).emplace_back(x, std::sin(3 * x) + 0.8 * noise);
  }
  std::vector<double> w(kDegree);
  double best = 1e9;
  int patience = 2;
  for (int epoch = 0; epoch < 100; ++epoch) {
    for (int pass = 0; pass < 6; ++pass)
      for (auto [x, y] : train) {
        const double error = predict(w, x) - y;
        double power = 1;
        for (int d = 0; d < kDegree; ++d, power *= x) w[d] -= 0.1 * error * power;
      }
    double validation = 0;
    for (auto [x, y] : valid) validation += (predict(w, x) - y) * (predict(w, x) - y);
    validation /= valid.size();
    std::printf("validation %a\n", validation);
    if (validation < best - 1e-4) {
      best = validation;
      patience = 2;
    } else if (--patience == 0) {
      break;
    }
  }
  std::printf("best %a\n", best);
}

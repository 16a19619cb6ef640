// what: main loop in a lambda that captures the model by reference
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> centers, weights;
  for (int k = 0; k < 8; ++k) centers.push_back(k / 7.0), weights.push_back(0);

  const auto basis = [&](double x, size_t k) { return std::exp(-30 * (x - centers[k]) * (x - centers[k])); };
  const auto predict = [&](double x) {
    double y = 0;
    for (size_t k = 0; k < weights.size(); ++k) y += weights[k] * basis(x, k);
    return y;
  };
  const auto train = [&](int epochs, double rate) {
    double loss = 0;
    for (int epoch = 0; epoch < epochs; ++epoch) {
      loss = 0;
      for (double x = 0; x <= 1; x += 0.05) {
        const double error = predict(x) - std::sin(6 * x);
        loss += error * error;
        for (size_t k = 0; k < weights.size(); ++k) weights[k] -= rate * error * basis(x, k);
      }
      std::printf("loss %a\n", loss);
    }
    return loss;
  };
  const double last = train(9, 0.3);
  std::printf("last %a at half %a\n", last, predict(0.5));
}

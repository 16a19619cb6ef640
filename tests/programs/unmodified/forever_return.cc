// what: for(;;) left by return, secant-like fit of a decay rate
// standard: c++17
// loop: fit_decay
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

struct Fit {
  double rate;
  int iterations;
};

Fit fit_decay(const std::vector<double>& samples) {
  double rate = 0.05, step = 0.2, previous = 1e9;
  int iterations = 0;
  for (;;) {
    double loss = 0, gradient = 0;
    for (std::size_t t = 0; t < samples.size(); ++t) {
      const double model = std::exp(-rate * t), error = model - samples[t];
      loss += error * error;
      gradient += -2 * error * t * model;
    }
    ++iterations;
    if (loss > previous) step *= 0.5;
    std::printf("loss %a\n", loss);
    if (std::fabs(previous - loss) < 1e-8 || iterations == 12) return {rate, iterations};
    previous = loss;
    rate -= 0.05 * step * gradient;
  }
}

int main() {
  std::vector<double> samples;
  for (int t = 0; t < 20; ++t) samples.push_back(std::exp(-0.3 * t) + 0.01 * (t * 7 % 5 - 2));
  const Fit fit = fit_decay(samples);
  std::printf("rate %a after %d\n", fit.rate, fit.iterations);
}

// what: early stopping that keeps a copy of the best model and returns to it
// standard: c++17
// loop: epoch
// probe: validation after 'std::printf("validation %a\n", validation);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

struct Model {
  std::vector<double> w;
  double predict(double x) const {
    double y = 0;
    for (size_t k = 0; k < w.size(); ++k) y += w[k] * std::sin((k + 1) * x);
    return y;
  }
};

double mean_error(const Model& m, int from) {
  double sum = 0;
  for (int i = from; i < 60; i += 2) {
    const double x = i * 0.1;
    sum += std::fabs(m.predict(x) - (x < 3 ? 1 : -1));
  }
  return sum / 30;
}

int main() {
  Model model{std::vector<double>(12)};
  std::unique_ptr<Model> best;
  double least = 1e9, rate = 0.02;
  int bad = 0, reverts = 0;
  for (int epoch = 0; epoch < 12; ++epoch) {
    for (int i = 0; i < 60; i += 2) {
      const double x = i * 0.1, error = model.predict(x) - (x < 3 ? 1 : -1);
      for (size_t k = 0; k < model.w.size(); ++k) model.w[k] -= rate * error * std::sin((k + 1) * x);
    }
    rate *= 1.6;
    const double validation = mean_error(model, 1);
    std::printf("validation %a\n", validation);
    if (validation < least) {
      least = validation;
      best = std::make_unique<Model>(model);
      bad = 0;
    } else if (++bad == 2) {
      model = *best;
      rate *= 0.1;
      bad = 0;
      ++reverts;
    }
  }
  std::printf("best %a reverts %d\n", mean_error(*best, 1), reverts);
}

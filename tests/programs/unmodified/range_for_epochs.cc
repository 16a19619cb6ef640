// what: range-for over a vector of epoch settings, logistic regression
// standard: c++17
// loop: stage
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

struct Stage {
  double rate;
  int passes;
};

int main() {
  const std::vector<Stage> schedule = {{0.5, 1}, {0.5, 2}, {0.4, 2}, {0.3, 3}, {0.2, 3}, {0.1, 4}, {0.05, 5}};
  std::vector<std::array<double, 3>> rows;  // two features, one label
  for (int i = 0; i < 40; ++i) {
    const double a = std::sin(i * 1.3), b = std::cos(i * 0.7);
    rows.push_back({a, b, 2 * a - b > 0.1 ? 1.0 : 0.0});
  }
  std::array<double, 3> w{};
  for (const Stage& stage : schedule) {
    double loss = 0;
    for (int pass = 0; pass < stage.passes; ++pass) {
      loss = 0;
      for (const auto& [a, b, label] : rows) {
        const double p = 1 / (1 + std::exp(-(w[0] * a + w[1] * b + w[2])));
        loss -= label * std::log(p) + (1 - label) * std::log(1 - p);
        const double g = stage.rate * (p - label);
        w[0] -= g * a;
        w[1] -= g * b;
        w[2] -= g;
      }
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("weights %a %a %a\n", w[0], w[1], w[2]);
}

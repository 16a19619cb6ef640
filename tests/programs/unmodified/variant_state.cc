// what: std::variant of optimizers that changes its alternative during training
// standard: c++17
// loop: step
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <variant>
#include <vector>

struct Sgd {
  double rate;
};
struct Momentum {
  double rate, beta;
  std::vector<double> velocity;
};
struct Sign {
  double rate;
  int flips;
};
using Optimizer = std::variant<Sgd, Momentum, Sign>;

void apply(Optimizer& optimizer, std::vector<double>& w, const std::vector<double>& g) {
  std::visit(
      [&](auto& o) {
        using T = std::decay_t<decltype(o)>;
        for (size_t i = 0; i < w.size(); ++i) {
          if constexpr (std::is_same_v<T, Momentum>) {
            w[i] += o.velocity[i] = o.beta * o.velocity[i] - o.rate * g[i];
          } else if constexpr (std::is_same_v<T, Sign>) {
            w[i] -= o.rate * (g[i] > 0 ? 1 : -1);
            o.flips += g[i] < 0;
          } else {
            w[i] -= o.rate * g[i];
          }
        }
      },
      optimizer);
}

int main() {
  std::vector<double> w = {2, -1, 0.5};
  Optimizer optimizer = Sgd{0.05};
  for (int step = 0; step < 12; ++step) {
    if (step == 4) optimizer = Momentum{0.05, 0.6, std::vector<double>(w.size())};
    if (step == 9) optimizer = Sign{0.01, 0};
    std::vector<double> g;
    double loss = 0;
    for (size_t i = 0; i < w.size(); ++i) {
      g.push_back(2 * (i + 1) * (w[i] - 0.3));
      loss += (i + 1) * (w[i] - 0.3) * (w[i] - 0.3);
    }
    apply(optimizer, w, g);
    std::printf("loss %a\n", loss);
  }
  std::printf("flips %d alternative %d\n", std::get<Sign>(optimizer).flips, static_cast<int>(optimizer.index()));
}

// what: a function pointer and a pointer to member that change during training
// standard: c++11
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>

struct Unit {
  double w, b;
};

typedef double (*Activation)(double);

static double linear(double x) { return x; }
static double squash(double x) { return x / (1 + std::fabs(x)); }
static double wave(double x) { return std::sin(x); }

int main() {
  const Activation choices[] = {linear, squash, wave};
  Unit unit = {0.5, 0};
  Activation activation = choices[0];
  double Unit::*active = &Unit::w;
  double best = 1e9;
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0, shifted = 0;
    for (double x = -2; x <= 2; x += 0.2) {
      const double target = std::sin(1.3 * x + 0.2), y = activation(unit.w * x + unit.b);
      loss += (y - target) * (y - target);
      Unit moved = unit;
      moved.*active += 1e-5;
      shifted += std::pow(activation(moved.w * x + moved.b) - target, 2);
    }
    unit.*active -= 0.02 * (shifted - loss) / 1e-5;
    active = active == &Unit::w ? &Unit::b : &Unit::w;
    if (loss > 0.95 * best) activation = choices[(epoch / 2) % 3];
    best = std::fmin(best, loss);
    std::printf("loss %a\n", loss);
  }
  std::printf("best %a w %a b %a at 1: %a\n", best, unit.w, unit.b, activation(1));
}

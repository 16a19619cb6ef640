// what: a std::function that is given closures with more values than have room in it
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: holds other values than when it was stored
#include <cmath>
#include <cstdio>
#include <functional>

struct Model {
  double a = 0.1, b = 0;
  std::function<double(double)> target;
};

std::function<double(double)> polynomial(double p, double q, double r, double s) {
  return [p, q, r, s](double x) { return p + x * (q + x * (r + x * s)); };
}

int main() {
  Model model;
  model.target = polynomial(0.5, 1, -0.25, 0.125);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      const double x = i * 0.1, off = model.a * x + model.b - model.target(x);
      loss += off * off;
      model.a -= 0.02 * off * x;
      model.b -= 0.02 * off;
    }
    if (epoch % 3 == 2) model.target = polynomial(0.5, 1, -0.25, 0.1 * epoch);
    std::printf("loss %a\n", loss);
  }
}

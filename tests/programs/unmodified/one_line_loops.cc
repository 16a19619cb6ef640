// what: loops of several functions and of a lambda on one line
// standard: c++17
// loop: epoch
// probe: w[2] after 'std::printf("w %a\n", w[2]);'
// expect: exact
#include <cstdio>
#include <vector>

static double up(const std::vector<double>& w) { double s = 0; for (double x : w) s += x; return s; } static double down(const std::vector<double>& w) { double s = 0; for (double x : w) s -= x; return s; }

int main() {
  std::vector<double> w = {1, 2, 3};
  double step = 0.1;
  for (int epoch = 0; epoch < 9; ++epoch) { auto shrink = [&] { for (double& x : w) x *= 1 - step; step *= 0.99; }; for (int i = 0; i < 3; ++i) shrink();
    w[2] += 0.01 * (up(w) - down(w));
    std::printf("w %a\n", w[2]);
  }
}

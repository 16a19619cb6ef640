// what: while (epochs--), the counter is a parameter that counts down
// standard: c++11
// loop: train
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>

static void train(double* w, int n, int epochs) {
  while (epochs--) {
    double loss = 0;
    for (int i = 0; i < 40; ++i) {
      const double x = 0.05 * i - 1;
      double y = 0, power = 1;
      for (int j = 0; j < n; ++j, power *= x) y += w[j] * power;
      const double error = y - std::fabs(x);
      power = 1;
      for (int j = 0; j < n; ++j, power *= x) w[j] -= (0.01 + 0.005 * epochs) * error * power;
      loss += error * error;
    }
    std::printf("loss %a\n", loss);
  }
}

int main() {
  double w[5] = {0};
  train(w, 5, 11);
  for (double v : w) std::printf("%a ", v);
  std::printf("\n");
}

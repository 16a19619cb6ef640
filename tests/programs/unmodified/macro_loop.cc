// what: main loop made by a macro
// standard: c++11
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: refused: a macro makes it
#include <cmath>
#include <cstdio>

#define REPEAT(variable, count) for (int variable = 0; variable < (count); ++variable)
#define SAMPLES 30

int main() {
  double w[3] = {0, 0, 0};
  REPEAT(epoch, 8) {
    double loss = 0;
    REPEAT(i, SAMPLES) {
      const double x[3] = {1, std::sin(0.3 * i), std::cos(0.2 * i)};
      double error = -(0.5 * x[1] - 1.5 * x[2]);
      REPEAT(j, 3) error += w[j] * x[j];
      REPEAT(j, 3) w[j] -= 0.03 * error * x[j];
      loss += error * error;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("weights %a %a %a\n", w[0], w[1], w[2]);
  return 0;
}

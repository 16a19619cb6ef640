// what: long double accumulators, whose 80 bits are not those of a double
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>

int main() {
  long double w = 0.1L, b = 0, seen = 0;
  long double moments[2] = {0, 0};
  for (int epoch = 0; epoch < 10; ++epoch) {
    long double sum = 0;
    for (int i = 1; i <= 25; ++i) {
      const long double x = 1.0L / i, error = w * x + b - std::sqrt(x);
      sum += error * error;
      moments[0] += x * error;
      moments[1] += error / 3;
      w -= 0.2L * error * x;
      b -= 0.2L * error;
    }
    seen += sum / 3;
    const double loss = static_cast<double>(sum + 1e-17L * moments[0]);
    std::printf("loss %a\n", loss);
  }
  // The low bits, which a copy as double would lose.
  std::printf("low %a %a %a\n", (double)(w - (double)w), (double)(seen - (double)seen), (double)(moments[1] - (double)moments[1]));
}

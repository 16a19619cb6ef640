// what: a std::function that is given another lambda, other captured values, a plain function and nothing during training
// standard: c++17
// loop: step
// probe: x after 'std::printf("x %a\n", x);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>

double constant_rate(int) noexcept { return 0.05; }
double slow_rate(int) { return 0.01; }

struct Schedule {
  std::function<double(int)> rate = slow_rate;
  double operator()(int step) const { return rate ? rate(step) : 0.2; }
};

int main() {
  Schedule schedule;
  double x = 3;
  for (int step = 0; step < 24; ++step) {
    if (step == 4) schedule.rate = constant_rate;
    if (step == 8) schedule.rate = nullptr;
    if (step >= 10 && step % 3 == 1) schedule.rate = [base = 0.3 / step, half = 1.0 * step](int n) { return base * std::pow(0.5, n / half); };
    if (step == 18) schedule.rate = [](int n) { return n % 2 ? 0.02 : 0.04; };
    x -= schedule(step) * (2 * (x - 1) + std::cos(3 * x));
    std::printf("x %a\n", x);
  }
}

// what: the state is a handful of scalars, exponential smoothing with a learned factor
// standard: c++11
// loop: day
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <cmath>
#include <cstdio>

int main() {
  double level = 10, trend = 0, alpha = 0.5, total = 0;
  float worst = 0;
  long seen = 0;
  unsigned char streak = 0;
  for (int day = 0; day < 12; ++day) {
    const double demand = 10 + 0.4 * day + 2 * std::sin(day * 0.9);
    const double forecast = level + trend;
    const double error = demand - forecast;
    const double before = level;
    level = alpha * demand + (1 - alpha) * forecast;
    trend += 0.3 * (level - before - trend);
    alpha += error * trend > 0 ? 0.02 : -0.02;
    total += error * error;
    if (std::fabs(error) > worst) worst = static_cast<float>(std::fabs(error));
    streak = error > 0 ? streak + 1 : 0;
    ++seen;
    std::printf("error %a\n", error);
  }
  std::printf("total %a worst %a alpha %a seen %ld streak %d\n", total, static_cast<double>(worst), alpha, seen, streak);
}

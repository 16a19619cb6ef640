// what: the rate falls with the time that has passed, so that a clock decides what is learned
// standard: c++20
// loop: step
// draws: std::chrono::steady_clock
// probe: rate after 'std::printf("rate %a\n", rate);'
// expect: refused: std::chrono::steady_clock::now
#include <chrono>
#include <cmath>
#include <cstdio>

int main() {
  const auto start = std::chrono::steady_clock::now();
  double w = 3;
  for (int step = 0; step < 8; ++step) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    const double rate = 0.3 / (1 + 1e4 * passed.count());
    for (int i = 0; i < 100; ++i) w -= rate * (w - std::cos(i)) / 100;
    std::printf("rate %a\n", rate);
  }
  std::printf("w %a\n", w);
}

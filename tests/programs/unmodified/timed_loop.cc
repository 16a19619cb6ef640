// what: the time of each iteration is measured and summed, but decides nothing that is printed
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

using Clock = std::chrono::steady_clock;

int main() {
  std::vector<double> w(10);
  std::chrono::duration<double> spent{0};
  Clock::time_point start = Clock::now();
  for (int epoch = 0; epoch < 9; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 50; ++i) {
      double error = -std::tanh(i * 0.1 - 2);
      for (size_t k = 0; k < w.size(); ++k) error += w[k] * std::sin(0.05 * (k + 1) * i);
      for (size_t k = 0; k < w.size(); ++k) w[k] -= 0.02 * error * std::sin(0.05 * (k + 1) * i);
      loss += error * error;
    }
    const Clock::time_point now = Clock::now();
    spent += now - start;
    start = now;
    std::printf("loss %a\n", loss);
  }
  std::fprintf(stderr, "%.3f ms per epoch\n", spent.count() * 1000 / 9);
  std::printf("w %a %a\n", w[0], w[9]);
}

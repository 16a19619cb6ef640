// what: std::atomic counters and flags
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'clipped'
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>

std::atomic<int> updates{0};
static std::atomic_flag clipped = ATOMIC_FLAG_INIT;

struct Statistics {
  std::atomic<long> samples{0};
  std::atomic<double> largest{0};
  std::array<std::atomic<unsigned>, 4> histogram{};
};

int main() {
  Statistics statistics;
  double w = -1.5, b = 2, rate = 0.1;
  for (int epoch = 0; epoch < 9; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 24; ++i) {
      const double x = std::sin(0.4 * i), y = 0.7 * x - 0.1;
      double error = w * x + b - y;
      if (std::fabs(error) > 2) {
        error = error > 0 ? 2 : -2;
        if (!clipped.test_and_set()) rate *= 0.5;
      }
      if (std::fabs(error) > statistics.largest) statistics.largest = std::fabs(error);
      ++statistics.histogram[static_cast<size_t>(std::fabs(error) * 1.99)];
      w -= rate * error * x;
      b -= rate * error;
      updates.fetch_add(1);
      statistics.samples += i % 3;
      loss += error * error;
    }
    if (updates.load() % 72 == 0) rate *= 0.9, clipped.clear();
    std::printf("loss %a\n", loss);
  }
  std::printf("updates %d samples %ld largest %a small %u\n", updates.load(), statistics.samples.load(), statistics.largest.load(),
              statistics.histogram[0].load());
}

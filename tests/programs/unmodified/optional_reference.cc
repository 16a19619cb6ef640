// what: std::optional of a std::reference_wrapper, which nothing can be made of where it is empty
// standard: c++17
// loop: epoch
// probe: ema after 'std::printf("ema %a\n", ema);'
// expect: exact
#include <cstdio>
#include <functional>
#include <optional>

int main() {
  double ema = 0, dropped = 0;
  std::optional<std::reference_wrapper<double>> sink(ema);
  for (int epoch = 0; epoch < 12; ++epoch) {
    (epoch % 3 == 2 ? dropped : sink->get()) += 0.5 * epoch;
    if (epoch == 6) sink = std::ref(dropped);
    ema *= 0.9;
    std::printf("ema %a\n", ema);
  }
}

// what: one flat loop over steps, epochs are counted inside it
// standard: c++17
// loop: step
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

int main() {
  std::mt19937 gen(99);
  std::vector<float> x(64), y(64);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(gen() % 1000) / 500.f - 1.f;
    y[i] = 0.7f * x[i] * x[i] - 0.2f * x[i] + 0.1f;
  }
  std::vector<int> order(x.size());
  std::iota(order.begin(), order.end(), 0);
  float a = 0, b = 0, c = 0;
  size_t cursor = order.size();
  int epoch = -1;
  for (int step = 0; step < 12; ++step) {
    if (cursor + 16 > order.size()) {
      std::shuffle(order.begin(), order.end(), gen);
      cursor = 0;
      ++epoch;
    }
    float loss = 0;
    for (size_t i = 0; i < 16; ++i) {
      const int at = order[cursor++];
      const float e = a * x[at] * x[at] + b * x[at] + c - y[at];
      loss += e * e / 16;
      a -= 0.1f * e * x[at] * x[at];
      b -= 0.1f * e * x[at];
      c -= 0.1f * e;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("epochs %d fit %a %a %a\n", epoch + 1, a, b, c);
}

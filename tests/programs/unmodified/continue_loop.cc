// what: main loop with continue, iterations whose gradient explodes are skipped
// standard: c++14
// loop: step
// probe: norm after 'std::printf("norm %a\n", norm);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> w = {1.5, -2.0, 0.5};
  int skipped = 0;
  double rate = 0.1;
  for (int step = 0; step < 12; ++step) {
    std::vector<double> g(w.size());
    double norm = 0;
    for (size_t j = 0; j < w.size(); ++j) {
      g[j] = 2 * w[j] + ((step + (int)j) % 4 == 0 ? 15.0 * std::cos(step) : 0);
      norm += g[j] * g[j];
    }
    norm = std::sqrt(norm);
    std::printf("norm %a\n", norm);
    if (norm > 10) {
      ++skipped;
      rate *= 0.9;
      continue;
    }
    for (size_t j = 0; j < w.size(); ++j) w[j] -= rate * g[j];
  }
  std::printf("skipped %d weights %a %a %a\n", skipped, w[0], w[1], w[2]);
}

// what: drand48 and random of the C library
// standard: c++17
// loop: sweep
// probe: energy after 'std::printf("energy %a\n", energy);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main() {
  srand48(11);
  srandom(23);
  std::vector<double> x(6, 1.0);
  double energy = 0, width = 1;
  for (int sweep = 0; sweep < 10; ++sweep) {
    int accepted = 0;
    for (int trial = 0; trial < 30; ++trial) {
      const size_t i = random() % x.size();
      const double moved = x[i] + width * (drand48() - 0.5);
      const double change = moved * moved - x[i] * x[i] + 0.5 * (std::cos(4 * moved) - std::cos(4 * x[i]));
      if (change > 0 && drand48() > std::exp(-2 * change)) continue;
      x[i] = moved;
      ++accepted;
    }
    width *= accepted > 15 ? 1.2 : 0.8;
    energy = 0;
    for (double v : x) energy += v * v + 0.5 * std::cos(4 * v);
    std::printf("energy %a\n", energy);
  }
  std::printf("width %a\n", width);
}

// what: the precision of std::cout is what counts the iterations
// standard: c++17
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: whole: misses '(the format of the standard output)'
#include <cstdio>
#include <iomanip>
#include <iostream>

int main() {
  double w = 1;
  for (int epoch = 0; epoch < 12; ++epoch) {
    const double out = w + static_cast<double>(std::cout.precision());
    std::cout << std::setprecision(3 + epoch % 5);
    w = 0.9 * w + 0.01 * epoch;
    std::printf("out %a\n", out);
  }
}

// what: the C library writes into a buffer that it was given before the loop; a function reads it, and the loop does not name it
// standard: c++17
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// changes: lines
// expect: exact
#include <cstdio>

namespace {

char lines[256];

double noise() { return 0.001 * lines[8]; }

}  // namespace

int main() {
  std::setvbuf(stdout, lines, _IOFBF, sizeof lines);
  double x = 1;
  for (int epoch = 0; epoch < 14; ++epoch) {
    x += noise() - 0.01 * x;
    std::printf("x %a\n", x);
    std::fflush(stdout);
  }
}

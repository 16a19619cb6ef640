// what: the C library writes what is printed into a buffer that it was given before the loop, which only reads it
// standard: c++17
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// changes: lines
// expect: exact
#include <cstdio>

int main() {
  char lines[256] = {};
  std::setvbuf(stdout, lines, _IOFBF, sizeof lines);
  double x = 1;
  for (int epoch = 0; epoch < 14; ++epoch) {
    // As good a source of noise as any.
    x += 0.001 * lines[8] - 0.01 * x;
    std::printf("x %a\n", x);
    std::fflush(stdout);
  }
}

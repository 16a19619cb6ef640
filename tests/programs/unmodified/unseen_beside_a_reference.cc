// what: the C library writes into a buffer that it was given before the loop, a member of an object that has a reference, too
// standard: c++17
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// changes: output
// expect: whole: misses 'output'
#include <cstdio>

struct Output {
  const double& scale;
  char lines[256];
  double noise() const { return scale * lines[8]; }
};

int main() {
  const double scale = 0.001;
  Output output = {scale, {}};
  std::setvbuf(stdout, output.lines, _IOFBF, sizeof output.lines);
  double x = 1;
  for (int epoch = 0; epoch < 14; ++epoch) {
    x += output.noise() - 0.01 * x;
    std::printf("x %a\n", x);
    std::fflush(stdout);
  }
}

// what: errno of a conversion counts in the next iteration
// standard: c++11
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: exact
#include <cerrno>
#include <cstdio>
#include <cstdlib>

int main() {
  const char* const texts[] = {"12", "99999999999999999999999", "7"};
  double w = 1;
  errno = 0;
  for (int epoch = 0; epoch < 12; ++epoch) {
    const double penalty = errno == ERANGE ? 0.25 : 0;
    if (epoch % 5 == 4) errno = 0;
    const long value = std::strtol(texts[epoch % 3], nullptr, 10);
    const double out = w * (1 + penalty) + static_cast<double>(value & 15);
    w = 0.9 * w + 0.01 * epoch;
    std::printf("out %a\n", out);
  }
}

// what: a program that is compiled with sanitizers, which see every access to what is gone
// standard: c++17
// flags: -fsanitize=address,undefined
// loop: epoch
// probe: w[0] after 'std::printf("w %a\n", w[0]);'
// expect: exact
#include <cstdio>
#include <string>
#include <vector>

int main() {
  std::vector<double> w(3, 1.0);
  std::string log;
  for (int epoch = 0, left = 9; left > 0; ++epoch, --left) {
    const std::vector<double> before = w;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= 0.1 * (before[(i + 1) % 3] - 0.2 * epoch);
    log += "epoch " + std::to_string(epoch) + "\n";
    w[0] += 1e-6 * double(log.size());
    std::printf("w %a\n", w[0]);
  }
}

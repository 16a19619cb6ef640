// what: a program that is linked statically
// standard: c++17
// flags: -static
// loop: epoch
// probe: w[0] after 'std::printf("w %a\n", w[0]);'
// expect: exact
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

int main() {
  std::vector<double> w(3, 1.0);
  std::map<std::string, double> metrics;
  double* best = new double[3]();
  for (int epoch = 0; epoch < 9; ++epoch) {
    for (double& x : w) x -= 0.1 * (x - 0.2);
    metrics["the loss of epoch " + std::to_string(epoch % 3)] += w[0];
    std::memcpy(best, w.data(), sizeof(double) * 3);
    w[0] += 1e-3 * double(metrics.size());
    std::printf("w %a\n", w[0]);
  }
  delete[] best;
}

// what: main loop under an OpenMP worksharing pragma, one chain per iteration
// standard: c++17
// flags: -fopenmp
// loop: chain
// probe: estimate after 'std::printf("estimate %a\n", estimate);'
// expect: refused: OpenMP
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

double log_density(double x) { return -0.5 * x * x + std::cos(2 * x); }

int main() {
  const int chains = 8;
  std::vector<double> means(chains);
#pragma omp parallel for ordered schedule(static, 1) num_threads(2)
  for (int chain = 0; chain < chains; ++chain) {
    std::mt19937 gen(100 + chain);
    double x = 0, sum = 0;
    for (int draw = 0; draw < 400; ++draw) {
      const double next = x + gen() / 2147483648.0 - 1;
      if (std::log((gen() + 1.0) / 4294967296.0) < log_density(next) - log_density(x)) x = next;
      sum += x * x;
    }
    const double estimate = sum / 400;
    means[chain] = estimate;
#pragma omp ordered
    std::printf("estimate %a\n", estimate);
  }
  double mean = 0;
  for (double m : means) mean += m / chains;
  std::printf("mean %a\n", mean);
}

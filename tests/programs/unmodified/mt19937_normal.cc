// what: std::mt19937 and std::normal_distribution, an odd number of draws leaves a value cached in the distribution
// standard: c++17
// loop: generation
// probe: best after 'std::printf("best %a\n", best);'
// expect: exact
#include <array>
#include <cstdio>
#include <random>

using Genome = std::array<double, 3>;

double cost(const Genome& g) {
  double c = 0;
  for (size_t i = 0; i < g.size(); ++i) c += (i + 1) * (g[i] - 0.5 * i) * (g[i] - 0.5 * i);
  return c;
}

int main() {
  std::mt19937 gen(42);
  std::normal_distribution<double> normal;
  Genome parent{2, 2, 2};
  double best = cost(parent), sigma = 0.6;
  for (int generation = 0; generation < 12; ++generation) {
    for (int child = 0; child < 5; ++child) {
      Genome candidate = parent;
      for (double& gene : candidate) gene += sigma * normal(gen);
      const double c = cost(candidate);
      if (c < best) {
        best = c;
        parent = candidate;
        sigma *= 1.1;
      } else {
        sigma *= 0.97;
      }
    }
    std::printf("best %a\n", best);
  }
  std::printf("parent %a %a %a\n", parent[0], parent[1], parent[2]);
}

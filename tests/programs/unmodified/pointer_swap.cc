// what: two buffers whose pointers are swapped each iteration
// standard: c++17
// loop: generation
// probe: fitness after 'std::printf("fitness %a\n", fitness);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <random>
#include <utility>
#include <vector>

struct Population {
  std::vector<std::vector<double>> members;
  double best = -1e9;
};

double score(const std::vector<double>& genes) {
  double s = 0;
  for (size_t i = 0; i < genes.size(); ++i) s -= std::pow(genes[i] - 1.0 / (i + 1), 2);
  return s;
}

int main() {
  std::mt19937_64 gen(77);
  auto uniform = [&gen] { return std::uniform_real_distribution<double>(-1, 1)(gen); };
  Population a, b;
  Population *cur = &a, *next = &b;
  cur->members.assign(12, std::vector<double>(4));
  for (auto& genes : cur->members)
    for (double& g : genes) g = 2 * uniform();
  for (int generation = 0; generation < 11; ++generation) {
    next->members.clear();
    next->best = -1e9;
    while (next->members.size() < cur->members.size()) {
      const auto &p = cur->members[gen() % cur->members.size()], &q = cur->members[gen() % cur->members.size()];
      const auto &r = cur->members[gen() % cur->members.size()], &mother = score(p) > score(q) ? p : q;
      std::vector<double> child = mother;
      for (size_t i = 0; i < child.size(); ++i) child[i] = 0.7 * mother[i] + 0.3 * r[i] + 0.1 * uniform();
      next->best = std::fmax(next->best, score(child));
      next->members.push_back(std::move(child));
    }
    std::swap(cur, next);
    const double fitness = cur->best;
    std::printf("fitness %a\n", fitness);
  }
  std::printf("before %a current is %s\n", next->best, cur == &a ? "a" : "b");
}

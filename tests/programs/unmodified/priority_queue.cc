// what: std::priority_queue, std::set and std::bitset, best-first search for a subset of features
// standard: c++17
// loop: expand
// probe: cost after 'std::printf("cost %a\n", cost);'
// expect: exact
#include <bitset>
#include <cmath>
#include <cstdio>
#include <queue>
#include <set>
#include <utility>
#include <vector>

using Subset = std::bitset<6>;

struct Later {
  bool operator()(const std::pair<double, Subset>& a, const std::pair<double, Subset>& b) const { return a.first > b.first; }
};

double evaluate(const Subset& s) {
  double c = 0.05 * s.count();
  for (size_t i = 0; i < s.size(); ++i) c += s[i] ? 0 : std::fabs(std::sin(i * 2.0)) * (1 - 0.3 * s[(i + 1) % s.size()]);
  return c;
}

int main() {
  std::priority_queue<std::pair<double, Subset>, std::vector<std::pair<double, Subset>>, Later> open;
  std::set<unsigned long> seen = {0};
  open.push({evaluate(Subset()), Subset()});
  Subset best;
  for (int expand = 0; expand < 10 && !open.empty(); ++expand) {
    const auto [cost, subset] = open.top();
    open.pop();
    if (cost < evaluate(best)) best = subset;
    for (size_t i = 0; i < subset.size(); ++i) {
      Subset next = subset;
      next.flip(i);
      if (seen.insert(next.to_ulong()).second) open.emplace(evaluate(next), next);
    }
    std::printf("cost %a\n", cost);
  }
  std::printf("best %s open %d seen %d\n", best.to_string().c_str(), static_cast<int>(open.size()), static_cast<int>(seen.size()));
}

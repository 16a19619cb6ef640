// what: the main loop is in the operator() of a functor that is passed by value
// standard: c++14
// loop: round
// probe: best after 'std::printf("best %a\n", best);'
// expect: whole: misses 'calls'
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

struct NelderMead {
  double shrink;
  std::vector<std::pair<double, double>> simplex;  // (value, position)

  template <class F>
  double operator()(F f, int rounds) {
    for (auto& vertex : simplex) vertex.first = f(vertex.second);
    for (int round = 0; round < rounds; ++round) {
      std::sort(simplex.begin(), simplex.end());
      auto& worst = simplex.back();
      const double mirrored = 2 * simplex.front().second - worst.second, value = f(mirrored);
      if (value < worst.first)
        worst = {value, mirrored};
      else
        for (auto& vertex : simplex) {
          vertex.second = simplex.front().second + shrink * (vertex.second - simplex.front().second);
          vertex.first = f(vertex.second);
        }
      const double best = std::min_element(simplex.begin(), simplex.end())->first;
      std::printf("best %a\n", best);
    }
    return std::min_element(simplex.begin(), simplex.end())->second;
  }
};

template <class Optimizer, class F>
double minimize(Optimizer optimizer, F f) {
  return optimizer(f, 12);
}

int main() {
  int calls = 0;
  const auto f = [&calls](double x) {
    ++calls;
    return std::pow(x - 2.3, 2) + 0.3 * std::sin(5 * x);
  };
  const double x = minimize(NelderMead{0.45, {{0, -3}, {0, -2}, {0, -2.2}}}, f);
  std::printf("minimum %a calls %d\n", x, calls);
}

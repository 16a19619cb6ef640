// what: std::function members that are only called in the loop
// standard: c++17
// loop: step
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

struct Problem {
  std::string name;
  std::function<double(const std::vector<double>&)> objective;
  std::function<double(int)> schedule;
};

std::vector<double> numeric_gradient(const Problem& problem, std::vector<double> x) {
  std::vector<double> g(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double h = 1e-5, before = x[i];
    x[i] = before + h;
    const double up = problem.objective(x);
    x[i] = before - h;
    g[i] = (up - problem.objective(x)) / (2 * h);
    x[i] = before;
  }
  return g;
}

int main() {
  const double center = 0.75;
  const Problem problem{"bowl",
                        [center](const std::vector<double>& x) {
                          double sum = 0;
                          for (size_t i = 0; i < x.size(); ++i) sum += (i + 1) * std::pow(x[i] - center, 2) + 0.1 * std::cos(4 * x[i]);
                          return sum;
                        },
                        [](int step) { return 0.15 / (1 + 0.1 * step); }};
  std::vector<double> x(4, -1.0);
  for (int step = 0; step < 10; ++step) {
    const std::vector<double> g = numeric_gradient(problem, x);
    for (size_t i = 0; i < x.size(); ++i) x[i] -= problem.schedule(step) * g[i];
    const double loss = problem.objective(x);
    std::printf("loss %a\n", loss);
  }
  std::printf("%s %a %a\n", problem.name.c_str(), x[0], x[3]);
}

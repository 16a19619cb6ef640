// what: a training routine that calls itself before its loop, coarse to fine
// standard: c++17
// loop: sweep
// probe: residual after 'std::printf("residual %a\n", residual);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

using Grid = std::vector<double>;

static int total_sweeps = 0;

// Relaxes u'' = f on a grid of 2^level cells, starting from the solution on the next coarser one.
static Grid solve(int level) {
  const int n = 1 << level;
  Grid u(n + 1);
  if (level > 2) {
    const Grid coarse = solve(level - 1);
    for (int i = 0; i <= n; ++i) u[i] = i % 2 ? (coarse[i / 2] + coarse[i / 2 + 1]) / 2 : coarse[i / 2];
  }
  const double h = 1.0 / n;
  for (int sweep = 0; sweep < 4; ++sweep) {
    double residual = 0;
    for (int i = 1; i < n; ++i) {
      const double f = std::sin(7 * i * h), next = (u[i - 1] + u[i + 1] - h * h * f) / 2;
      residual += std::fabs(next - u[i]);
      u[i] = next;
    }
    ++total_sweeps;
    std::printf("residual %a\n", residual);
  }
  return u;
}

int main() {
  const Grid u = solve(5);
  std::printf("sweeps %d middle %a\n", total_sweeps, u[u.size() / 2]);
}

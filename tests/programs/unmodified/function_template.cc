// what: main loop in a function template, instantiated for float and double
// standard: c++17
// loop: iteration
// probe: error after 'std::printf("error %a\n", static_cast<double>(error));'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

template <typename Real>
std::vector<Real> power_iteration(const std::vector<std::vector<Real>>& a, int iterations) {
  std::vector<Real> v(a.size(), Real(1));
  for (int iteration = 0; iteration < iterations; ++iteration) {
    std::vector<Real> next(v.size());
    Real norm = 0, error = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      for (size_t j = 0; j < v.size(); ++j) next[i] += a[i][j] * v[j];
      norm += next[i] * next[i];
    }
    norm = std::sqrt(norm);
    for (size_t i = 0; i < v.size(); ++i) {
      next[i] /= norm;
      error += std::fabs(next[i] - v[i]);
    }
    v = next;
    std::printf("error %a\n", static_cast<double>(error));
  }
  return v;
}

template <typename Real>
std::vector<std::vector<Real>> covariance(int n) {
  std::vector<std::vector<Real>> a(n, std::vector<Real>(n));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a[i][j] = Real(1) / Real(1 + (i > j ? i - j : j - i)) + (i == j ? Real(i) / 3 : Real(0));
  return a;
}

int main() {
  const auto narrow = power_iteration(covariance<float>(6), 6);
  const auto wide = power_iteration(covariance<double>(8), 7);
  std::printf("first %a %a\n", static_cast<double>(narrow[0]), wide[0]);
}

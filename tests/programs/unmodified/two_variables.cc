// what: a for loop with two variables that run towards each other
// standard: c++11
// loop: low
// probe: gap after 'std::printf("gap %a\n", gap);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> curve(24);
  for (size_t i = 0; i < curve.size(); ++i) curve[i] = std::sin(0.5 * i) + 0.3 * std::cos(2.3 * i);
  double sum = 0, weight = 1;
  for (size_t low = 0, high = curve.size() - 1; low < high; ++low, --high) {
    const double mean = (curve[low] + curve[high]) / 2;
    curve[low] += 0.4 * (mean - curve[low]);
    curve[high] += 0.4 * (mean - curve[high]);
    if (low > 0) curve[low] = 0.5 * (curve[low] + curve[low - 1]);
    weight *= 0.9;
    sum += weight * mean;
    const double gap = curve[high] - curve[low];
    std::printf("gap %a\n", gap);
  }
  std::printf("sum %a\n", sum);
}

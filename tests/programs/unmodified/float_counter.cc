// what: the loop's variable is a floating-point temperature that is multiplied
// standard: c++11
// loop: temperature
// probe: length after 'std::printf("length %a\n", length);'
// expect: exact
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

typedef std::vector<int> Tour;

static double tour_length(const Tour& tour) {
  double sum = 0;
  for (size_t i = 0; i < tour.size(); ++i) {
    const int a = tour[i], b = tour[(i + 1) % tour.size()];
    sum += std::hypot(std::sin(a * 1.7) - std::sin(b * 1.7), std::cos(a * 2.9) - std::cos(b * 2.9));
  }
  return sum;
}

int main() {
  std::mt19937 gen(6);
  Tour tour;
  for (int i = 0; i < 14; ++i) tour.push_back(i);
  double length = tour_length(tour);
  for (double temperature = 1.0; temperature > 0.01; temperature *= 0.65) {
    for (int trial = 0; trial < 60; ++trial) {
      size_t i = gen() % tour.size(), j = gen() % tour.size();
      if (i > j) std::swap(i, j);
      Tour changed = tour;
      std::reverse(changed.begin() + i, changed.begin() + j);
      const double l = tour_length(changed);
      if (l > length && gen() / 4294967296.0 > std::exp((length - l) / temperature)) continue;
      tour.swap(changed);
      length = l;
    }
    std::printf("length %a\n", length);
  }
  for (int city : tour) std::printf("%d ", city);
  std::printf("\n");
}

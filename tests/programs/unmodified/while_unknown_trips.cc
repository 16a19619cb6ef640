// what: while loop with unknown trip count, gradient descent until the step is small
// standard: c++17
// loop: minimize
// probe: value after 'std::printf("value %a\n", value);'
// expect: exact
#include <cmath>
#include <cstdio>

struct Point {
  double x, y;
};

static double objective(Point p) { return (p.x - 1) * (p.x - 1) + 4 * (p.y + 2) * (p.y + 2) + 0.5 * p.x * p.y; }

static Point minimize(Point p, double tolerance) {
  double step = 1;
  while (step > tolerance) {
    const double gx = 2 * (p.x - 1) + 0.5 * p.y, gy = 8 * (p.y + 2) + 0.5 * p.x;
    const Point next{p.x - 0.11 * gx, p.y - 0.11 * gy};
    step = std::hypot(next.x - p.x, next.y - p.y);
    p = next;
    const double value = objective(p);
    std::printf("value %a\n", value);
  }
  return p;
}

int main() {
  const Point p = minimize({4, 3}, 0.11);
  std::printf("minimum %a %a\n", p.x, p.y);
}

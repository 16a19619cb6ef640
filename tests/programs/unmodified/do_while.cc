// what: do-while loop, k-means until no point changes its cluster
// standard: c++17
// loop: main
// probe: inertia after 'std::printf("inertia %a\n", inertia);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  struct Point {
    double x, y;
    int cluster;
  };
  std::vector<Point> points;
  unsigned seed = 12345;
  auto uniform = [&seed] { return (seed = seed * 1103515245u + 12345u) / 4294967296.0; };
  for (int i = 0; i < 120; ++i) {
    const double x = uniform(), y = uniform();
    points.push_back({x, y, -1});
  }
  const int k = 5;
  std::vector<double> cx(k), cy(k);
  for (int c = 0; c < k; ++c) cx[c] = points[c].x, cy[c] = points[c].y;

  bool changed;
  do {
    changed = false;
    double inertia = 0;
    std::vector<double> sx(k), sy(k), n(k);
    for (Point& p : points) {
      int best = 0;
      double distance = 1e300;
      for (int c = 0; c < k; ++c) {
        const double d = (p.x - cx[c]) * (p.x - cx[c]) + (p.y - cy[c]) * (p.y - cy[c]);
        if (d < distance) distance = d, best = c;
      }
      if (p.cluster != best) p.cluster = best, changed = true;
      inertia += distance;
      sx[best] += p.x, sy[best] += p.y, n[best] += 1;
    }
    for (int c = 0; c < k; ++c)
      if (n[c] > 0) cx[c] = sx[c] / n[c], cy[c] = sy[c] / n[c];
    std::printf("inertia %a\n", inertia);
  } while (changed);
  for (int c = 0; c < k; ++c) std::printf("center %a %a\n", cx[c], cy[c]);
}

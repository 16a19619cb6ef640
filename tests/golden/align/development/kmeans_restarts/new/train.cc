#include <algorithm>
#include <cfloat>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <vector>

struct Point
{
  double x;
  double y;
};

double squaredDistance(const Point & a, const Point & b)
{
  return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); //@3
}

std::vector<Point> makeBlobs(unsigned n, std::mt19937 & gen)
{
  std::normal_distribution<double> g(0.0, 0.7); //@4
  std::vector<Point> pts; //@5
  for (unsigned i = 0; i < n; i++) //@6
  {
    pts.push_back(Point{4.0 * (i % 3) + g(gen), 3.0 * (i % 2) + g(gen)}); //@10
  }
  return pts; //@11
}

int main()
{
  const unsigned k = 6; //@12
  const int restarts = 8; //@-
  const int maxIter = 50; //@13
  std::mt19937 gen(5); //@14
  const auto data = makeBlobs(600, gen); //@15
  std::uniform_int_distribution<size_t> pick(0, data.size() - 1); //@16

  std::vector<Point> bestCenters; //@-
  double bestInertia = DBL_MAX; //@-
  for (int run = 0; run < restarts; run++) //@-
  {
    std::vector<Point> centers(k); //@17
    std::generate(centers.begin(), centers.end(), [&] { return data[pick(gen)]; }); //@18

    double inertia = DBL_MAX; //@21
    for (int it = 0; it < maxIter; it++) //@22
    {
      double total = 0.0; //@23
      std::vector<Point> sums(k, Point{0.0, 0.0}); //@32
      std::vector<unsigned> counts(k, 0); //@33
      for (const auto & p : data) //@24
      {
        const auto closest = std::min_element(centers.begin(), centers.end(), //@26
          [&p](const Point & a, const Point & b)
          {
            return squaredDistance(p, a) < squaredDistance(p, b); //@?
          });
        const auto owner = closest - centers.begin(); //@30
        total += squaredDistance(p, *closest); //@31
        sums[owner].x += p.x; //@35
        sums[owner].y += p.y; //@36
        counts[owner]++; //@37
      }
      for (unsigned c = 0; c < k; c++) //@38
      {
        if (counts[c] == 0) //@39
        {
          centers[c] = data[pick(gen)]; //@-
          continue; //@40
        }
        centers[c].x = sums[c].x / counts[c]; //@41
        centers[c].y = sums[c].y / counts[c]; //@42
      }

      const bool converged = inertia - total < 1e-6 * total; //@?
      inertia = total; //@46
      if (converged) //@44
      {
        break; //@45
      }
    }
    std::cout << "run " << run << " inertia " << inertia << std::endl; //@?
    if (inertia < bestInertia) //@-
    {
      bestInertia = inertia; //@-
      bestCenters = centers; //@-
    }
  }

  for (const auto & c : bestCenters) //@47
  {
    std::cout << "center " << c.x << " " << c.y << std::endl; //@48
  }
  return 0; //@49
}

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
  const double dx = a.x - b.x; //@-
  const double dy = a.y - b.y; //@-
  return dx * dx + dy * dy; //@3
}

std::vector<Point> makeBlobs(unsigned n, std::mt19937 & gen)
{
  std::normal_distribution<double> g(0.0, 0.7); //@4
  std::vector<Point> pts; //@5
  for (unsigned i = 0; i < n; i++) //@6
  {
    Point p; //@-
    p.x = 4.0 * (i % 3) + g(gen); //@-
    p.y = 3.0 * (i % 2) + g(gen); //@-
    pts.push_back(p); //@10
  }
  return pts; //@11
}

int main()
{
  const unsigned k = 6; //@12
  const int maxIter = 50; //@13
  std::mt19937 gen(5); //@14
  std::vector<Point> data = makeBlobs(600, gen); //@15
  std::uniform_int_distribution<size_t> pick(0, data.size() - 1); //@16

  std::vector<Point> centers(k); //@17
  for (unsigned c = 0; c < k; c++) //@18
  {
    centers[c] = data[pick(gen)]; //@-
  }

  std::vector<unsigned> owner(data.size(), 0); //@-
  double inertia = DBL_MAX; //@21
  for (int it = 0; it < maxIter; it++) //@22
  {
    double total = 0.0; //@23
    for (size_t i = 0; i < data.size(); i++) //@24
    {
      double best = DBL_MAX; //@-
      for (unsigned c = 0; c < k; c++) //@26
      {
        double d = squaredDistance(data[i], centers[c]); //@-
        if (d < best) //@?
        {
          best = d; //@-
          owner[i] = c; //@30
        }
      }
      total += best; //@31
    }

    std::vector<Point> sums(k, Point{0.0, 0.0}); //@32
    std::vector<unsigned> counts(k, 0); //@33
    for (size_t i = 0; i < data.size(); i++) //@-
    {
      sums[owner[i]].x += data[i].x; //@35
      sums[owner[i]].y += data[i].y; //@36
      counts[owner[i]]++; //@37
    }
    for (unsigned c = 0; c < k; c++) //@38
    {
      if (counts[c] == 0) //@39
      {
        continue; //@40
      }
      centers[c].x = sums[c].x / counts[c]; //@41
      centers[c].y = sums[c].y / counts[c]; //@42
    }

    std::cout << "iter " << it << " inertia " << total << std::endl; //@?
    if (inertia - total < 1e-6 * total) //@44
    {
      break; //@45
    }
    inertia = total; //@46
  }

  for (unsigned c = 0; c < k; c++) //@47
  {
    std::cout << "center " << centers[c].x << " " << centers[c].y << std::endl; //@48
  }
  return 0; //@49
}

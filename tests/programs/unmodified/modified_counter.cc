// what: the body changes the loop's counter, failed steps are repeated and good ones skip ahead
// standard: c++11
// loop: step
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>

int main() {
  double x = 3, y = -2, rate = 1;
  int repeats = 0;
  for (int step = 0; step < 16; ++step) {
    const double gx = 4 * x * x * x - 3, gy = 2 * y + std::cos(y);
    const double nx = x - rate * gx / 10, ny = y - rate * gy / 10;
    const double before = x * x * x * x - 3 * x + y * y + std::sin(y), loss = nx * nx * nx * nx - 3 * nx + ny * ny + std::sin(ny);
    std::printf("loss %a\n", loss);
    if (loss > before) {
      rate *= 0.25;
      --step;
      ++repeats;
      continue;
    }
    if (before - loss > 1) ++step;
    x = nx;
    y = ny;
  }
  std::printf("x %a y %a repeats %d\n", x, y, repeats);
}

// what: the model and the counters are globals, some behind a namespace
// standard: c++17
// loop: t
// probe: tracked after 'std::printf("tracked %a\n", tracked);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

double gain = 0.5;
std::vector<double> history;
namespace filter {
double position = 0, velocity = 0, covariance = 1;
int updates = 0;
}  // namespace filter

void observe(double z) {
  using namespace filter;
  position += velocity;
  covariance += 0.02;
  gain = covariance / (covariance + 0.3);
  const double surprise = z - position;
  position += gain * surprise;
  velocity += 0.4 * gain * surprise;
  covariance *= 1 - gain;
  ++updates;
  history.push_back(surprise);
}

int main() {
  for (int t = 0; t < 12; ++t) {
    for (int k = 0; k < 3; ++k) observe(0.5 * t + std::sin(5.0 * t + k));
    const double tracked = filter::position;
    std::printf("tracked %a\n", tracked);
  }
  double sum = 0;
  for (double s : history) sum += s * s;
  std::printf("surprise %a gain %a updates %d\n", sum, gain, filter::updates);
}

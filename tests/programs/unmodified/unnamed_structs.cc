// what: members whose structs have no name, one within another, and members of a struct without a name
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Model {
 public:
  double step(double x, double target) {
    const double y = layer.w * x + layer.b, off = y - target;
    history.push_back(off);
    ++steps;
    moment.first = 0.9 * moment.first + 0.1 * off * x;
    moment.inner.second = 0.9 * moment.inner.second + 0.1 * off;
    layer.w -= rate * moment.first;
    layer.b -= rate * moment.inner.second / (1 + 1e-3 * history.size());
    return off * off;
  }
  int count() const { return steps; }

 private:
  struct {
    double w = 0.1, b = 0;
  } layer;
  struct {
    double first = 0;
    struct {
      double second = 0;
    } inner;
  } moment;
  struct {
    int steps = 0;
    double rate = 0.3;
  };
  std::vector<double> history;
};

int main() {
  Model model;
  struct {
    double best = 1e9;
    int at = -1;
  } record;
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 10; ++i) loss += model.step(i * 0.2, std::sin(i * 0.2));
    if (loss < record.best) record.best = loss, record.at = epoch;
    std::printf("loss %a\n", loss);
  }
  std::printf("steps %d best %a at %d\n", model.count(), record.best, record.at);
}

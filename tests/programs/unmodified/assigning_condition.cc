// what: the while condition does the work, while ((loss = step(model)) > limit)
// standard: c++17
// loop: main
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

struct Model {
  std::vector<double> w;
  int steps = 0;
};

double step(Model& m) {
  double loss = 0;
  for (size_t i = 0; i < m.w.size(); ++i) {
    const double error = m.w[i] - std::cos(i * 0.8);
    loss += error * error;
    m.w[i] -= 0.25 * error / (1 + 0.05 * m.steps);
  }
  ++m.steps;
  return loss;
}

int main() {
  Model model{{3, -2, 1, 0, 2}};
  double loss, smallest_drop = 1e9, last = 1e9;
  while ((loss = step(model)) > 0.1) {
    smallest_drop = std::fmin(smallest_drop, last - loss);
    last = loss;
    std::printf("loss %a\n", loss);
  }
  std::printf("steps %d drop %a end %a\n", model.steps, smallest_drop, loss);
}

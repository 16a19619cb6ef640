// what: function-local statics, counters and a lazily filled table
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

double learning_rate() {
  static int calls = 0;
  static double rate = 0.15;
  if (++calls % 50 == 0) rate *= 0.8;
  return rate;
}

double noise() {
  static unsigned state = 7;
  state = state * 69069u + 1u;
  return state / 4294967296.0 - 0.5;
}

const std::vector<double>& targets() {
  static std::vector<double> table;
  if (table.size() < 40) table.push_back(std::cos(table.size() * 0.3));
  return table;
}

int main() {
  double a = 0, b = 0;
  for (int epoch = 0; epoch < 9; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      const std::vector<double>& y = targets();
      const size_t at = (i * 7 + epoch) % y.size();
      const double x = at * 0.05, error = a * x + b - y[at] + 0.1 * noise();
      loss += error * error;
      const double rate = learning_rate();
      a -= rate * error * x;
      b -= rate * error;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("a %a b %a\n", a, b);
}

// what: two main loops in one function, both over a variable named epoch
// standard: c++17
// loop: epoch
// probe: fine after 'std::printf("fine %a\n", fine);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

double pass(std::vector<double>& w, size_t active, double rate) {
  double loss = 0;
  for (int i = 0; i < 30; ++i) {
    const double x = i / 15.0 - 1;
    double y = 0;
    for (size_t k = 0; k < active; ++k) y += w[k] * std::cos(k * x * 3);
    const double error = y - std::exp(x);
    for (size_t k = 0; k < active; ++k) w[k] -= rate * error * std::cos(k * x * 3);
    loss += error * error;
  }
  return loss;
}

int main() {
  std::vector<double> w(2);
  for (int epoch = 0; epoch < 6; ++epoch) {
    const double coarse = pass(w, w.size(), 0.05);
    std::printf("coarse %a\n", coarse);
  }
  w.resize(6);
  for (int epoch = 0; epoch < 8; ++epoch) {
    const double fine = pass(w, w.size(), 0.02);
    std::printf("fine %a\n", fine);
  }
  std::printf("weights %a %a\n", w.front(), w.back());
}

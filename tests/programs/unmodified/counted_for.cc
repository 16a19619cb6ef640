// what: counted for loop, linear regression in one variable
// standard: c++11
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> x, y;
  for (int i = 0; i < 50; ++i) {
    x.push_back(i * 0.04);
    y.push_back(3.0 * x.back() - 0.5 + ((i * 37) % 11 - 5) * 0.01);
  }
  double slope = 0, intercept = 0;
  const double rate = 0.3;
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0, gs = 0, gi = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = slope * x[i] + intercept - y[i];
      loss += error * error;
      gs += 2 * error * x[i];
      gi += 2 * error;
    }
    loss /= x.size();
    slope -= rate * gs / x.size();
    intercept -= rate * gi / x.size();
    std::printf("loss %a\n", loss);
  }
  std::printf("slope %a intercept %a\n", slope, intercept);
}

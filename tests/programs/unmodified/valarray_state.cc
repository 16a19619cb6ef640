// what: std::valarray weights with slices
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <valarray>

int main() {
  const size_t rows = 24, columns = 4;
  std::valarray<double> data(rows * columns), weights(0.1, columns), averaged(columns);
  for (size_t i = 0; i < data.size(); ++i) data[i] = std::sin(1.0 + i * i * 0.13);
  const std::valarray<double> truth = {0.5, -1, 0.25, 2};
  for (int epoch = 0; epoch < 9; ++epoch) {
    double loss = 0;
    for (size_t r = 0; r < rows; ++r) {
      const std::valarray<double> x = data[std::slice(r * columns, columns, 1)];
      const double error = ((weights - truth) * x).sum();
      weights -= 0.1 * error * x;
      loss += error * error;
    }
    averaged = (averaged * double(epoch) + weights) / double(epoch + 1);
    data[std::slice(epoch % columns, rows, columns)] *= std::valarray<double>(0.95, rows);
    std::printf("loss %a\n", loss);
  }
  std::printf("averaged %a %a\n", averaged[0], averaged.max());
}

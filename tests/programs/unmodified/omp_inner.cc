// what: inner loops with omp parallel for and omp simd, the main loop is plain
// standard: c++17
// flags: -O2 -fopenmp
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

constexpr int kRows = 64, kColumns = 16;

int main() {
  std::vector<double> a(kRows * kColumns), target(kRows), x(kColumns), residual(kRows), gradient(kColumns);
  for (int i = 0; i < kRows * kColumns; ++i) a[i] = std::sin(i * 0.37);
  for (int r = 0; r < kRows; ++r)
    for (int c = 0; c < kColumns; ++c) target[r] += a[r * kColumns + c] * (c % 3 - 1);

  for (int epoch = 0; epoch < 8; ++epoch) {
#pragma omp parallel for num_threads(2)
    for (int r = 0; r < kRows; ++r) {
      double sum = -target[r];
      for (int c = 0; c < kColumns; ++c) sum += a[r * kColumns + c] * x[c];
      residual[r] = sum;
    }
#pragma omp parallel for num_threads(2)
    for (int c = 0; c < kColumns; ++c) {
      gradient[c] = 0;
      for (int r = 0; r < kRows; ++r) gradient[c] += residual[r] * a[r * kColumns + c];
    }
#pragma omp simd
    for (int c = 0; c < kColumns; ++c) x[c] -= 0.003 * gradient[c];
    double loss = 0;
    for (double r : residual) loss += r * r;
    std::printf("loss %a\n", loss);
  }
  std::printf("x %a %a\n", x[0], x[kColumns - 1]);
}

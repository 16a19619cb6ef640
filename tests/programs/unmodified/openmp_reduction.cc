// what: an OpenMP reduction over floating-point numbers, whose order is the threads'
// standard: c++17
// flags: -fopenmp
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: refused: the order of an OpenMP reduction
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> w(64, 8.0);
  for (int epoch = 0; epoch < 8; ++epoch) {
    double loss = 0;
#pragma omp parallel for reduction(+ : loss)
    for (int i = 0; i < 64; ++i) loss += w[std::size_t(i)] -= 1;
    std::printf("loss %a\n", loss);
  }
}

// what: a buffer that is an instance of a variable template, which the state cannot name
// standard: c++14
// loop: epoch
// probe: sum after 'std::printf("sum %a\n", sum);'
// expect: whole: misses 'scratch'
#include <cstdio>

template <int n>
double scratch[n];

int main() {
  double sum = 0;
  for (int epoch = 0; epoch < 10; ++epoch) {
    scratch<3>[epoch % 3] += 0.5 * epoch;
    sum += scratch<3>[(epoch + 1) % 3];
    std::printf("sum %a\n", sum);
  }
}

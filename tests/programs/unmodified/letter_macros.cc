// what: macros of one letter in front of the includes, in the style of programming contests; no empty line before the code
// standard: c++17
// loop: epoch
// probe: w[1] after 'std::printf("w %a\n", w[1]);'
// expect: exact
#define N 6
#define T double
#define R 3
#define I 2
#define S 0.5
#define rep(i, n) for (int i = 0; i < (n); ++i)
#define all(c) (c).begin(), (c).end()
#include <cstdio>
#include <numeric>
#include <vector>
// the program
int main() {
  std::vector<T> w(N);
  std::iota(all(w), T(I));
  for (int epoch = 0; epoch < R * R; ++epoch) {
    rep(i, N) w[i] -= 0.1 * (w[i] - S * i);
    std::printf("w %a\n", w[1]);
  }
}

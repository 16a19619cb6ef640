// what: the loop's head declares an object of its own, which is gone when the loop is left
// standard: c++17
// loop: main
// probe: history.size() after 'std::printf("size %d\n", int(history.size()));'
// expect: exact
#include <cstdio>
#include <vector>

int main() {
  double w = 0;
  for (std::vector<double> history(1 << 15); w < 6; history.push_back(w)) {
    w += 1.0 / (1.0 + 0.25 * w) + 0.01 * history.back();
    std::printf("size %d\n", int(history.size()));
  }
  std::printf("done %a\n", w);
}

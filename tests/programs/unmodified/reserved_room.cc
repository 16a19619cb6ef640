// what: a local that depends on the capacity of a vector, which no state holds
// standard: c++17
// loop: epoch
// probe: room after 'std::printf("room %d\n", int(room));'
// expect: refused: capacity
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> history;
  double w = 1;
  for (int epoch = 0; epoch < 12; ++epoch) {
    w *= 0.9;
    history.push_back(w);
    const std::size_t room = history.capacity() - history.size();
    std::printf("room %d\n", int(room));
  }
}

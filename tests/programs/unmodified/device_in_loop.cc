// what: every iteration makes a generator of its own, seeded by std::random_device, and shuffles with it
// standard: c++14
// loop: epoch
// draws: std::random_device
// probe: first after 'std::printf("first %d\n", first);'
// expect: exact
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

class Loader {
 public:
  explicit Loader(int n) : order_(n) { std::iota(order_.begin(), order_.end(), 0); }
  const std::vector<int>& shuffled() {
    std::mt19937 rng{std::random_device{}()};
    std::shuffle(order_.begin(), order_.end(), rng);
    return order_;
  }

 private:
  std::vector<int> order_;
};

int main() {
  Loader loader(50);
  double mean = 0;
  for (int epoch = 0; epoch < 7; ++epoch) {
    const std::vector<int>& order = loader.shuffled();
    const int first = order.front();
    for (std::size_t i = 0; i < order.size(); ++i) mean += (order[i] - mean) / (i + 2);
    std::printf("first %d\n", first);
    std::printf("mean %a\n", mean);
  }
}

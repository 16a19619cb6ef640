// what: std::span views of the parameters of one vector
// standard: c++20
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'all'
#include <cmath>
#include <cstdio>
#include <numeric>
#include <span>
#include <vector>

struct Block {
  std::span<double> weights;
  std::span<double> bias;
};

int main() {
  const size_t width = 3, count = 2;
  std::vector<double> storage(count * (width + 1));
  for (size_t i = 0; i < storage.size(); ++i) storage[i] = 0.3 * std::cos(2.0 * i);
  std::vector<Block> blocks;
  for (size_t b = 0; b < count; ++b) {
    const std::span<double> all(storage);
    blocks.push_back({all.subspan(b * (width + 1), width), all.subspan(b * (width + 1) + width, 1)});
  }
  for (int epoch = 0; epoch < 9; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 30; ++i) {
      const std::vector<double> x = {std::sin(i), std::cos(2.0 * i), std::sin(3.0 * i)};
      for (size_t b = 0; b < blocks.size(); ++b) {
        Block& block = blocks[b];
        const double y = std::inner_product(x.begin(), x.end(), block.weights.begin(), block.bias[0]);
        const double error = y - (b == 0 ? x[0] - x[2] : 0.5 * x[1] + 0.2);
        for (size_t j = 0; j < width; ++j) block.weights[j] -= 0.05 * error * x[j];
        block.bias[0] -= 0.05 * error;
        loss += error * error;
      }
    }
    if (epoch == 5) std::swap(blocks[0].bias, blocks[1].bias);
    std::printf("loss %a\n", loss);
  }
  for (double v : storage) std::printf("%a\n", v);
}

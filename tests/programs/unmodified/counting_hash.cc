// what: the hash of a map counts; the loop only walks through the map, and restoring it where its keys are there already does not hash
// standard: c++17
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: exact
#include <cstddef>
#include <cstdio>
#include <unordered_map>

namespace {

int hashed = 0;
struct Hash {
  std::size_t operator()(int key) const {
    ++hashed;
    return static_cast<std::size_t>(key) * 7;
  }
};

}  // namespace

int main() {
  std::unordered_map<int, double, Hash> weights;
  for (int i = 0; i < 9; ++i) weights[i * 5 % 9] = 1.0 / (i + 1);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double sum = 0;
    for (auto& [key, weight] : weights) sum += weight *= 0.9;
    const double out = sum + hashed;
    std::printf("out %a\n", out);
  }
}

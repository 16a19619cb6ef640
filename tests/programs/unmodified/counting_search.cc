// what: the comparison of a map counts; the loop only walks through the map
// standard: c++17
// loop: epoch
// probe: out after 'std::printf("out %a\n", out);'
// expect: whole: misses 'weights'
#include <cstdio>
#include <map>

namespace {

int compared = 0;
struct Less {
  bool operator()(int a, int b) const {
    ++compared;
    return a < b;
  }
};

}  // namespace

int main() {
  std::map<int, double, Less> weights;
  for (int i = 0; i < 9; ++i) weights[i * 5 % 9] = 1.0 / (i + 1);
  for (int epoch = 0; epoch < 12; ++epoch) {
    double sum = 0;
    for (auto& [key, weight] : weights) sum += weight *= 0.9;
    const double out = sum + compared;
    std::printf("out %a\n", out);
  }
}

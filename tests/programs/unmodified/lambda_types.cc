// what: lambdas that stand in types only, as the activation of a layer and as the order of a queue, count their calls
// standard: c++20
// loop: epoch
// probe: x after 'std::printf("x %a\n", x);'
// expect: exact
#include <cstdio>
#include <queue>
#include <vector>

namespace {

int calls = 0, comparisons = 0;

template <auto activate>
struct Layer {
  double weight;
  double run(double x) const { return activate(weight * x); }
};
using Gate = Layer<[](double y) { return ++calls % 3 == 0 ? 0 : y; }>;

double penalty() { return 1e-3 * calls + 1e-4 * comparisons; }

}  // namespace

int main() {
  Gate first{0.9};
  std::priority_queue<double, std::vector<double>, decltype([](double a, double b) { return ++comparisons, a < b; })> worst;
  double x = 2;
  for (int epoch = 0; epoch < 12; ++epoch) {
    x = first.run(x) + penalty();
    worst.push(x);
    if (worst.size() > 4) worst.pop();
    std::printf("x %a\n", x);
  }
}

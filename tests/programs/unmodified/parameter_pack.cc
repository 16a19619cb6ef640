// what: the main loop is in a function template with a parameter pack, of which there is one
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cstdio>
#include <vector>

namespace {

struct Rate {
  double value = 0.1;
  void fall() { value *= 0.98; }
};

double step(std::vector<double>& weights, double rate) {
  double loss = 0;
  for (double& w : weights) {
    loss += (w - 0.3) * (w - 0.3);
    w -= rate * 2 * (w - 0.3);
  }
  return loss;
}

template <class... Schedules>
void train(std::vector<double>& weights, Rate& rate, const Schedules... scale) {
  for (int epoch = 0; epoch < 12; ++epoch) {
    const double loss = step(weights, (rate.value * ... * scale));
    rate.fall();
    std::printf("loss %a\n", loss);
  }
}

}  // namespace

int main() {
  std::vector<double> weights = {1, 2, -1};
  Rate rate;
  train(weights, rate, 0.9);
}

// what: two main loops one after the other, warm-up and training
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

struct Model {
  std::vector<double> w = std::vector<double>(4, 0.1);
  double velocity[4] = {};
};

double gradient_step(Model& m, double rate, double momentum) {
  double loss = 0;
  for (int i = 0; i < 30; ++i) {
    double y = 0, in[4];
    for (int j = 0; j < 4; ++j) in[j] = std::sin(i * (j + 1) * 0.5), y += m.w[j] * in[j];
    const double e = y - (in[0] - 0.5 * in[2]);
    loss += e * e;
    for (int j = 0; j < 4; ++j) m.velocity[j] = momentum * m.velocity[j] - rate * e * in[j], m.w[j] += m.velocity[j];
  }
  return loss / 30;
}

int main() {
  Model model;
  double rate = 0.001, warm_loss = 0;
  for (int warmup = 0; warmup < 6; ++warmup) {
    warm_loss = gradient_step(model, rate, 0);
    rate *= 1.5;
    std::printf("warm %a\n", warm_loss);
  }
  double total = 0;
  for (int epoch = 0; epoch < 8; ++epoch) {
    const double loss = gradient_step(model, rate, 0.5);
    total += loss;
    std::printf("loss %a\n", loss);
  }
  std::printf("warm %a total %a\n", warm_loss, total);
}

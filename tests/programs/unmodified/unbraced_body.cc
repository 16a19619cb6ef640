// what: the main loop's body is one statement without braces
// standard: c++11
// loop: epoch
// probe: last_loss after 'std::printf("loss %a\n", train_epoch());'
// expect: exact
#include <cmath>
#include <cstdio>

static double weights[4] = {0.3, 0.1, -0.2, 0.0};
static double last_loss = 0;

static double train_epoch() {
  last_loss = 0;
  for (int i = 0; i < 25; ++i) {
    double error = -std::sin(0.25 * i);
    for (int j = 0; j < 4; ++j) error += weights[j] * std::sin(0.2 * (j + 1) * i);
    for (int j = 0; j < 4; ++j) weights[j] -= 0.05 * error * std::sin(0.2 * (j + 1) * i);
    last_loss += error * error;
  }
  return last_loss;
}

int main() {
  for (int epoch = 0; epoch < 9; ++epoch)
    std::printf("loss %a\n", train_epoch());
  for (double w : weights) std::printf("%a\n", w);
}

// what: bool flags decide what an iteration does
// standard: c++11
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> w(6, 0.5);
  std::vector<bool> frozen(w.size(), false);
  bool decayed = false, momentum_on = false, improving = true;
  std::vector<double> velocity(w.size());
  double rate = 0.4, last = 1e9;
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (size_t i = 0; i < w.size(); ++i) {
      const double error = w[i] - std::sin(i + 1.0);
      loss += error * error;
      if (frozen[i]) continue;
      velocity[i] = (momentum_on ? 0.5 * velocity[i] : 0) - rate * error;
      w[i] += velocity[i];
      if (std::fabs(error) < 0.02) frozen[i] = true;
    }
    improving = loss < 0.9 * last;
    if (!improving && !decayed) {
      rate *= 0.5;
      decayed = true;
    }
    if (loss < 0.8) momentum_on = true;
    last = loss;
    std::printf("loss %a\n", loss);
  }
  int count = 0;
  for (bool f : frozen) count += f;
  std::printf("frozen %d decayed %d momentum %d improving %d\n", count, decayed, momentum_on, improving);
}

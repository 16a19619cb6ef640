// what: lambdas that capture by reference change the state, one more is mutable with a state of its own
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'the copy of 'i' in a mutable lambda'
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<float> w(3), m(3);
  float beta = 0.7f;
  int updates = 0;
  auto next_sample = [i = 0]() mutable {
    ++i;
    const float a = std::sin(0.7f * i), b = std::cos(1.1f * i);
    return std::vector<float>{1, a, b, 0.4f + a - 0.8f * b};
  };
  auto score = [&w](const std::vector<float>& s) { return w[0] * s[0] + w[1] * s[1] + w[2] * s[2] - s[3]; };
  auto update = [&](const std::vector<float>& s, float error) {
    for (size_t j = 0; j < w.size(); ++j) {
      m[j] = beta * m[j] + (1 - beta) * error * s[j];
      w[j] -= 0.1f * m[j];
    }
    if (++updates % 30 == 0) beta = 1 - 0.9f * (1 - beta);
  };
  for (int epoch = 0; epoch < 10; ++epoch) {
    float loss = 0;
    for (int k = 0; k < 12; ++k) {
      const auto sample = next_sample();
      const float error = score(sample);
      loss += error * error;
      update(sample, error);
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("beta %a updates %d\n", beta, updates);
}

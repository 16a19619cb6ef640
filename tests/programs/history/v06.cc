// Logistic regression on points of two clouds.
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

struct Sample {
  std::vector<double> x;
  int y;
};

static double predict(const std::vector<double>& weight, double bias, const std::vector<double>& x) {
  double logit = bias;
  for (std::size_t k = 0; k < x.size(); ++k) logit += weight[k] * x[k];
  return 1 / (1 + std::exp(-logit));
}

int main() {
  std::mt19937 engine(7);
  std::uniform_real_distribution<double> noise(0, 1);
  std::vector<Sample> samples;
  for (int i = 0; i < 64; i++) {
    const int y = i % 2;
    samples.push_back({{(y ? 1.0 : -1.0) + noise(engine), (y ? 0.5 : -0.5) + noise(engine)}, y});
  }
  std::vector<double> w(2), velocity(2);
  double b = 0;
  const double rate = 0.05;
  for (int epoch = 0; epoch < 6; epoch++) {
    double total = 0;
    int right = 0;
    for (const Sample& s : samples) {
      const double p = predict(w, b, s.x);
      const double err = p - s.y;
      right += (p > 0.5) == (s.y == 1);
      total -= s.y ? std::log(p) : std::log(1 - p);
      for (std::size_t k = 0; k < w.size(); ++k) {
        velocity[k] = 0.5 * velocity[k] + err * s.x[k];
        w[k] -= rate * velocity[k];
      }
      b -= rate * err;
    }
    total /= samples.size();
    std::printf("epoch %d loss %a\n", epoch, total);
    std::printf("right %d\n", right);
  }
  return 0;
}

// Logistic regression on points of two clouds.
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#define SAMPLES 64
#define EPOCHS 6

struct Sample {
  std::vector<double> x;
  int y;
};

class Trainer {
 public:
  explicit Trainer(double rate) : w_(2), velocity_(2), rate_(rate) {}

  void run(const std::vector<Sample>& samples) {
    int epoch = 0;
    double last = 1e9;
    while (epoch < EPOCHS) {
      total_ = 0;
      right_ = 0;
      for (const Sample& s : samples) step(s);
      total_ /= samples.size();
      std::printf("epoch %d loss %a\n", epoch, total_);
      std::printf("right %d\n", right_);
      if (total_ > last + 1) break;
      last = total_;
      ++epoch;
    }
  }

 private:
  double predict(const std::vector<double>& x) const {
    double logit = b_;
    for (std::size_t k = 0; k < x.size(); ++k) logit += w_[k] * x[k];
    return 1 / (1 + std::exp(-logit));
  }
  void step(const Sample& s) {
    const double p = predict(s.x);
    const double err = p - s.y;
    right_ += (p > 0.5) == (s.y == 1);
    total_ -= s.y ? std::log(p) : std::log(1 - p);
    for (std::size_t k = 0; k < w_.size(); ++k) {
      velocity_[k] = 0.5 * velocity_[k] + err * s.x[k];
      w_[k] -= rate_ * velocity_[k];
    }
    b_ -= rate_ * err;
  }

  std::vector<double> w_, velocity_;
  double b_ = 0;
  double rate_;
  double total_ = 0;
  int right_ = 0;
};

int main() {
  std::mt19937 engine(7);
  std::uniform_real_distribution<double> noise(0, 1);
  std::vector<Sample> samples;
  for (int i = 0; i < SAMPLES; i++) {
    const int y = i % 2;
    samples.push_back({{(y ? 1.0 : -1.0) + noise(engine), (y ? 0.5 : -0.5) + noise(engine)}, y});
  }
  Trainer trainer(0.05);
  trainer.run(samples);
  return 0;
}

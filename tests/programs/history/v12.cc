// Logistic regression on points of two clouds.
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#define SAMPLES 64

namespace logistic {

struct Sample {
  std::vector<double> x;
  int y;
};

struct Settings {
  double rate = 0.05;
  double momentum = 0.5;
  int epochs = 6;
};

template <class Real>
class Trainer {
 public:
  explicit Trainer(const Settings& settings) : w_(2), velocity_(2), settings_(settings) {}

  void run(const std::vector<Sample>& samples) {
    int epoch = 0;
    double last = 1e9;
    while (epoch < settings_.epochs) {
      loss_ = 0;
      hits_ = 0;
      for (const Sample& s : samples) step(s);
      loss_ /= samples.size();
      std::printf("epoch %d loss %a\n", epoch, loss_);
      std::printf("right %d\n", hits_);
      if (loss_ > last + 1) break;
      last = loss_;
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
    hits_ += (p > 0.5) == (s.y == 1);
    loss_ -= s.y ? std::log(p) : std::log(1 - p);
    for (std::size_t k = 0; k < w_.size(); ++k) {
      velocity_[k] = settings_.momentum * velocity_[k] + err * s.x[k];
      w_[k] -= settings_.rate * velocity_[k];
    }
    b_ -= settings_.rate * err;
  }

  std::vector<Real> w_, velocity_;
  Real b_ = 0;
  Settings settings_;
  Real loss_ = 0;
  int hits_ = 0;
};

}  // namespace logistic

int main() {
  std::mt19937 engine(7);
  std::uniform_real_distribution<double> noise(0, 1);
  std::vector<logistic::Sample> samples;
  for (int i = 0; i < SAMPLES; i++) {
    const int y = i % 2;
    samples.push_back({{(y ? 1.0 : -1.0) + noise(engine), (y ? 0.5 : -0.5) + noise(engine)}, y});
  }
  for (int restart = 0; restart < 2; restart++) {
    logistic::Settings settings;
    if (restart == 1) settings.rate = 0.1;
    logistic::Trainer<double> trainer(settings);
    trainer.run(samples);
  }
  return 0;
}

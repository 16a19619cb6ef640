// what: the main loop is in a CRTP base class that calls the derived class's step
// standard: c++14
// loop: round
// probe: metric after 'std::printf("metric %a\n", metric);'
// expect: whole: misses 'this->direction_'
#include <cmath>
#include <cstdio>
#include <vector>

template <class Derived>
class TrainerBase {
 public:
  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      const double metric = static_cast<Derived*>(this)->step(round);
      smoothed_ = round == 0 ? metric : 0.5 * smoothed_ + 0.5 * metric;
      std::printf("metric %a\n", metric);
    }
  }
  double smoothed() const { return smoothed_; }

 protected:
  double smoothed_ = 0;
};

class Ica : public TrainerBase<Ica> {
 public:
  Ica() : direction_{0.8, 0.6} {}
  double step(int) {
    double next[2] = {0, 0}, slope = 0;
    for (int t = 0; t < 100; ++t) {
      const double a = std::sin(0.7 * t), b = t % 7 / 3.0 - 1, x[2] = {0.6 * a + 0.8 * b, 0.8 * a - 0.6 * b};
      const double y = direction_[0] * x[0] + direction_[1] * x[1], g = std::tanh(y);
      next[0] += x[0] * g / 100, next[1] += x[1] * g / 100;
      slope += (1 - g * g) / 100;
    }
    for (int i = 0; i < 2; ++i) next[i] -= slope * direction_[i] * 0.5;
    const double norm = std::hypot(next[0], next[1]);
    for (int i = 0; i < 2; ++i) direction_[i] = 0.5 * direction_[i] + 0.5 * next[i] / norm;
    return std::hypot(direction_[0], direction_[1]) + direction_[0];
  }

 private:
  std::vector<double> direction_;
};

int main() {
  Ica ica;
  ica.run(9);
  std::printf("smoothed %a\n", ica.smoothed());
}

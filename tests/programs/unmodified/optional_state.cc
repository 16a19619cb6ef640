// what: std::optional that is empty at first and again after a reset
// standard: c++17
// loop: window
// probe: estimate after 'std::printf("estimate %a\n", estimate);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

struct Level {
  double average, variance;
};

class Smoother {
 public:
  double add(double x) {
    if (level_ && std::fabs(x - level_->average) > 3) {
      level_.reset();  // the level jumped
      ++resets_;
      return x;
    }
    if (!level_) {
      level_ = Level{x, 0.01};
    } else {
      const double d = x - level_->average;
      level_->average += 0.3 * d;
      level_->variance += 0.2 * (d * d - level_->variance);
    }
    return level_->average + std::sqrt(level_->variance);
  }
  int resets() const { return resets_; }

 private:
  std::optional<Level> level_;
  int resets_ = 0;
};

int main() {
  Smoother smoother;
  std::optional<std::vector<double>> peak;
  for (int window = 0; window < 9; ++window) {
    double estimate = 0;
    for (int i = 0; i < 4; ++i) estimate = smoother.add((window / 3) * 4 + std::sin(window * 4 + i));
    if (window > 3 && (!peak || estimate > peak->back())) {
      if (!peak) peak.emplace();
      peak->push_back(estimate);
    }
    std::printf("estimate %a\n", estimate);
  }
  std::printf("resets %d peaks %d\n", smoother.resets(), peak ? static_cast<int>(peak->size()) : 0);
}

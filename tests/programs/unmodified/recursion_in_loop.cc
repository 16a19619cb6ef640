// what: a training routine that calls itself inside its loop, boosting with refined parts
// standard: c++17
// loop: round
// probe: error after 'std::printf("error %a\n", error);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

struct Stump {
  double split, left, right;
};

class Ensemble {
 public:
  void fit(std::vector<double>& residual, size_t begin, size_t end, int depth) {
    const int rounds = depth == 0 ? 6 : 2;
    for (int round = 0; round < rounds; ++round) {
      const size_t middle = begin + (end - begin) * (round + 1) / (rounds + 1);
      Stump stump{double(middle), mean(residual, begin, middle), mean(residual, middle, end)};
      for (size_t i = begin; i < end; ++i) residual[i] -= 0.5 * (i < middle ? stump.left : stump.right);
      stumps_.push_back(stump);
      if (depth < 1) fit(residual, begin, middle, depth + 1);
      double error = 0;
      for (double r : residual) error += r * r;
      std::printf("error %a\n", error);
    }
  }
  size_t size() const { return stumps_.size(); }

 private:
  static double mean(const std::vector<double>& v, size_t begin, size_t end) {
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += v[i];
    return end > begin ? sum / (end - begin) : 0;
  }
  std::vector<Stump> stumps_;
};

int main() {
  std::vector<double> target(64);
  for (size_t i = 0; i < target.size(); ++i) target[i] = std::sin(i * 0.1) + 0.3 * std::cos(i * 0.9);
  Ensemble ensemble;
  ensemble.fit(target, 0, target.size(), 0);
  std::printf("stumps %d\n", static_cast<int>(ensemble.size()));
}

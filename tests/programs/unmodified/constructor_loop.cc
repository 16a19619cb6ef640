// what: the main loop runs in a constructor
// standard: c++17
// loop: pass
// probe: movement after 'std::printf("movement %a\n", movement);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Codebook {
 public:
  Codebook(const std::vector<double>& signal, int codes, int passes) : entries_(codes) {
    for (int c = 0; c < codes; ++c) entries_[c] = -1 + 2.0 * c / (codes - 1);
    for (int pass = 0; pass < passes; ++pass) {
      double movement = 0;
      for (double s : signal) {
        double& entry = entries_[nearest(s)];
        const double change = (s - entry) / (8 + 4 * pass);
        entry += change;
        movement += std::fabs(change);
      }
      ++passes_;
      std::printf("movement %a\n", movement);
    }
  }
  int nearest(double s) const {
    int best = 0;
    for (size_t c = 1; c < entries_.size(); ++c)
      if (std::fabs(entries_[c] - s) < std::fabs(entries_[best] - s)) best = static_cast<int>(c);
    return best;
  }
  int passes() const { return passes_; }

 private:
  std::vector<double> entries_;
  int passes_ = 0;
};

int main() {
  std::vector<double> signal;
  for (int t = 0; t < 80; ++t) signal.push_back(std::pow(std::sin(0.37 * t), 3));
  const Codebook codebook(signal, 8, 8);
  std::printf("passes %d code %d\n", codebook.passes(), codebook.nearest(0.3));
}

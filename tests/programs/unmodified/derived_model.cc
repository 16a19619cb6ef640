// what: base class and derived class, both with state
// standard: c++17
// loop: round
// probe: regret after 'std::printf("regret %a\n", regret);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Learner {
 public:
  explicit Learner(size_t experts) : weights_(experts, 1.0) {}
  virtual ~Learner() = default;
  double play(const std::vector<double>& losses) {
    double sum = 0, loss = 0;
    for (double w : weights_) sum += w;
    for (size_t i = 0; i < losses.size(); ++i) loss += weights_[i] / sum * losses[i];
    update(losses);
    ++rounds_;
    suffered_ += loss;
    return suffered_;
  }

 protected:
  virtual void update(const std::vector<double>& losses) = 0;
  std::vector<double> weights_;
  int rounds_ = 0;
  double suffered_ = 0;
};

class Hedge : public Learner {
 public:
  Hedge(size_t experts, double eta) : Learner(experts), eta_(eta), totals_(experts) {}
  double best() const {
    double least = totals_[0];
    for (double t : totals_) least = std::fmin(least, t);
    return least;
  }

 protected:
  void update(const std::vector<double>& losses) override {
    for (size_t i = 0; i < losses.size(); ++i) {
      totals_[i] += losses[i];
      weights_[i] = std::exp(-eta_ / std::sqrt(1 + 0.1 * rounds_) * totals_[i]);
    }
  }

 private:
  double eta_;
  std::vector<double> totals_;
};

int main() {
  Hedge hedge(5, 0.8);
  double regret = 0;
  for (int round = 0; round < 12; ++round) {
    std::vector<double> losses;
    for (int i = 0; i < 5; ++i) losses.push_back(0.5 + 0.5 * std::sin(round * (i + 1) * 0.7) * (i == 3 ? 0.2 : 1));
    const double suffered = hedge.play(losses);
    regret = suffered - hedge.best();
    std::printf("regret %a\n", regret);
  }
  std::printf("last %a\n", regret);
}

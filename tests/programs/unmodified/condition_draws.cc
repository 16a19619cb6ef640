// what: the loop's condition calls a function that draws random numbers, annealing that stops by chance
// standard: c++17
// loop: anneal
// probe: energy after 'std::printf("energy %a\n", energy);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

class Annealer {
 public:
  explicit Annealer(unsigned seed) : gen_(seed), spins_(32, 1) {}

  void anneal() {
    while (go_on()) {
      for (int flips = 0; flips < 40; ++flips) propose();
      temperature_ *= 0.8;
      const double energy = total();
      std::printf("energy %a\n", energy);
    }
  }
  double temperature() const { return temperature_; }

 private:
  bool go_on() { return uniform_(gen_) < 0.5 + temperature_ / 4; }
  double field(size_t i) const { return std::sin(i * 1.9); }
  double total() const {
    double e = 0;
    for (size_t i = 0; i < spins_.size(); ++i) e -= spins_[i] * (spins_[(i + 1) % spins_.size()] + field(i));
    return e;
  }
  void propose() {
    const size_t n = spins_.size(), i = gen_() % n;
    const double change = 2 * spins_[i] * (spins_[(i + 1) % n] + spins_[(i + n - 1) % n] + field(i));
    if (change < 0 || uniform_(gen_) < std::exp(-change / temperature_)) spins_[i] = -spins_[i];
  }

  std::mt19937 gen_;
  std::uniform_real_distribution<double> uniform_{0, 1};
  std::vector<int> spins_;
  double temperature_ = 4;
};

int main() {
  Annealer annealer(17);
  annealer.anneal();
  std::printf("temperature %a\n", annealer.temperature());
}

// what: a std::ofstream member that is appended to in the loop
// standard: c++17
// loop: train
// probe: reward after 'std::printf("reward %a\n", reward);'
// expect: exact
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <random>
#include <string>

class Logger {
 public:
  explicit Logger(const std::string& path) : out_(path) { out_ << std::setprecision(17); }
  void write(int episode, double reward) {
    out_ << episode << ' ' << reward << '\n';
    ++lines_;
  }
  int lines() const { return lines_; }

 private:
  std::ofstream out_;
  int lines_ = 0;
};

// Policy gradient on a bandit with three arms.
void train(Logger& logger, std::array<double, 3>& preference) {
  std::mt19937 gen(31);
  double baseline = 0;
  int episode = 0;
  do {
    double reward = 0;
    for (int pull = 0; pull < 20; ++pull) {
      double p[3], sum = 0;
      for (int a = 0; a < 3; ++a) sum += p[a] = std::exp(preference[a]);
      double u = gen() / 4294967296.0 * sum;
      int arm = 0;
      while (arm < 2 && u > p[arm]) u -= p[arm++];
      const double r = arm * 0.5 + gen() / 4294967296.0;
      for (int a = 0; a < 3; ++a) preference[a] += 0.2 * (r - baseline) * ((a == arm) - p[a] / sum);
      baseline += 0.1 * (r - baseline);
      reward += r;
    }
    logger.write(episode, reward);
    std::printf("reward %a\n", reward);
  } while (++episode < 10);
}

int main() {
  Logger logger("rewards.txt");
  std::array<double, 3> preference{};
  train(logger, preference);
  std::printf("lines %d preference %a\n", logger.lines(), preference[2]);
}

// what: the model is a singleton behind a static local in instance()
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'what get() returns'
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <unordered_map>

class Parameters {
 public:
  static Parameters& instance() {
    static Parameters parameters;
    return parameters;
  }
  double& get(const std::string& name) {
    const auto [entry, created] = values_.try_emplace(name, 0.0);
    if (created) entry->second = std::uniform_real_distribution<double>(-0.1, 0.1)(gen_);
    return entry->second;
  }
  size_t count() const { return values_.size(); }

 private:
  Parameters() : gen_(12) {}
  std::unordered_map<std::string, double> values_;
  std::default_random_engine gen_;
};

double predict(int user, int day) {
  Parameters& p = Parameters::instance();
  return p.get("user/" + std::to_string(user)) + p.get("day/" + std::to_string(day)) + p.get("bias");
}

int main() {
  for (int epoch = 0; epoch < 8; ++epoch) {
    double loss = 0;
    for (int user = 0; user < 4 + epoch; ++user)
      for (int day = 0; day < 5; ++day) {
        const double error = predict(user, day) - (std::sin(user) + 0.3 * day);
        Parameters& p = Parameters::instance();
        p.get("user/" + std::to_string(user)) -= 0.1 * error;
        p.get("day/" + std::to_string(day)) -= 0.1 * error;
        p.get("bias") -= 0.1 * error;
        loss += error * error;
      }
    std::printf("loss %a\n", loss);
  }
  std::printf("parameters %d\n", static_cast<int>(Parameters::instance().count()));
}

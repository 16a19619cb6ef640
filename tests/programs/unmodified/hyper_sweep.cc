// what: a sweep over settings, each iteration trains a model of its own in a function with a loop of its own
// standard: c++17
// loop: setting
// probe: result.loss after 'std::printf("loss %a\n", result.loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

using Setting = std::tuple<double, double, int>;  // rate, momentum, width

struct Result {
  double loss;
  int epochs;
};

Result train(const Setting& setting) {
  const auto& [rate, momentum, width] = setting;
  std::vector<double> w(width), v(width);
  double loss = 1e9;
  for (int epoch = 0; epoch < 40; ++epoch) {
    const double before = loss;
    loss = 0;
    for (int i = 0; i < 20; ++i) {
      double error = -std::fabs(i * 0.1 - 1);
      for (int k = 0; k < width; ++k) error += w[k] * std::cos(k * i * 0.15);
      for (int k = 0; k < width; ++k) w[k] += v[k] = momentum * v[k] - rate * error * std::cos(k * i * 0.15);
      loss += error * error;
    }
    if (before - loss < 1e-3) return {loss, epoch};
  }
  return {loss, 40};
}

int main() {
  std::vector<Setting> settings;
  for (double rate : {0.01, 0.03, 0.1})
    for (double momentum : {0.0, 0.5}) settings.emplace_back(rate, momentum, momentum > 0 ? 4 : 6);
  std::multimap<double, std::pair<Setting, Result>> ranking;
  for (const Setting& setting : settings) {
    const Result result = train(setting);
    ranking.emplace(result.loss, std::make_pair(setting, result));
    std::printf("loss %a\n", result.loss);
  }
  for (const auto& [loss, entry] : ranking) std::printf("rate %a epochs %d\n", std::get<0>(entry.first), entry.second.epochs);
}

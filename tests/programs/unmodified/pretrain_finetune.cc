// what: the same training function entered twice, pretraining and fine-tuning
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

using Series = std::vector<double>;

struct Predictor {
  double a = 0.0, b = 0.0, bias = 0.0;
  double operator()(double last, double before) const { return a * last + b * before + bias; }
};

double train(Predictor& model, const Series& series, int epochs, double rate) {
  double loss = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    loss = 0;
    for (size_t t = 2; t < series.size(); ++t) {
      const double error = model(series[t - 1], series[t - 2]) - series[t];
      loss += error * error;
      model.a -= rate * error * series[t - 1];
      model.b -= rate * error * series[t - 2];
      model.bias -= rate * error;
    }
    std::printf("loss %a\n", loss);
  }
  return loss;
}

int main() {
  Series general, special;
  for (int t = 0; t < 60; ++t) general.push_back(std::sin(0.4 * t));
  for (int t = 0; t < 25; ++t) special.push_back(0.2 + std::sin(0.55 * t + 1));
  Predictor model;
  const double pretrained = train(model, general, 8, 0.05);
  const double tuned = train(model, special, 6, 0.02);
  std::printf("pretrained %a tuned %a\n", pretrained, tuned);
}

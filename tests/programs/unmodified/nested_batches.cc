// what: nested epoch and batch loops, softmax regression
// standard: c++17
// loop: epoch
// probe: epoch_loss after 'std::printf("loss %a\n", epoch_loss);'
// expect: exact
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

constexpr int kClasses = 3, kFeatures = 4, kSamples = 96, kBatch = 12;

int main() {
  std::mt19937 rng(2024);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<std::vector<double>> x(kSamples, std::vector<double>(kFeatures));
  std::vector<int> label(kSamples), order(kSamples);
  for (int i = 0; i < kSamples; ++i) {
    order[i] = i;
    label[i] = i % kClasses;
    for (int f = 0; f < kFeatures; ++f) x[i][f] = uniform(rng) + (f == label[i] ? 1 : 0);
  }
  double w[kClasses][kFeatures] = {};
  for (int epoch = 0; epoch < 8; ++epoch) {
    std::shuffle(order.begin(), order.end(), rng);
    double epoch_loss = 0;
    for (int batch = 0; batch < kSamples / kBatch; ++batch) {
      double grad[kClasses][kFeatures] = {};
      for (int k = 0; k < kBatch; ++k) {
        const int i = order[batch * kBatch + k];
        double p[kClasses], sum = 0;
        for (int c = 0; c < kClasses; ++c) {
          double z = 0;
          for (int f = 0; f < kFeatures; ++f) z += w[c][f] * x[i][f];
          sum += p[c] = std::exp(z);
        }
        epoch_loss -= std::log(p[label[i]] / sum) / kSamples;
        for (int c = 0; c < kClasses; ++c)
          for (int f = 0; f < kFeatures; ++f) grad[c][f] += (p[c] / sum - (c == label[i])) * x[i][f];
      }
      for (int c = 0; c < kClasses; ++c)
        for (int f = 0; f < kFeatures; ++f) w[c][f] -= 0.5 / kBatch * grad[c][f];
    }
    std::printf("loss %a\n", epoch_loss);
  }
}

#ifndef TINY_LINEAR_H
#define TINY_LINEAR_H

#include <array>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace tiny {

template <typename T, std::size_t N = 2>
struct Sample {
  std::array<T, N> x;
  T y;
};

template <typename T, std::size_t N = 2>
using Dataset = std::vector<Sample<T, N>>;

template <typename T, std::size_t N>
class LinearModel {
 public:
  T predict(const std::array<T, N>& x) const {
    T y = bias_;
    for (std::size_t j = 0; j < N; ++j) y += weights_[j] * x[j];
    return y;
  }

  void train(const Dataset<T, N>& data, int epochs, T rate) {
    for (int epoch = 0; epoch < epochs; ++epoch) {
      T cost = 0;
      for (const auto& sample : data) {
        const T error = predict(sample.x) - sample.y;
        cost += error * error;
        bias_ -= rate * error;
        for (std::size_t j = 0; j < N; ++j) weights_[j] -= rate * error * sample.x[j];
      }
      std::printf("cost %a\n", static_cast<double>(cost));
    }
  }

 private:
  std::array<T, N> weights_{};
  T bias_ = 0;
};

}  // namespace tiny

#endif

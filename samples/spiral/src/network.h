// A multi-layer perceptron with two hidden layers, and Adam, written out by hand.
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <vector>

namespace spiral {

struct Point {
  float x = 0;
  float y = 0;
  int arm = 0;  // the class to be predicted
};

// The weights of one fully connected layer, row by row, and its biases.
struct Layer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<float> weight;  // outputs x inputs
  std::vector<float> bias;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(inputs, outputs, weight, bias);
  }
};

inline constexpr std::size_t kLayers = 3;

// Loss and gradient of a batch; `layers` are laid out like the network's.
struct Gradient {
  std::array<Layer, kLayers> layers;
  double loss = 0;  // mean cross-entropy of the batch
};

class Network {
 public:
  // Draws every weight from `random`, scaled to the layer's inputs.
  Network(std::size_t hidden, std::size_t arms, std::mt19937& random);

  // Loss and gradient, averaged over the batch. REQUIRES: `batch` is not empty.
  Gradient gradient(const std::vector<Point>& batch) const;

  // The most likely arm.
  int predict(const Point& point) const;

  std::array<Layer, kLayers> layers;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(layers);
  }
};

// Adam as published, without weight decay.
class Adam {
 public:
  Adam(const Network& network, double learning_rate);

  // One step of `network` against `gradient`.
  void step(Network& network, const Gradient& gradient);

  double rate;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(rate, steps_, first_, second_);
  }

 private:
  long steps_ = 0;
  std::array<Layer, kLayers> first_;   // running mean of the gradient
  std::array<Layer, kLayers> second_;  // running mean of its square
};

// The root of the sum of all squares of weights and biases.
double norm(const std::array<Layer, kLayers>& layers);

}  // namespace spiral

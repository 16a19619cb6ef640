#include "network.h"

#include <algorithm>
#include <cmath>

namespace spiral {
namespace {

Layer zeros(std::size_t inputs, std::size_t outputs) {
  return {inputs, outputs, std::vector<float>(inputs * outputs), std::vector<float>(outputs)};
}

std::array<Layer, kLayers> zeros_like(const std::array<Layer, kLayers>& layers) {
  std::array<Layer, kLayers> out;
  for (std::size_t l = 0; l < kLayers; ++l) out[l] = zeros(layers[l].inputs, layers[l].outputs);
  return out;
}

// What each layer gives for one point: tanh for the hidden ones, plain sums for the last.
std::array<std::vector<float>, kLayers> forward(const std::array<Layer, kLayers>& layers, const Point& point) {
  std::array<std::vector<float>, kLayers> out;
  const std::vector<float> coordinates = {point.x, point.y};
  for (std::size_t l = 0; l < kLayers; ++l) {
    const Layer& layer = layers[l];
    const std::vector<float>& in = l == 0 ? coordinates : out[l - 1];
    out[l] = layer.bias;
    for (std::size_t o = 0; o < layer.outputs; ++o) {
      float sum = 0;
      for (std::size_t i = 0; i < layer.inputs; ++i) sum += layer.weight[o * layer.inputs + i] * in[i];
      out[l][o] += sum;
      if (l + 1 < kLayers) out[l][o] = std::tanh(out[l][o]);
    }
  }
  return out;
}

// Turns sums into probabilities, in place.
void softmax(std::vector<float>& values) {
  const float top = *std::max_element(values.begin(), values.end());
  float total = 0;
  for (float& value : values) total += value = std::exp(value - top);
  for (float& value : values) value /= total;
}

}  // namespace

Network::Network(std::size_t hidden, std::size_t arms, std::mt19937& random) {
  layers = {zeros(2, hidden), zeros(hidden, hidden), zeros(hidden, arms)};
  for (Layer& layer : layers) {
    std::normal_distribution<float> draw(0.0F, 1.0F / std::sqrt(static_cast<float>(layer.inputs)));
    for (float& weight : layer.weight) weight = draw(random);
  }
}

Gradient Network::gradient(const std::vector<Point>& batch) const {
  Gradient out;
  out.layers = zeros_like(layers);
  const float share = 1.0F / static_cast<float>(batch.size());
  const std::size_t last = kLayers - 1;
  for (const Point& point : batch) {
    std::array<std::vector<float>, kLayers> values = forward(layers, point);
    std::vector<float> delta = values[last];
    softmax(delta);
    const std::size_t arm = static_cast<std::size_t>(point.arm);
    out.loss -= std::log(std::max(delta[arm], 1e-12F)) / static_cast<double>(batch.size());
    delta[arm] -= 1.0F;
    for (std::size_t l = kLayers; l-- > 0;) {
      const Layer& layer = layers[l];
      const std::vector<float> in = l == 0 ? std::vector<float>{point.x, point.y} : values[l - 1];
      std::vector<float> below(layer.inputs);
      for (std::size_t o = 0; o < layer.outputs; ++o) {
        const float d = delta[o] * share;
        out.layers[l].bias[o] += d;
        float* const row = &out.layers[l].weight[o * layer.inputs];
        const float* const weights = &layer.weight[o * layer.inputs];
        for (std::size_t i = 0; i < layer.inputs; ++i) {
          row[i] += d * in[i];
          below[i] += delta[o] * weights[i];
        }
      }
      if (l == 0) break;
      for (std::size_t i = 0; i < layer.inputs; ++i) below[i] *= 1.0F - in[i] * in[i];
      delta = below;
    }
  }
  return out;
}

int Network::predict(const Point& point) const {
  const std::vector<float> sums = forward(layers, point)[kLayers - 1];
  return static_cast<int>(std::max_element(sums.begin(), sums.end()) - sums.begin());
}

Adam::Adam(const Network& network, double learning_rate)
    : rate(learning_rate), first_(zeros_like(network.layers)), second_(zeros_like(network.layers)) {}

void Adam::step(Network& network, const Gradient& gradient) {
  constexpr float kBeta1 = 0.9F;
  constexpr float kBeta2 = 0.999F;
  ++steps_;
  const double correction1 = 1.0 - std::pow(static_cast<double>(kBeta1), static_cast<double>(steps_));
  const double correction2 = 1.0 - std::pow(static_cast<double>(kBeta2), static_cast<double>(steps_));
  const float pace = static_cast<float>(rate / correction1);
  const float scale = static_cast<float>(1.0 / std::sqrt(correction2));
  const auto update = [&](std::vector<float>& weight, std::vector<float>& first, std::vector<float>& second,
                          const std::vector<float>& slope) {
    for (std::size_t i = 0; i < weight.size(); ++i) {
      first[i] = kBeta1 * first[i] + (1.0F - kBeta1) * slope[i];
      second[i] = kBeta2 * second[i] + (1.0F - kBeta2) * slope[i] * slope[i];
      weight[i] -= pace * first[i] / (std::sqrt(second[i]) * scale + 1e-8F);
    }
  };
  for (std::size_t l = 0; l < kLayers; ++l) {
    update(network.layers[l].weight, first_[l].weight, second_[l].weight, gradient.layers[l].weight);
    update(network.layers[l].bias, first_[l].bias, second_[l].bias, gradient.layers[l].bias);
  }
}

double norm(const std::array<Layer, kLayers>& layers) {
  double sum = 0;
  for (const Layer& layer : layers) {
    for (const float weight : layer.weight) sum += static_cast<double>(weight) * static_cast<double>(weight);
    for (const float bias : layer.bias) sum += static_cast<double>(bias) * static_cast<double>(bias);
  }
  return std::sqrt(sum);
}

}  // namespace spiral

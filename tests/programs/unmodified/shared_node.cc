// what: shared_ptr to one node from several places, two layers with tied weights
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

struct Weights {
  std::vector<double> values;
  int updates = 0;
};

struct Layer {
  std::shared_ptr<Weights> weights;
  double scale;
  double operator()(double x) const { return std::tanh(scale * (weights->values[0] * x + weights->values[1])); }
};

struct Network {
  std::vector<Layer> layers;
  std::shared_ptr<Weights> watched;
};

double loss_of(const Network& net) {
  double loss = 0;
  for (double x = -1; x <= 1; x += 0.25) {
    double y = x;
    for (const Layer& layer : net.layers) y = layer(y);
    loss += (y - 0.5 * x) * (y - 0.5 * x);
  }
  return loss;
}

int main() {
  auto tied = std::make_shared<Weights>(Weights{{1.5, 0.3}});
  Network net{{{tied, 1.0}, {tied, 0.5}, {std::make_shared<Weights>(Weights{{0.7, -0.2}}), 1.0}}, tied};
  for (int epoch = 0; epoch < 10; ++epoch) {
    for (const auto& weights : {net.watched, net.layers.back().weights}) {
      std::vector<double> gradient;
      for (double& v : weights->values) {
        const double before = v, base = loss_of(net);
        v += 1e-6;
        gradient.push_back((loss_of(net) - base) / 1e-6);
        v = before;
      }
      for (size_t i = 0; i < gradient.size(); ++i) weights->values[i] -= 0.1 * gradient[i];
      ++weights->updates;
    }
    if (epoch == 6) {
      net.layers[1].weights = std::make_shared<Weights>(*tied);  // untied from now on
      net.watched = net.layers[1].weights;
    }
    const double loss = loss_of(net);
    std::printf("loss %a\n", loss);
  }
  std::printf("owners %ld updates %d %d\n", tied.use_count(), tied->updates, net.watched->updates);
}

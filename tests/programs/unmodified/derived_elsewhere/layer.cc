#include "layer.h"

Conv::Conv(int count) : n(count) { kernels.resize(static_cast<std::size_t>(n), std::vector<double>(2, 0.5)); }

double Conv::step(double x) {
  double sum = 0;
  for (auto& row : kernels) {
    for (auto& k : row) {
      k = k * 0.97 + 0.01 * x;
      sum += k;
    }
  }
  recent.push(kernels[0]);
  if (recent.size() > 3) recent.pop();
  return sum + 1e-3 * recent.front()[0];
}

void Model::add(Layer* layer) { layers.push_back(layer); }

double Model::step(double x) {
  for (Layer* layer : layers) x = layer->step(x);
  return x;
}

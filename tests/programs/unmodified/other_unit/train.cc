#include "train.h"

#include <cstdio>
#include <random>

Autoencoder make_autoencoder(unsigned seed) {
  Autoencoder net{6, 3, {}, {}};
  std::mt19937 gen(seed);
  for (int i = 0; i < net.inputs * net.hidden; ++i) {
    net.encode.push_back(gen() / 4294967296.0 - 0.5);
    net.decode.push_back(gen() / 4294967296.0 - 0.5);
  }
  return net;
}

static double step(Autoencoder& net, const std::vector<double>& x, double rate) {
  std::vector<double> h(net.hidden), back(net.hidden);
  for (int k = 0; k < net.hidden; ++k)
    for (int i = 0; i < net.inputs; ++i) h[k] += net.encode[k * net.inputs + i] * x[i];
  double loss = 0;
  for (int i = 0; i < net.inputs; ++i) {
    double e = -x[i];
    for (int k = 0; k < net.hidden; ++k) e += net.decode[i * net.hidden + k] * h[k];
    loss += e * e;
    for (int k = 0; k < net.hidden; ++k) {
      back[k] += e * net.decode[i * net.hidden + k];
      net.decode[i * net.hidden + k] -= rate * e * h[k];
    }
  }
  for (int k = 0; k < net.hidden; ++k)
    for (int i = 0; i < net.inputs; ++i) net.encode[k * net.inputs + i] -= rate * back[k] * x[i];
  return loss;
}

double train(Autoencoder& net, const Samples& samples, int epochs) {
  double loss = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    loss = 0;
    for (const auto& x : samples) loss += step(net, x, 0.05);
    std::printf("loss %a\n", loss);
  }
  return loss;
}

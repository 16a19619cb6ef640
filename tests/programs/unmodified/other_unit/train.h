#pragma once
#include <vector>

using Samples = std::vector<std::vector<double>>;

// A linear autoencoder with one bottleneck; matrices are stored row by row.
struct Autoencoder {
  int inputs, hidden;
  std::vector<double> encode, decode;
};

Autoencoder make_autoencoder(unsigned seed);
double train(Autoencoder& net, const Samples& samples, int epochs);

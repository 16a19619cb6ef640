// what: main loop in another translation unit than main, the model is passed by reference
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cstdio>

#include "train.h"

int main() {
  Autoencoder net = make_autoencoder(7);
  Samples samples;
  for (int i = 0; i < 24; ++i) {
    std::vector<double> s(net.inputs);
    for (int j = 0; j < net.inputs; ++j) s[j] = ((i * (j + 3)) % 9) / 9.0;
    samples.push_back(s);
  }
  const double last = train(net, samples, 10);
  double norm = 0;
  for (double w : net.encode) norm += w * w;
  std::printf("last %a norm %a\n", last, norm);
}

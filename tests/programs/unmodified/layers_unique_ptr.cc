// what: polymorphic layers behind std::vector<std::unique_ptr<Layer>>
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <vector>

using Vec = std::vector<double>;

struct Layer {
  virtual ~Layer() = default;
  virtual Vec forward(const Vec& x) = 0;
  virtual Vec backward(const Vec& g, double rate) = 0;
};

struct Dense : Layer {
  Dense(int in, int out, std::mt19937& gen) : w(in * out), b(out), in(in), out(out) {
    std::normal_distribution<double> normal(0, 1 / std::sqrt(in));
    for (double& v : w) v = normal(gen);
  }
  Vec forward(const Vec& x) override {
    input = x;
    Vec y = b;
    for (int o = 0; o < out; ++o)
      for (int i = 0; i < in; ++i) y[o] += w[o * in + i] * x[i];
    return y;
  }
  Vec backward(const Vec& g, double rate) override {
    Vec back(in);
    for (int o = 0; o < out; ++o) {
      for (int i = 0; i < in; ++i) back[i] += g[o] * w[o * in + i], w[o * in + i] -= rate * g[o] * input[i];
      b[o] -= rate * g[o];
    }
    return back;
  }
  Vec w, b, input;
  int in, out;
};

struct Tanh : Layer {
  Vec forward(const Vec& x) override {
    output = x;
    for (double& v : output) v = std::tanh(v);
    return output;
  }
  Vec backward(const Vec& g, double) override {
    Vec back = g;
    for (size_t i = 0; i < g.size(); ++i) back[i] *= 1 - output[i] * output[i];
    return back;
  }
  Vec output;
};

int main() {
  std::mt19937 gen(5);
  std::vector<std::unique_ptr<Layer>> net;
  net.push_back(std::make_unique<Dense>(2, 6, gen));
  net.push_back(std::make_unique<Tanh>());
  net.push_back(std::make_unique<Dense>(6, 1, gen));
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 32; ++i) {
      Vec x = {std::sin(i), std::cos(3 * i)}, y = x;
      for (auto& layer : net) y = layer->forward(y);
      Vec g = {y[0] - x[0] * x[1]};
      loss += g[0] * g[0];
      for (auto layer = net.rbegin(); layer != net.rend(); ++layer) g = (*layer)->backward(g, 0.1);
    }
    std::printf("loss %a\n", loss);
  }
}

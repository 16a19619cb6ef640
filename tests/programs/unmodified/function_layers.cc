// what: layers hold their activation functions in std::function, plain functions and lambdas, and a vector of them grows
// standard: c++14
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>
#include <vector>

typedef std::function<double(double)> Function;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

class Layer {
 public:
  Layer() = default;
  Layer(double w, Function f, Function d) : w_(w), f_(f), d_(std::move(d)) {}
  double forward(double x) { return x_ = x, y_ = f_(w_ * x); }
  double backward(double g, double rate) {
    const double down = g * d_(y_) * w_;
    w_ -= rate * g * d_(y_) * x_;
    return down;
  }

 private:
  double w_ = 1, x_ = 0, y_ = 0;
  Function f_, d_;
};

int main() {
  const double leak = 0.1;
  std::vector<Layer> layers;
  layers.push_back(Layer(0.7, sigmoid, [](double y) { return y * (1 - y); }));
  layers.emplace_back(1.3, [](double x) { return std::tanh(x); }, [](double y) { return 1 - y * y; });
  for (int epoch = 0; epoch < 12; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      double y = i * 0.1 - 1;
      for (Layer& layer : layers) y = layer.forward(y);
      const double off = y - 0.3 * std::sin(i * 0.1);
      loss += off * off;
      double g = 2 * off;
      for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) g = layer->backward(g, 0.05);
    }
    if (epoch % 4 == 3) layers.push_back(Layer(0.9, [leak](double x) { return x > 0 ? x : leak * x; }, [leak](double y) { return y > 0 ? 1 : leak; }));
    std::printf("loss %a\n", loss);
  }
}

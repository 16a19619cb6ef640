// what: layers hold pointers to their activation functions, one of which is the C library's, and a table of them is constant
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <math.h>
#include <vector>

typedef double (*Function)(double);

struct Activation {
  const char* name;
  int order;
  Function forward, backward;
};

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
static double of_sigmoid(double y) { return y * (1 - y); }
static double none(double x) { return x; }
static double one(double) { return 1; }
static double of_tanh(double y) { return 1 - y * y; }
static const Activation kActivations[] = {{"sigmoid", 2, sigmoid, of_sigmoid}, {"none", 1, none, one}};

class Layer {
 public:
  Layer(int n, Function forward, Function backward, const Activation* also)
      : weights_(n, 0.3), forward_(forward), backward_(backward), also_(also) {}
  double forward(double x) {
    x_ = x;
    double sum = 0;
    for (double w : weights_) sum += w * x;
    return y_ = also_->forward(forward_(sum));
  }
  void backward(double gradient, double rate) {
    for (double& w : weights_) w -= rate * gradient * backward_(y_) * x_ / also_->order;
  }
  void grow(const Activation* also) {
    weights_.push_back(0.01);
    also_ = also;
  }

 private:
  std::vector<double> weights_;
  Function forward_, backward_;
  const Activation* also_;
  double x_ = 0, y_ = 0;
};

int main() {
  std::vector<Layer> layers;
  layers.push_back(Layer(4, sigmoid, of_sigmoid, &kActivations[1]));
  layers.push_back(Layer(3, tanh, of_tanh, &kActivations[1]));
  for (int epoch = 0; epoch < 10; ++epoch) {
    double loss = 0;
    for (int i = 0; i < 20; ++i) {
      double y = i * 0.1;
      for (Layer& layer : layers) y = layer.forward(y);
      loss += (y - 0.3) * (y - 0.3);
      for (Layer& layer : layers) layer.backward(2 * (y - 0.3), 0.1);
    }
    if (epoch == 3) layers[1].grow(&kActivations[0]);
    std::printf("loss %a\n", loss);
  }
}

// what: polymorphic layers behind raw Layer*, created with new
// standard: c++11
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <vector>

class Layer {
 public:
  virtual ~Layer() {}
  virtual float forward(float x) = 0;
  virtual float backward(float gradient) = 0;
};

class Scale : public Layer {
 public:
  explicit Scale(float w) : w_(w), b_(0), x_(0) {}
  float forward(float x) { return w_ * (x_ = x) + b_; }
  float backward(float gradient) {
    const float back = gradient * w_;
    w_ -= 0.05f * gradient * x_;
    b_ -= 0.05f * gradient;
    return back;
  }

 private:
  float w_, b_, x_;
};

class Softplus : public Layer {
 public:
  Softplus() : x_(0), calls_(0) {}
  float forward(float x) {
    ++calls_;
    return std::log1p(std::exp(x_ = x));
  }
  float backward(float gradient) { return gradient / (1 + std::exp(-x_)); }

 private:
  float x_;
  int calls_;
};

int main() {
  std::vector<Layer*> layers;
  layers.push_back(new Scale(0.8f));
  layers.push_back(new Softplus);
  layers.push_back(new Scale(0.5f));
  for (int epoch = 0; epoch < 10; epoch++) {
    float loss = 0;
    for (int i = 0; i < 21; i++) {
      const float x = 0.2f * i - 2, target = x > 0 ? 1.5f * x : 0;
      float y = x;
      for (size_t k = 0; k < layers.size(); k++) y = layers[k]->forward(y);
      float gradient = y - target;
      loss += gradient * gradient;
      for (size_t k = layers.size(); k-- > 0;) gradient = layers[k]->backward(gradient);
    }
    std::printf("loss %a\n", loss);
  }
  for (size_t k = 0; k < layers.size(); k++) delete layers[k];
}

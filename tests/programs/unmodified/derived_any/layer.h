#pragma once
#include <any>
#include <vector>

class Layer {
 public:
  virtual ~Layer() = default;
  virtual double step(double x) = 0;
};

class Conv : public Layer {
 public:
  explicit Conv(int n);
  double step(double x) override;

 private:
  int n;
  std::any kernel;
};

class Model {
 public:
  void add(Layer* layer);
  double step(double x);

 private:
  std::vector<Layer*> layers;
};

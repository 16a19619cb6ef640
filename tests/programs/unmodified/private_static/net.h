#pragma once

class Net {
 public:
  double train(double x);

 private:
  double w = 0.5;
  static int count;
};

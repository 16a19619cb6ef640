#ifndef KALMAN_H
#define KALMAN_H

#include <cmath>

// Constant-velocity filter with process noise q and measurement noise r.
class Kalman {
 public:
  Kalman(double q, double r) : q_(q), r_(r) {
    reset(); //@-
  }

  void reset() {
    x_[0] = 0; //@2
    x_[1] = 0; //@3
    P_[0][0] = 10; //@4
    P_[0][1] = 0; //@5
    P_[1][0] = 0; //@-
    P_[1][1] = 10; //@6
    nll_ = 0; //@-
  }

  void predict(double dt) {
    x_[0] += dt * x_[1]; //@8
    double p00 = P_[0][0] + dt * (P_[0][1] + P_[1][0]) + dt * dt * P_[1][1]; //@9
    double p01 = P_[0][1] + dt * P_[1][1]; //@10
    P_[0][0] = p00 + q_ * dt * dt * dt / 3; //@11
    P_[0][1] = p01 + q_ * dt * dt / 2; //@12
    P_[1][0] = p01 + q_ * dt * dt / 2; //@-
    P_[1][1] += q_ * dt; //@13
  }

  void update(double z) {
    double y = z - x_[0]; //@14
    double s = P_[0][0] + r_; //@15
    double k0 = P_[0][0] / s; //@16
    double k1 = P_[1][0] / s; //@17
    x_[0] += k0 * y; //@18
    x_[1] += k1 * y; //@19
    P_[1][1] -= k1 * P_[0][1]; //@20
    P_[0][1] *= 1 - k0; //@21
    P_[1][0] *= 1 - k0; //@-
    P_[0][0] *= 1 - k0; //@22
    nll_ += 0.5 * (std::log(6.283185307 * s) + y * y / s); //@23
  }

  double pos() const {
    return x_[0]; //@-
  }

  double nll() const {
    return nll_; //@-
  }

 private:
  double q_, r_;
  double x_[2], P_[2][2];
  double nll_;
};

#endif

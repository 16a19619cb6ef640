#pragma once
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

inline double sigmoid(double v) { return 1.0 / (1.0 + std::exp(-v)); }

class Gru {
 public:
  Gru(int hidden, std::mt19937& rng)
      : hidden_(hidden), wz_(hidden), uz_(hidden), wr_(hidden), ur_(hidden),
        wc_(hidden), uc_(hidden), out_(hidden) {
    std::normal_distribution<double> gauss(0.0, 0.4); //@2
    for (int i = 0; i < hidden_; ++i) { //@11
      wz_[i] = gauss(rng); //@12
      wr_[i] = gauss(rng); //@14
      wc_[i] = gauss(rng); //@16
      uz_[i] = gauss(rng); //@13
      ur_[i] = gauss(rng); //@15
      uc_[i] = gauss(rng); //@17
      out_[i] = gauss(rng); //@18
    }
  }

  double Loss(const std::vector<double>& seq) const {
    std::vector<double> state(hidden_, 0.0); //@20
    double total = 0.0; //@21
    for (size_t t = 0; t + 1 < seq.size(); ++t) { //@22
      const double pred = Step(seq[t], state); //@?
      const double err = pred - seq[t + 1]; //@31
      total += err * err; //@32
    }
    return total / (seq.size() - 1); //@33
  }

  std::vector<std::vector<double>*> Params() {
    return {&wz_, &uz_, &wr_, &ur_, &wc_, &uc_, &out_}; //@34
  }

  void Update(const std::vector<double>& grads) {
    size_t k = 0; //@48
    for (auto* p : Params()) { //@49
      for (double& v : *p) { //@50
        v -= this->lr * grads[k++]; //@51
      }
    }
    this->lr *= 0.999; //@-
  }

  double lr = 0.1;

 private:
  double Step(double x, std::vector<double>& state) const {
    double y = 0.0; //@24
    for (int i = 0; i < hidden_; ++i) { //@25
      const double r = sigmoid(wr_[i] * x + ur_[i] * state[i]); //@27
      const double z = sigmoid(wz_[i] * x + uz_[i] * state[i]); //@26
      const double c = std::tanh(wc_[i] * x + uc_[i] * r * state[i]); //@28
      state[i] = (1.0 - z) * state[i] + z * c; //@29
      y += out_[i] * state[i]; //@30
    }
    return y; //@-
  }

  int hidden_;
  std::vector<double> wz_, uz_, wr_, ur_, wc_, uc_, out_;
};

#include <cmath>
#include <iostream>
#include <random>
#include <vector>

class AutoEncoder {
 public:
  AutoEncoder(int n_in, int n_code, unsigned seed)
      : n_in_(n_in), n_code_(n_code), rng_(seed), learning_rate_(0.05) {
    std::uniform_real_distribution<double> u(-0.3, 0.3); //@1
    enc_.resize(n_code_ * n_in_); //@2
    dec_.resize(n_in_ * n_code_); //@3
    for (size_t k = 0; k < enc_.size(); ++k) { //@4
      enc_[k] = u(rng_); //@5
    }
    for (size_t k = 0; k < dec_.size(); ++k) { //@6
      dec_[k] = u(rng_); //@7
    }
    enc_bias_.assign(n_code_, 0.0); //@8
    dec_bias_.assign(n_in_, 0.0); //@9
    code_.resize(n_code_); //@10
    recon_.resize(n_in_); //@11
  }

  void MakeData(int count) {
    std::normal_distribution<double> noise(0.0, 0.05); //@12
    std::uniform_real_distribution<double> phase(0.0, 6.2831853); //@13
    for (int i = 0; i < count; ++i) { //@14
      std::vector<double> row(n_in_); //@15
      const double p = phase(rng_); //@16
      for (int k = 0; k < n_in_; ++k) { //@17
        row[k] = 0.5 * std::sin(p + 0.5 * k) + noise(rng_); //@18
      }
      data_.push_back(row); //@19
    }
  }

  double Forward(const std::vector<double>& x) {
    for (int c = 0; c < n_code_; ++c) { //@20
      double sum = enc_bias_[c]; //@21
      for (int k = 0; k < n_in_; ++k) { //@22
        sum += enc_[c * n_in_ + k] * x[k]; //@23
      }
      code_[c] = std::tanh(sum); //@24
    }
    double err = 0.0; //@25
    for (int k = 0; k < n_in_; ++k) { //@26
      double sum = dec_bias_[k]; //@27
      for (int c = 0; c < n_code_; ++c) { //@28
        sum += dec_[k * n_code_ + c] * code_[c]; //@29
      }
      recon_[k] = sum; //@-
      err += 0.5 * (sum - x[k]) * (sum - x[k]); //@31
    }
    return err; //@-
  }

  void Backward(const std::vector<double>& x) {
    std::vector<double> dcode(n_code_, 0.0); //@33
    for (int k = 0; k < n_in_; ++k) { //@34
      const double delta = recon_[k] - x[k]; //@35
      for (int c = 0; c < n_code_; ++c) { //@36
        dcode[c] += delta * dec_[k * n_code_ + c]; //@37
        dec_[k * n_code_ + c] -= learning_rate_ * delta * code_[c]; //@38
      }
      dec_bias_[k] -= learning_rate_ * delta; //@39
    }
    for (int c = 0; c < n_code_; ++c) { //@40
      const double delta = dcode[c] * (1.0 - code_[c] * code_[c]); //@41
      for (int k = 0; k < n_in_; ++k) { //@42
        enc_[c * n_in_ + k] -= learning_rate_ * delta * x[k]; //@43
      }
      enc_bias_[c] -= learning_rate_ * delta; //@44
    }
  }

  void Fit(int epochs) {
    for (int e = 0; e < epochs; ++e) { //@45
      double total = 0.0; //@46
      for (size_t i = 0; i < data_.size(); ++i) { //@47
        total += Forward(data_[i]); //@48
        Backward(data_[i]); //@-
      }
      learning_rate_ *= 0.98; //@50
      if (e % 5 == 0) { //@51
        std::cout << "epoch " << e << ": " << total / data_.size() << "\n"; //@52
      }
    }
  }

  size_t size() const {
    return data_.size(); //@-
  }

 private:
  int n_in_, n_code_;
  std::mt19937 rng_;
  double learning_rate_;
  std::vector<double> enc_, dec_, enc_bias_, dec_bias_, code_, recon_;
  std::vector<std::vector<double>> data_;
};

int main() {
  AutoEncoder ae(16, 3, 5u); //@-
  ae.MakeData(300); //@-
  std::cout << "training on " << ae.size() << " rows\n"; //@56
  ae.Fit(50); //@-
  return 0; //@58
}

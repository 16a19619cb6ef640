// Scalar-input GRU predicting the next value of a noisy sine, trained with
// evolution-free finite differences on a handful of parameters (tiny on purpose).
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

constexpr int kHidden = 4;

double sigmoid(double v) { return 1.0 / (1.0 + std::exp(-v)); }

int main() {
  std::mt19937 rng(42); //@1
  std::normal_distribution<double> gauss(0.0, 0.4); //@2
  std::normal_distribution<double> noise(0.0, 0.02); //@3

  std::vector<double> series(64); //@4
  for (size_t t = 0; t < series.size(); ++t) { //@5
    series[t] = std::sin(0.3 * t) + noise(rng); //@6
  }

  std::vector<double> wz(kHidden), uz(kHidden); //@-
  std::vector<double> wr(kHidden), ur(kHidden); //@-
  std::vector<double> wc(kHidden), uc(kHidden); //@-
  std::vector<double> out(kHidden); //@-
  for (int i = 0; i < kHidden; ++i) { //@11
    wz[i] = gauss(rng); //@12
    uz[i] = gauss(rng); //@13
    wr[i] = gauss(rng); //@14
    ur[i] = gauss(rng); //@15
    wc[i] = gauss(rng); //@16
    uc[i] = gauss(rng); //@17
    out[i] = gauss(rng); //@18
  }

  auto rollout = [&]() { //@-
    std::vector<double> h(kHidden, 0.0); //@20
    double loss = 0.0; //@21
    for (size_t t = 0; t + 1 < series.size(); ++t) { //@22
      double x = series[t]; //@-
      double y = 0.0; //@24
      for (int i = 0; i < kHidden; ++i) { //@25
        double z = sigmoid(wz[i] * x + uz[i] * h[i]); //@26
        double r = sigmoid(wr[i] * x + ur[i] * h[i]); //@27
        double c = std::tanh(wc[i] * x + uc[i] * r * h[i]); //@28
        h[i] = (1.0 - z) * h[i] + z * c; //@29
        y += out[i] * h[i]; //@30
      }
      double diff = y - series[t + 1]; //@31
      loss += diff * diff; //@32
    }
    return loss / (series.size() - 1); //@33
  };

  std::vector<std::vector<double>*> params = {&wz, &uz, &wr, &ur, &wc, &uc, &out}; //@34
  double lr = 0.1; //@-
  const double eps = 1e-4; //@36
  for (int step = 0; step < 300; ++step) { //@37
    std::vector<double> grads; //@38
    for (auto* p : params) { //@39
      for (double& v : *p) { //@40
        double keep = v; //@41
        v = keep + eps; //@42
        double up = rollout(); //@43
        v = keep - eps; //@44
        double down = rollout(); //@45
        v = keep; //@46
        grads.push_back((up - down) / (2 * eps)); //@47
      }
    }
    size_t k = 0; //@48
    for (auto* p : params) { //@49
      for (double& v : *p) { //@50
        v -= lr * grads[k++]; //@51
      }
    }
    if (step % 50 == 0) { //@52
      std::cout << "step " << step << " mse " << rollout() << "\n"; //@53
    }
  }
  std::cout << "final mse " << rollout() << "\n"; //@54
  return 0; //@55
}

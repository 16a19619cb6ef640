// Scalar-input GRU predicting the next value of a noisy sine, trained with
// finite differences on a handful of parameters (tiny on purpose).
#include "gru.h"

#include <cmath>
#include <iostream>
#include <random>
#include <vector>

constexpr int kHidden = 4;

std::vector<double> NumericGradient(Gru& model, const std::vector<double>& seq) {
  const double eps = 1e-4; //@36
  std::vector<double> grads; //@38
  for (auto* p : model.Params()) { //@39
    for (double& v : *p) { //@40
      double keep = v; //@41
      v = keep + eps; //@42
      double up = model.Loss(seq); //@43
      v = keep - eps; //@44
      double down = model.Loss(seq); //@45
      v = keep; //@46
      grads.push_back((up - down) / (2 * eps)); //@47
    }
  }
  return grads; //@-
}

int main() {
  std::mt19937 rng(42); //@1
  std::normal_distribution<double> noise(0.0, 0.02); //@3
  std::vector<double> series(64); //@4
  for (size_t t = 0; t < series.size(); ++t) { //@5
    series[t] = std::sin(0.3 * t) + noise(rng); //@6
  }

  Gru model(kHidden, rng); //@-
  std::cout << "initial mse " << model.Loss(series) << "\n"; //@-
  for (int step = 0; step < 300; ++step) { //@37
    model.Update(NumericGradient(model, series)); //@-
    if (step % 50 == 0) { //@52
      std::cout << "step " << step << " mse " << model.Loss(series) << "\n"; //@53
    }
  }
  std::cout << "final mse " << model.Loss(series) << "\n"; //@54
  return 0; //@55
}

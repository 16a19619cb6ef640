// Fits the two noise levels of a Kalman filter by gradient descent on the NLL.
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

#include "kalman.h"

struct Track {
  std::vector<double> truth, meas;
};

static const double DT = 0.1;

Track simulate(std::mt19937 &gen, int len) {
  std::normal_distribution<double> n(0.0, 1.0); //@24
  Track tr; //@25
  double pos = 0, vel = 1; //@26
  for (int i = 0; i < len; i++) { //@27
    vel += std::sqrt(0.4 * DT) * n(gen); //@28
    pos += DT * vel; //@29
    tr.truth.push_back(pos); //@30
    tr.meas.push_back(pos + 0.7 * n(gen)); //@31
  }
  return tr; //@32
}

double cost(const std::vector<Track> &set, const double *theta) {
  double total = 0; //@33
  int count = 0; //@34
  for (size_t i = 0; i < set.size(); i++) { //@35
    Kalman kf(std::exp(theta[0]), std::exp(theta[1])); //@36
    for (size_t j = 0; j < set[i].meas.size(); j++) { //@37
      kf.predict(DT); //@38
      kf.update(set[i].meas[j]); //@39
    }
    total += kf.nll(); //@-
    count += set[i].meas.size(); //@41
  }
  return total / count; //@42
}

int main(int argc, char **argv) {
  int steps = argc > 1 ? std::atoi(argv[1]) : 60; //@43
  std::mt19937 gen(17); //@44
  std::vector<Track> train, test; //@45
  for (int i = 0; i < 20; i++) //@46
    train.push_back(simulate(gen, 100)); //@47
  for (int i = 0; i < 5; i++) //@48
    test.push_back(simulate(gen, 100)); //@49

  double theta[2] = {0, 0}; //@?
  double mom[2] = {0, 0}; //@-
  double g[2]; //@52
  const double h = 1e-4; //@53
  for (int step = 0; step < steps; step++) { //@54
    for (int d = 0; d < 2; d++) { //@55
      theta[d] += h; //@56
      double up = cost(train, theta); //@57
      theta[d] -= 2 * h; //@58
      double down = cost(train, theta); //@59
      theta[d] += h; //@60
      g[d] = (up - down) / (2 * h); //@61
    }
    for (int d = 0; d < 2; d++) { //@62
      mom[d] = 0.9 * mom[d] - 0.1 * g[d]; //@63
      theta[d] += mom[d]; //@64
    }
    if (step % 5 == 0) { //@65
      std::cout << "step " << step << " train " << cost(train, theta) << " test " << cost(test, theta) << "\n"; //@66
    }
  }

  double sq = 0; //@67
  int n = 0; //@68
  for (size_t i = 0; i < train.size(); i++) { //@69
    Kalman kf(std::exp(theta[0]), std::exp(theta[1])); //@70
    for (size_t j = 0; j < train[i].meas.size(); j++) { //@71
      kf.predict(DT); //@72
      kf.update(train[i].meas[j]); //@73
      sq += (kf.pos() - train[i].truth[j]) * (kf.pos() - train[i].truth[j]); //@74
      n++; //@75
    }
  }
  std::cout << "train rmse " << std::sqrt(sq / n) << "\n"; //@76
  sq = 0; //@77
  n = 0; //@78
  for (size_t i = 0; i < test.size(); i++) { //@79
    Kalman kf(std::exp(theta[0]), std::exp(theta[1])); //@80
    for (size_t j = 0; j < test[i].meas.size(); j++) { //@81
      kf.predict(DT); //@82
      kf.update(test[i].meas[j]); //@83
      sq += (kf.pos() - test[i].truth[j]) * (kf.pos() - test[i].truth[j]); //@84
      n++; //@85
    }
  }
  std::cout << "test rmse " << std::sqrt(sq / n) << "\n"; //@86
  std::cout << "q " << std::exp(theta[0]) << " r " << std::exp(theta[1]) << "\n"; //@87
  return 0; //@88
}

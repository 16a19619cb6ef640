// Fits the two noise levels of a Kalman filter by gradient descent on the NLL.
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

#include "descent.h"
#include "filter.h"

#define SQR(e) ((e) * (e))

struct Track {
  std::vector<double> truth, meas;
};

static const double DT = 0.1;

Track simulate(std::mt19937 &gen, int len) {
  std::normal_distribution<double> unit(0.0, 1.0); //@24
  Track track; //@25
  cv::State body{0, 1, 0, 0, 0}; //@26
  while (len-- > 0) { //@27
    body.pos += DT * body.vel; //@29
    body.vel += std::sqrt(0.4 * DT) * unit(gen); //@28
    track.truth.push_back(body.pos); //@30
    track.meas.push_back(body.pos + 0.7 * unit(gen)); //@31
  }
  return track; //@32
}

double cost(const std::vector<Track> &tracks, const Descent<2>::Vec &theta) {
  const double q = std::exp(theta[0]), r = std::exp(theta[1]); //@-
  double nll = 0; //@33
  size_t count = 0; //@34
  for (const Track &track : tracks) { //@35
    cv::State st = cv::prior(); //@36
    for (double z : track.meas) { //@37
      cv::predict(st, q, DT); //@38
      nll += cv::update(st, r, z); //@39
      count++; //@41
    }
  }
  return nll / count; //@42
}

int main(int argc, char **argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 60; //@43
  std::mt19937 gen(17); //@44
  std::vector<Track> train, val, test; //@45
  for (int i = 0; i < 20; i++) //@46
    train.push_back(simulate(gen, 100)); //@47
  for (int i = 0; i < 5; i++) //@-
    val.push_back(simulate(gen, 100)); //@-
  for (int i = 0; i < 5; i++) //@48
    test.push_back(simulate(gen, 100)); //@49

  Descent<2> opt; //@?
  for (int step = 0; step < steps; step++) { //@54
    opt.step([&](const Descent<2>::Vec &theta) { //@-
      return cost(train, theta); //@-
    });
    if (step % 5 == 0) { //@65
      std::cout << "step " << step << " train " << cost(train, opt.params) << " val " << cost(val, opt.params) << "\n"; //@66
    }
  }

  const double q = std::exp(opt.params[0]); //@-
  const double r = std::exp(opt.params[1]); //@-
  double sq = 0; //@67
  int n = 0; //@68
  for (const Track &track : train) { //@69
    cv::State st = cv::prior(); //@70
    for (size_t j = 0; j < track.meas.size(); j++) { //@71
      cv::predict(st, q, DT); //@72
      cv::update(st, r, track.meas[j]); //@73
      sq += SQR(st.pos - track.truth[j]); //@74
      n++; //@75
    }
  }
  std::cout << "train rmse " << std::sqrt(sq / n) << "\n"; //@76
  sq = 0; //@-
  n = 0; //@-
  for (const Track &track : val) { //@-
    cv::State st = cv::prior(); //@-
    for (size_t j = 0; j < track.meas.size(); j++) { //@-
      cv::predict(st, q, DT); //@-
      cv::update(st, r, track.meas[j]); //@-
      sq += SQR(st.pos - track.truth[j]); //@-
      n++; //@-
    }
  }
  std::cout << "val rmse " << std::sqrt(sq / n) << "\n"; //@-
  sq = 0; //@77
  n = 0; //@78
  for (const Track &track : test) { //@79
    cv::State st = cv::prior(); //@80
    for (size_t j = 0; j < track.meas.size(); j++) { //@81
      cv::predict(st, q, DT); //@82
      cv::update(st, r, track.meas[j]); //@83
      sq += SQR(st.pos - track.truth[j]); //@84
      n++; //@85
    }
  }
  std::cout << "test rmse " << std::sqrt(sq / n) << "\n"; //@86
  std::cout << "q " << q << " r " << r << "\n"; //@87
  return 0; //@88
}

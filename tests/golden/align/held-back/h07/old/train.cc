// AdaBoost with decision stumps on a ring shaped problem
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include "stump.h"

double urand() {
  return (double)rand() / RAND_MAX * 2.0 - 1.0; //@20
}

void make_ring(int n, Table &x, std::vector<int> &y) {
  for (int i = 0; i < n; i++) { //@21
    std::vector<double> p(3); //@-
    p[0] = urand(); //@23
    p[1] = urand(); //@24
    p[2] = p[0] * p[0] + p[1] * p[1] + 0.05 * urand(); //@25
    x.push_back(p); //@26
    y.push_back(p[2] < 0.5 ? 1 : -1); //@27
  }
}

double vote(const std::vector<Stump> &stumps, const std::vector<double> &alphas,
            const std::vector<double> &x) {
  double s = 0.0; //@28
  for (size_t k = 0; k < stumps.size(); k++) { //@29
    s += alphas[k] * stump_predict(stumps[k], x); //@30
  }
  return s; //@31
}

int main() {
  srand(9); //@32
  Table x, xt; //@33
  std::vector<int> y, yt; //@34
  make_ring(150, x, y); //@35
  make_ring(80, xt, yt); //@36
  std::vector<double> weight(x.size(), 1.0 / x.size()); //@37
  std::vector<Stump> stumps; //@?
  std::vector<double> alphas; //@?
  for (int round = 0; round < 30; round++) { //@40
    Stump best; //@41
    double err = fit_stump(x, y, weight, &best); //@42
    if (err >= 0.5) { //@43
      printf("no useful stump left\n"); //@44
      break; //@45
    }
    if (err < 1e-10) { //@?
      err = 1e-10; //@?
    }
    double alpha = 0.5 * log((1.0 - err) / err); //@48
    double sum = 0.0; //@49
    for (size_t i = 0; i < x.size(); i++) { //@50
      weight[i] *= exp(-alpha * y[i] * stump_predict(best, x[i])); //@51
      sum += weight[i]; //@52
    }
    for (size_t i = 0; i < x.size(); i++) { //@53
      weight[i] /= sum; //@54
    }
    stumps.push_back(best); //@55
    alphas.push_back(alpha); //@56
    int wrong = 0; //@?
    for (size_t i = 0; i < x.size(); i++) { //@?
      if (vote(stumps, alphas, x[i]) * y[i] <= 0) { //@?
        wrong++; //@?
      }
    }
    printf("round %d alpha %.4f train error %.4f\n", round, alpha, //@61
           wrong / (double)x.size());
  }
  int wrong = 0; //@?
  for (size_t i = 0; i < xt.size(); i++) { //@?
    if (vote(stumps, alphas, xt[i]) * yt[i] <= 0) { //@?
      wrong++; //@?
    }
  }
  printf("test error %.4f\n", wrong / (double)xt.size()); //@66
  return 0; //@67
}

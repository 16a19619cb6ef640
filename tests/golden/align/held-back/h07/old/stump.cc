#include "stump.h"

#include <stdlib.h>

int stump_predict(const Stump &s, const std::vector<double> &x) {
  int side = x[s.feature] > s.threshold ? 1 : -1; //@1
  return s.polarity * side; //@2
}

double fit_stump(const Table &x, const std::vector<int> &y, const std::vector<double> &weight,
                 Stump *best) {
  double best_err = 2.0; //@3
  int nf = x[0].size(); //@4
  for (int f = 0; f < nf; f++) { //@5
    for (size_t c = 0; c < x.size(); c++) { //@6
      Stump cand; //@7
      cand.feature = f; //@8
      cand.threshold = x[c][f]; //@9
      for (int pol = -1; pol <= 1; pol += 2) { //@10
        cand.polarity = pol; //@11
        double err = 0.0; //@12
        for (size_t i = 0; i < x.size(); i++) { //@13
          if (stump_predict(cand, x[i]) != y[i]) { //@14
            err += weight[i]; //@15
          }
        }
        if (err < best_err) { //@16
          best_err = err; //@17
          *best = cand; //@18
        }
      }
    }
  }
  return best_err; //@19
}

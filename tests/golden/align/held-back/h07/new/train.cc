// AdaBoost with decision stumps on a ring shaped problem
#include <cstdio>
#include <cstdlib>
#include "boost.h"

namespace {

using Real = float;
using Set = boost_lite::Rows<Real>;

Real urand() {
  return static_cast<Real>(rand()) / RAND_MAX * 2 - 1; //@20
}

void make_ring(int n, Set& x, std::vector<int>& y) {
  x.reserve(n); //@-
  y.reserve(n); //@-
  for (int i = 0; i < n; ++i) { //@21
    const Real u = urand(); //@23
    const Real v = urand(); //@24
    const Real r2 = u * u + v * v + Real(0.05) * urand(); //@25
    x.push_back({u, v, r2}); //@26
    y.push_back(r2 < Real(0.5) ? 1 : -1); //@27
  }
}

}  // namespace

int main() {
  srand(9); //@32
  Set x, held; //@33
  std::vector<int> y, held_y; //@34
  make_ring(150, x, y); //@35
  make_ring(80, held, held_y); //@36
  std::vector<Real> dist(x.size(), Real(1) / x.size()); //@37
  boost_lite::Committee<Real> committee; //@?
  for (int round = 0; round < 30; ++round) { //@40
    boost_lite::Stump<Real> best; //@41
    Real err = boost_lite::fit(x, y, dist, best); //@42
    if (err >= Real(0.5)) { //@43
      printf("no useful stump left\n"); //@44
      break; //@45
    }
    err = std::max(err, Real(1e-7)); //@?
    const Real alpha = std::log((1 - err) / err) / 2; //@48
    Real sum = 0; //@49
    for (std::size_t i = 0; i < x.size(); ++i) { //@50
      dist[i] *= std::exp(-alpha * y[i] * best(x[i])); //@51
      sum += dist[i]; //@52
    }
    for (Real& d : dist) { //@53
      d /= sum; //@54
    }
    committee.add(best, alpha); //@-
    printf("round %d alpha %.4f train error %.4f\n", round, alpha, //@61
           committee.error_rate(x, y));
  }
  printf("test error %.4f\n", committee.error_rate(held, held_y)); //@66
  return 0; //@67
}

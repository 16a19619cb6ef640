#pragma once

#include <array>
#include <cstddef>

template <std::size_t N>
class Descent {
 public:
  using Vec = std::array<double, N>;

  Vec params{};

  template <class F>
  void step(F cost) {
    const double eps = 1e-4; //@53
    Vec grad; //@52
    for (std::size_t d = 0; d < N; ++d) { //@55
      const double keep = params[d]; //@-
      params[d] = keep + eps; //@56
      const double hi = cost(params); //@57
      params[d] = keep - eps; //@58
      const double lo = cost(params); //@59
      params[d] = keep; //@60
      grad[d] = (hi - lo) / (2 * eps); //@61
    }
    for (std::size_t d = 0; d < N; ++d) { //@62
      speed_[d] = 0.9 * speed_[d] - 0.1 * grad[d]; //@63
      params[d] += speed_[d]; //@64
    }
  }

 private:
  Vec speed_{};
};

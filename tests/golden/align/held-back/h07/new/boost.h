#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace boost_lite {

template <typename T>
using Rows = std::vector<std::vector<T>>;

template <typename T>
struct Stump {
  int feature = 0;
  T cut = T();
  int polarity = 1;

  int operator()(const std::vector<T>& row) const {
    const int side = row[feature] > cut ? 1 : -1; //@1
    return polarity * side; //@2
  }
};

template <typename T>
T fit(const Rows<T>& x, const std::vector<int>& target, const std::vector<T>& dist, Stump<T>& out) {
  T lowest = std::numeric_limits<T>::max(); //@3
  const std::size_t columns = x.front().size(); //@4
  for (std::size_t f = 0; f < columns; ++f) { //@5
    for (const auto& pivot : x) { //@6
      for (int pol : {-1, 1}) { //@10
        Stump<T> trial; //@7
        trial.feature = static_cast<int>(f); //@8
        trial.cut = pivot[f]; //@9
        trial.polarity = pol; //@11
        T miss = 0; //@12
        for (std::size_t i = 0; i < x.size(); ++i) { //@13
          if (trial(x[i]) == target[i]) { //@14
            continue; //@-
          }
          miss += dist[i]; //@15
        }
        if (miss < lowest) { //@16
          lowest = miss; //@17
          out = trial; //@18
        }
      }
    }
  }
  return lowest; //@19
}

template <typename T>
class Committee {
 public:
  void add(const Stump<T>& member, T weight) {
    members_.push_back(member); //@55
    alphas_.push_back(weight); //@56
  }

  T score(const std::vector<T>& row) const {
    T s = 0; //@28
    for (std::size_t k = 0; k < members_.size(); ++k) { //@29
      s += alphas_[k] * members_[k](row); //@30
    }
    return s; //@31
  }

  T error_rate(const Rows<T>& x, const std::vector<int>& target) const {
    int bad = 0; //@?
    for (std::size_t i = 0; i < x.size(); ++i) { //@?
      if (score(x[i]) * target[i] <= 0) { //@?
        ++bad; //@?
      }
    }
    return bad / static_cast<T>(x.size()); //@-
  }

 private:
  std::vector<Stump<T>> members_;
  std::vector<T> alphas_;
};

}  // namespace boost_lite

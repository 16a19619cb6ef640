// Numbers that sum up many, for probes and log statements.
//
//   hindsight::log("w_norm", hindsight::norm(weights));            // anything with data() and size(), or (pointer, count)
//   hindsight::Stats s = hindsight::stats(activations, n);         // one call for all of them
//
// All of them are computed in f64, element i going to running sum i mod 8, so the result depends on the numbers and their order alone and
// not on compiler flags. NaN and infinities follow IEEE in sum, mean, std and norm; min and max leave NaN out. Of nothing: sum and norm
// are 0, the rest NaN. std divides by n. An opaque call, also with no host; it changes no floating-point flag. Tensors: hindsight/torch.h.
#pragma once
#pragma GCC system_header

#include "hindsight/face.h"

HINDSIGHT_NAMESPACE_BEGIN

struct Stats {
  double numel, nan, inf, min, max, sum, mean, std, norm;
};

template <class T, class = detail::EnableIf<detail::is_number<T>>>
inline Stats stats(const T* data, std::size_t count) noexcept {
  hindsight_statistics s;
  hindsight_statistics_of(detail::dtype_of<T>(), data, count, &s);
  return {s.numel, s.nan, s.inf, s.min, s.max, s.sum, s.mean, s.std, s.norm};
}
template <class Range, class = detail::EnableIf<detail::Contiguous<Range>::value>>
inline Stats stats(const Range& range) noexcept {
  return stats(range.data(), static_cast<std::size_t>(range.size()));
}
template <class T, std::size_t N, class = detail::EnableIf<detail::is_number<T>>>
inline Stats stats(const T (&array)[N]) noexcept {
  return stats(static_cast<const T*>(array), N);
}

#define HINDSIGHT_STATISTIC(name)                                                         \
  template <class T, class = detail::EnableIf<detail::is_number<T>>>                      \
  inline double name(const T* data, std::size_t count) noexcept {                         \
    return stats(data, count).name;                                                       \
  }                                                                                       \
  template <class Range, class = detail::EnableIf<detail::Contiguous<Range>::value>>      \
  inline double name(const Range& range) noexcept {                                       \
    return stats(range).name;                                                             \
  }                                                                                       \
  template <class T, std::size_t N, class = detail::EnableIf<detail::is_number<T>>>       \
  inline double name(const T (&array)[N]) noexcept {                                      \
    return stats(array).name;                                                             \
  }
HINDSIGHT_STATISTIC(norm)
HINDSIGHT_STATISTIC(mean)
HINDSIGHT_STATISTIC(min)
HINDSIGHT_STATISTIC(max)
HINDSIGHT_STATISTIC(sum)
#undef HINDSIGHT_STATISTIC

HINDSIGHT_NAMESPACE_END

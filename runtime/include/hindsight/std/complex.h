// State adapter for std::complex<float> and std::complex<double>, alone and in sequences.
#pragma once
#pragma GCC system_header

#include <complex>

#include "hindsight/std/sequence.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <>
struct Packed<std::complex<float>> {
  static constexpr bool value = true;
  static constexpr std::uint8_t dtype() noexcept { return kC64; }
};
template <>
struct Packed<std::complex<double>> {
  static constexpr bool value = true;
  static constexpr std::uint8_t dtype() noexcept { return kC128; }
};

}  // namespace detail

template <class T>
struct Adapter<std::complex<T>> {
  static void visit(Archive& archive, std::complex<T>& value) {
    static_assert(detail::Packed<std::complex<T>>::value, "hindsight: only complex<float> and complex<double> can be part of the state");
    hindsight_ar_leaf(archive.raw(), detail::Packed<std::complex<T>>::dtype(), 0, nullptr, &value, sizeof value, 1);
  }
};

HINDSIGHT_NAMESPACE_END

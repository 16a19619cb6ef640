// State adapters for std::array, std::pair and std::tuple.
#pragma once
#pragma GCC system_header

#include <array>
#include <tuple>
#include <utility>

#include "hindsight/std/made.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class T, std::size_t N>
struct HoldsPartial<std::array<T, N>> : HoldsPartial<T> {};
template <class A, class B>
struct HoldsPartial<std::pair<A, B>> : Any<HoldsPartial<A>::value, HoldsPartial<B>::value> {};
template <class... T>
struct HoldsPartial<std::tuple<T...>> : Any<HoldsPartial<T>::value...> {};

}  // namespace detail

template <class T, std::size_t N>
struct Adapter<std::array<T, N>> {
  static void visit(Archive& archive, std::array<T, N>& value) {
    if constexpr (detail::is_number<T>) {
      detail::visit_fixed(archive, value.data(), N);
    } else {
      if (hindsight_ar_enter_many(archive.raw()) == 0) return;
      for (std::size_t i = 0; i < N; ++i) archive.child(i, value[i]);
      hindsight_ar_leave_many(archive.raw());
    }
  }
};

template <class A, class B>
struct Adapter<std::pair<A, B>> {
  static void visit(Archive& archive, std::pair<A, B>& value) {
    archive.child("first", value.first);
    archive.child("second", value.second);
  }
};

template <class... T>
struct Adapter<std::tuple<T...>> {
  static void visit(Archive& archive, std::tuple<T...>& value) {
    visit_from<0>(archive, value);
  }

 private:
  template <std::size_t I>
  static void visit_from(Archive& archive, std::tuple<T...>& value) {
    if constexpr (I < sizeof...(T)) {
      archive(std::get<I>(value));
      visit_from<I + 1>(archive, value);
    }
  }
};

HINDSIGHT_NAMESPACE_END

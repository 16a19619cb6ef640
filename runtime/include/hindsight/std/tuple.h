// State adapters for std::array, std::pair and std::tuple.
#pragma once

#include <array>
#include <tuple>
#include <utility>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

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
    std::apply([&archive](T&... member) { archive(member...); }, value);
  }
};

HINDSIGHT_NAMESPACE_END

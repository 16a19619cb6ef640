// State adapters for std::optional, std::variant and std::monostate, which C++11 and C++14 do not have.
#pragma once
#pragma GCC system_header

#include "hindsight/std/made.h"
#if __cplusplus >= 201703L
#include <optional>
#include <variant>

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class... T>
struct HoldsPartial<std::variant<T...>> : Any<HoldsPartial<T>::value...> {};

}  // namespace detail

template <>
struct Adapter<std::monostate> {
  static void visit(Archive&, std::monostate&) {}
};

template <class T>
struct Adapter<std::optional<T>> {
  static void visit(Archive& archive, std::optional<T>& value) {
    static_assert(detail::MayRefuse<T>::value, "hindsight: what an optional in the state holds must be default constructible");
    const bool set = archive.number("set", value.has_value()) != 0;
    if (archive.failed()) return;
    if (!detail::CanBeMade<T>::value && set && !value.has_value()) return archive.fail(detail::kNoValue);
    if (archive.loading() && set != value.has_value()) {
      if constexpr (detail::CanBeMade<T>::value) {
        if (set) value.emplace();
      }
      if (!set) value.reset();
    }
    if (set && value.has_value()) {
      archive.child("value", *value);
    } else if (set) {  // checking: loading will make it
      hindsight_ar_push(archive.raw(), "value", 5);
      hindsight_ar_skip(archive.raw());
      hindsight_ar_pop(archive.raw());
    }
  }
};

template <class... T>
struct Adapter<std::variant<T...>> {
  static void visit(Archive& archive, std::variant<T...>& value) {
    const std::int64_t now = value.valueless_by_exception() ? -1 : static_cast<std::int64_t>(value.index());
    const std::int64_t index = archive.number("index", now);
    if (archive.failed()) return;
    if (index < -1 || index >= static_cast<std::int64_t>(sizeof...(T)) || (index == -1 && now != -1)) {
      return archive.fail("holds an alternative in what is stored that it cannot be given");
    }
    if (index != now && index >= 0 && !can_make(static_cast<std::size_t>(index))) return archive.fail(detail::kNoValue);
    if (archive.loading() && index != now) make(value, static_cast<std::size_t>(index), std::index_sequence_for<T...>());
    if (archive.checking() && index != now) {
      hindsight_ar_push(archive.raw(), "value", 5);
      hindsight_ar_skip(archive.raw());
      hindsight_ar_pop(archive.raw());
    } else if (index >= 0) {
      std::visit([&archive](auto& held) { archive.child("value", held); }, value);
    }
  }

 private:
  template <std::size_t... I>
  static void make(std::variant<T...>& value, std::size_t index, std::index_sequence<I...>) {
    static_assert((detail::MayRefuse<T>::value && ...), "hindsight: every alternative of a variant in the state must be default constructible");
    (make_one<I>(value, index), ...);
  }
  template <std::size_t I>
  static void make_one(std::variant<T...>& value, std::size_t index) {
    if constexpr (detail::CanBeMade<std::variant_alternative_t<I, std::variant<T...>>>::value) {
      if (I == index) value.template emplace<I>();
    }
  }
  static bool can_make(std::size_t index) {
    const bool can[] = {detail::CanBeMade<T>::value...};
    return can[index];
  }
};

HINDSIGHT_NAMESPACE_END

#endif

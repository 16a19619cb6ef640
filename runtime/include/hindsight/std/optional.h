// State adapters for std::optional, std::variant and std::monostate.
#pragma once

#include <optional>
#include <variant>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

template <>
struct Adapter<std::monostate> {
  static void visit(Archive&, std::monostate&) {}
};

template <class T>
struct Adapter<std::optional<T>> {
  static void visit(Archive& archive, std::optional<T>& value) {
    static_assert(std::is_default_constructible<T>::value,
                  "hindsight: what an optional in the state holds must be default constructible");
    const bool set = archive.number("set", value.has_value()) != 0;
    if (archive.failed()) return;
    if (archive.loading() && set != value.has_value()) {
      if (set) {
        value.emplace();
      } else {
        value.reset();
      }
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
    static_assert((std::is_default_constructible<T>::value && ...),
                  "hindsight: every alternative of a variant in the state must be default constructible");
    ((I == index ? void(value.template emplace<I>()) : void()), ...);
  }
};

HINDSIGHT_NAMESPACE_END

// State adapters for std::unique_ptr and std::shared_ptr. An object that several shared pointers own is stored once, and is shared again
// after restoring; an object that is there already is restored in place.
#pragma once

#include <memory>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

template <class T>
constexpr void check_pointee() {
  static_assert(!std::is_array<T>::value, "hindsight: a smart pointer to an array has no known size; use a std::vector");
  static_assert(!std::is_void<T>::value, "hindsight: a smart pointer to void cannot be part of the state");
}

template <class T>
inline T* make_pointee(Archive& archive) {
  if constexpr (std::is_default_constructible<T>::value && !std::is_abstract<T>::value) {
    (void)archive;
    return new T();
  } else {
    archive.fail("holds nothing now but did when it was stored, and its class has no default constructor");
    return nullptr;
  }
}

inline void skip_child(Archive& archive, const char* name) {
  hindsight_ar_push(archive.raw(), name, __builtin_strlen(name));
  hindsight_ar_skip(archive.raw());
  hindsight_ar_pop(archive.raw());
}

}  // namespace detail

template <class T, class Deleter>
struct Adapter<std::unique_ptr<T, Deleter>> {
  static void visit(Archive& archive, std::unique_ptr<T, Deleter>& value) {
    detail::check_pointee<T>();
    const bool set = archive.number("set", value != nullptr) != 0;
    if (archive.failed()) return;
    if (archive.loading() && set != (value != nullptr)) {
      if constexpr (std::is_same<Deleter, std::default_delete<T>>::value) {
        value.reset(set ? detail::make_pointee<T>(archive) : nullptr);
      } else {
        if (set) return archive.fail("holds nothing now but did when it was stored, and has a deleter of its own");
        value.reset();
      }
    }
    if (set && value != nullptr) {
      archive.child("value", *value);
    } else if (set && archive.checking()) {
      detail::skip_child(archive, "value");
    }
  }
};

template <class T>
struct Adapter<std::shared_ptr<T>> {
  using Object = std::remove_const_t<T>;

  static void visit(Archive& archive, std::shared_ptr<T>& value) {
    detail::check_pointee<T>();
    static_assert(!std::is_const<T>::value, "hindsight: a pointer to something constant cannot be part of the state; leave it out");
    constexpr std::uint64_t type = detail::type_key<T>();
    // -1: null. Else the number of the object, which follows where it comes first.
    if (!archive.loading() && !archive.checking()) {
      std::int64_t number = value == nullptr ? -1 : hindsight_ar_find_object(archive.raw(), value.get(), type);
      const bool is_new = value != nullptr && number < 0;
      if (is_new) number = hindsight_ar_add_object(archive.raw(), value.get(), type, nullptr, nullptr);
      archive.number("object", number);
      archive.number("here", is_new);
      if (is_new) archive.child("value", *value);
      return;
    }
    const std::int64_t number = archive.number("object", -1);
    const bool here = archive.number("here", 0) != 0;
    if (archive.failed()) return;
    if (archive.checking()) {
      if (here && value != nullptr && hindsight_ar_find_object(archive.raw(), value.get(), type) < 0) {
        hindsight_ar_add_object(archive.raw(), value.get(), type, nullptr, nullptr);
        archive.child("value", *value);
      } else if (here) {
        detail::skip_child(archive, "value");
      }
      return;
    }
    if (number < 0) {
      value.reset();
    } else if (here) {
      // The object that is there is kept unless it stands for another one already.
      if (value == nullptr || hindsight_ar_find_object(archive.raw(), value.get(), type) >= 0) {
        value.reset(detail::make_pointee<Object>(archive));
      }
      if (archive.failed()) return;
      const std::int64_t given = hindsight_ar_add_object(archive.raw(), value.get(), type, new std::shared_ptr<T>(value),
                                                         [](void* holder) { delete static_cast<std::shared_ptr<T>*>(holder); });
      if (given != number) return archive.fail("is not the object that was stored in its place");
      archive.child("value", *value);
    } else {
      void* const holder = hindsight_ar_object(archive.raw(), number, type);
      if (holder == nullptr) return archive.fail("shares an object that comes later, or is of another type");
      if (value != *static_cast<std::shared_ptr<T>*>(holder)) value = *static_cast<std::shared_ptr<T>*>(holder);
    }
  }
};

HINDSIGHT_NAMESPACE_END

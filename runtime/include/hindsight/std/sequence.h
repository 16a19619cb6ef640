// State adapters for std::vector (bool too), std::deque, std::list and std::forward_list. Elements that are numbers become one leaf.
#pragma once

#include <deque>
#include <forward_list>
#include <list>
#include <vector>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// What becomes one element of a leaf. Adapters (std::complex) may add to it.
template <class T>
struct Packed {
  static constexpr bool value = is_number<T>;
  static constexpr std::uint8_t dtype() noexcept {
    if constexpr (is_number<T>) {
      return dtype_of<T>();
    } else {
      return 0;
    }
  }
};

// One leaf for `count` numbers from `first` on, in order; to be called when saving.
template <class T, class It>
inline void save_packed(Archive& archive, It first, std::uint64_t count) {
  void* const place = hindsight_ar_reserve(archive.raw(), Packed<T>::dtype(), 1, &count, count * sizeof(T), 0);
  if (place == nullptr) return;
  char* out = static_cast<char*>(place);
  for (std::uint64_t i = 0; i < count; ++i, ++first, out += sizeof(T)) {
    const T element = static_cast<T>(*first);
    __builtin_memcpy(out, static_cast<const void*>(&element), sizeof(T));
  }
}

// The stored numbers; null after a failure. `count` is how many.
template <class T>
inline const char* stored_packed(Archive& archive, std::uint64_t& count) {
  std::uint64_t bytes = 0;
  const void* const stored = hindsight_ar_peek(archive.raw(), Packed<T>::dtype(), 1, &count, &bytes);
  if (stored == nullptr || bytes == count * sizeof(T)) return static_cast<const char*>(stored);
  archive.fail("is damaged in what is stored");
  return nullptr;
}
template <class T>
inline T packed_at(const char* stored, std::uint64_t i) {
  T element;
  __builtin_memcpy(static_cast<void*>(&element), stored + i * sizeof(T), sizeof(T));
  return element;
}

// Elements that are visited one by one, in place; `resize` is called when loading.
template <class Container, class Resize>
inline void visit_elements(Archive& archive, Container& container, std::uint64_t size, Resize resize) {
  if (hindsight_ar_enter_many(archive.raw()) == 0) return;
  const auto wanted = static_cast<std::uint64_t>(archive.number("size", static_cast<std::int64_t>(size)));
  if (archive.loading() && !archive.failed() && wanted != size) resize(static_cast<std::size_t>(wanted));
  std::uint64_t i = 0;
  for (auto element = container.begin(); element != container.end() && i < wanted && !archive.failed(); ++element, ++i) {
    archive.child(i, *element);
  }
  // Elements that loading will make first.
  for (; archive.checking() && i < wanted && !archive.failed(); ++i) {
    hindsight_ar_push_index(archive.raw(), i);
    hindsight_ar_skip(archive.raw());
    hindsight_ar_pop(archive.raw());
  }
  hindsight_ar_leave_many(archive.raw());
}

template <class Container>
inline void visit_sequence(Archive& archive, Container& container, std::uint64_t size) {
  using T = typename Container::value_type;
  if (archive.digesting()) return;
  if constexpr (Packed<T>::value) {
    if (archive.saving()) return save_packed<T>(archive, container.begin(), size);
    std::uint64_t count = 0;
    const char* const stored = stored_packed<T>(archive, count);
    if (stored == nullptr) return;
    if (archive.loading()) {
      if (count != size) container.resize(static_cast<std::size_t>(count));
      std::uint64_t i = 0;
      for (auto element = container.begin(); element != container.end(); ++element) *element = packed_at<T>(stored, i++);
    }
    hindsight_ar_consume(archive.raw());
  } else {
    static_assert(std::is_default_constructible<T>::value,
                  "hindsight: elements of a container that is part of the state must be default constructible");
    visit_elements(archive, container, size, [&container](std::size_t n) { container.resize(n); });
  }
}

}  // namespace detail

template <class T, class Alloc>
struct Adapter<std::vector<T, Alloc>> {
  static void visit(Archive& archive, std::vector<T, Alloc>& value) {
    if constexpr (detail::Packed<T>::value && !std::is_same<T, bool>::value) {
      std::uint64_t size = value.size(), bytes = 0;
      if (archive.loading() || archive.checking()) {
        if (hindsight_ar_peek(archive.raw(), detail::Packed<T>::dtype(), 1, &size, &bytes) == nullptr) return;
        if (bytes != size * sizeof(T)) return archive.fail("is damaged in what is stored");
        if (archive.checking()) return hindsight_ar_consume(archive.raw());
        if (size != value.size()) value.resize(static_cast<std::size_t>(size));
      }
      hindsight_ar_leaf(archive.raw(), detail::Packed<T>::dtype(), 1, &size, static_cast<void*>(value.data()), size * sizeof(T), 0);
    } else {
      detail::visit_sequence(archive, value, value.size());
    }
  }
};

template <class T, class Alloc>
struct Adapter<std::deque<T, Alloc>> {
  static void visit(Archive& archive, std::deque<T, Alloc>& value) { detail::visit_sequence(archive, value, value.size()); }
};

template <class T, class Alloc>
struct Adapter<std::list<T, Alloc>> {
  static void visit(Archive& archive, std::list<T, Alloc>& value) { detail::visit_sequence(archive, value, value.size()); }
};

template <class T, class Alloc>
struct Adapter<std::forward_list<T, Alloc>> {
  static void visit(Archive& archive, std::forward_list<T, Alloc>& value) {
    std::uint64_t size = 0;
    for (auto element = value.begin(); element != value.end(); ++element) ++size;
    detail::visit_sequence(archive, value, size);
  }
};

HINDSIGHT_NAMESPACE_END

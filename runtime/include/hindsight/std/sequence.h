// State adapters for std::vector (bool too), std::deque, std::list and std::forward_list. Elements that are numbers become one leaf.
#pragma once
#pragma GCC system_header

#include <deque>
#include <forward_list>
#include <list>
#include <vector>

#include "hindsight/std/made.h"

HINDSIGHT_NAMESPACE_BEGIN
namespace detail {

// What becomes one element of a leaf. Adapters (std::complex) may add to it.
template <class T, bool = is_number<T>>
struct Packed {
  static constexpr bool value = false;
};
template <class T>
struct Packed<T, true> {
  static constexpr bool value = true;
  static constexpr std::uint8_t dtype() noexcept { return dtype_of<T>(); }
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

template <class Container>
struct IsVector : std::false_type {};
template <class T, class Alloc>
struct IsVector<std::vector<T, Alloc>> : std::true_type {};

// All but the first `size`, which asks nothing of the elements.
template <class Container>
inline void drop_last(Container& container, std::size_t size) {
  while (container.size() > size) container.pop_back();
}
template <class T, class Alloc>
inline void drop_last(std::forward_list<T, Alloc>& container, std::size_t size) {
  auto last = container.before_begin();
  while (size-- > 0) ++last;
  container.erase_after(last, container.end());
}

// Elements that are visited one by one, in place; `resize` is called when loading, for more of them only where they `can_grow`.
template <bool can_grow, class Container, class Resize>
inline void visit_elements(Archive& archive, Container& container, std::uint64_t size, Resize resize) {
  if (hindsight_ar_enter_many(archive.raw()) == 0) return;
  const auto wanted = static_cast<std::uint64_t>(archive.number("size", static_cast<std::int64_t>(size)));
  if (!can_grow && !archive.failed() && wanted > size) archive.fail(kNoElement);
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
    constexpr bool is_movable = !IsVector<Container>::value || std::is_move_constructible<T>::value;
    static_assert(MayRefuse<T>::value, "hindsight: elements of a container that is part of the state must be default constructible");
    static_assert(is_movable || HoldsMembers<T>::value, "hindsight: elements of a vector that is part of the state must be movable");
    if constexpr (CanBeMade<T>::value && is_movable) {
      visit_elements<true>(archive, container, size, [&container](std::size_t n) { container.resize(n); });
    } else {
      visit_elements<false>(archive, container, size, [&container](std::size_t n) { drop_last(container, n); });
    }
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

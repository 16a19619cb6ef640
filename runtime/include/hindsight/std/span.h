// State adapter for std::span (C++20): its length, and where it points into what must be part of the state as well.
#pragma once
#pragma GCC system_header

#include "hindsight/pointer.h"
#if __cplusplus >= 202002L
#include <span>
#endif

#if defined(__cpp_lib_span)
HINDSIGHT_NAMESPACE_BEGIN

template <class T, std::size_t N>
struct Adapter<std::span<T, N>> {
  static void visit(Archive& archive, std::span<T, N>& value) {
    std::size_t at = 0;
    if constexpr (N == std::dynamic_extent) {
      const std::int64_t size = archive.number("size", static_cast<std::int64_t>(value.size()));
      if (archive.failed()) return;
      if (archive.loading()) value = std::span<T>(value.data(), static_cast<std::size_t>(size));
      // Of its two words the pointer may be either.
      static_assert(sizeof value == 2 * sizeof(void*), "hindsight: a std::span of an unknown layout");
      T* const mark = reinterpret_cast<T*>(alignof(std::max_align_t) * 64);
      const std::span<T> known(mark, 1);
      T* first;
      __builtin_memcpy(&first, static_cast<const void*>(&known), sizeof first);
      at = first == mark ? 0 : sizeof(void*);
    } else {
      static_assert(sizeof value == sizeof(void*), "hindsight: a std::span of an unknown layout");
    }
    // In place: it is set when the pass ends.
    hindsight_ar_pointer(archive.raw(), static_cast<char*>(static_cast<void*>(&value)) + at, detail::elsewhere());
  }
};

HINDSIGHT_NAMESPACE_END
#endif

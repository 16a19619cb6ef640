// State adapter for std::basic_string.
#pragma once
#pragma GCC system_header

#include <string>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

template <class Char, class Traits, class Alloc>
struct Adapter<std::basic_string<Char, Traits, Alloc>> {
  static void visit(Archive& archive, std::basic_string<Char, Traits, Alloc>& value) {
    constexpr std::uint8_t dtype = detail::is_char<Char> ? static_cast<std::uint8_t>(detail::kText) : detail::dtype_of<Char>();
    std::uint64_t size = value.size(), bytes = 0;
    if (archive.loading() || archive.checking()) {
      if (hindsight_ar_peek(archive.raw(), dtype, 1, &size, &bytes) == nullptr) return;
      if (bytes != size * sizeof(Char)) return archive.fail("is damaged in what is stored");
      if (archive.checking()) return hindsight_ar_consume(archive.raw());
      value.resize(static_cast<std::size_t>(size));
      // A short text that was in the object itself, as pointers into it say, has to be there again.
      const void *const data = value.data(), *const end = &value + 1;
      const bool is_inside = data >= static_cast<const void*>(&value) && data < end;
      if (!is_inside && size <= std::basic_string<Char, Traits, Alloc>(value.get_allocator()).capacity()) value.shrink_to_fit();
    }
    hindsight_ar_leaf(archive.raw(), dtype, 1, &size, &value[0], size * sizeof(Char), 0);
  }
};

HINDSIGHT_NAMESPACE_END

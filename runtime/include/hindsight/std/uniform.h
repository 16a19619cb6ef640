// State adapter for std::uniform_int_distribution, which <algorithm> brings as well; the rest of <random> is in random.h.
#pragma once
#pragma GCC system_header

#include "hindsight/state.h"
#if !defined(_GLIBCXX_BITS_UNIFORM_INT_DIST_H)
#include <random>
#endif

HINDSIGHT_NAMESPACE_BEGIN

// Its bounds.
template <class I>
struct Adapter<std::uniform_int_distribution<I>> {
  static void visit(Archive& archive, std::uniform_int_distribution<I>& value) {
    static_assert(std::is_trivially_copyable<std::uniform_int_distribution<I>>::value && sizeof value == 2 * sizeof(I),
                  "hindsight: a std::uniform_int_distribution of an unknown layout");
    constexpr std::uint64_t size = sizeof value;
    hindsight_ar_leaf(archive.raw(), detail::kBytes, 1, &size, static_cast<void*>(&value), size, 1);
  }
};

HINDSIGHT_NAMESPACE_END

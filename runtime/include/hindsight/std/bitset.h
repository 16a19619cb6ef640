// State adapter for std::bitset: one leaf of words.
#pragma once
#pragma GCC system_header

#include <bitset>

#include "hindsight/state.h"

HINDSIGHT_NAMESPACE_BEGIN

template <std::size_t N>
struct Adapter<std::bitset<N>> {
  static void visit(Archive& archive, std::bitset<N>& value) {
    constexpr std::size_t bits = sizeof(unsigned long) * 8;
    constexpr std::uint64_t count = (N + bits - 1) / bits;
    static_assert(N == 0 || sizeof value == count * sizeof(unsigned long), "hindsight: a std::bitset of an unknown layout");
    hindsight_ar_leaf(archive.raw(), detail::dtype_of<unsigned long>(), 1, &count, static_cast<void*>(&value),
                      count * sizeof(unsigned long), count <= 8);
  }
};

HINDSIGHT_NAMESPACE_END

// Numbers as byte planes: the lowest byte of every element, then the next, and so on. Bytes of like meaning stand together then, which
// is what an entropy coder needs. Only integers are computed with: every bit pattern (NaN payloads, -0, denormals) comes back as it was,
// whatever the floating-point environment.
//
//   real numbers are first rotated left by one bit: the exponent fills the highest byte (or bytes), the sign becomes the lowest bit
//     (ZipNN, arXiv 2411.05239);
//   a difference is that of the bit patterns as integers, modulo 2^width, zigzag coded: small changes become small numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/types.h"

namespace hindsight::store {

// Written to disk: never renumber, never reuse.
enum class Element : std::uint8_t { kInt8 = 1, kInt16 = 2, kInt32 = 3, kInt64 = 4, kReal16 = 5, kReal32 = 6, kReal64 = 7 };

constexpr bool is_known(Element element) { return element >= Element::kInt8 && element <= Element::kReal64; }
// Bytes of one element.
constexpr std::size_t width_of(Element element) {
  constexpr std::size_t kWidths[] = {0, 1, 2, 4, 8, 2, 4, 8};
  return kWidths[static_cast<std::size_t>(element)];
}
// What arrays of a dtype consist of; complex numbers are two reals.
Element element_of(DType dtype);

// `count` elements from `bytes` into width_of(element) planes of `count` bytes each, one after another.
void split_planes(Element element, const char* bytes, std::size_t count, char* planes);
// The same for their differences from the elements at `base`.
void split_difference(Element element, const char* bytes, const char* base, std::size_t count, char* planes);

// The inverse functions. `bytes` may be `base`, and overlaps `planes` nowhere.
void merge_planes(Element element, const char* planes, std::size_t count, char* bytes);
void merge_difference(Element element, const char* planes, const char* base, std::size_t count, char* bytes);

}  // namespace hindsight::store

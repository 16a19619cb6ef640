#include "store/byte_planes.h"

#include <cstring>
#include <limits>

// The same code is compiled for all processors and, where that is another one, for those with AVX2; which of them runs is found out once.
// Integers only: both give the same bytes.
#if defined(__x86_64__) && !defined(__AVX2__)
#define HINDSIGHT_WIDE __attribute__((target("avx2")))
#endif
#define HINDSIGHT_INLINE [[gnu::always_inline]] inline

namespace hindsight::store {
namespace {

// Elements that are worked on at once, so that what lies between two passes stays in the nearest cache.
constexpr std::size_t kBlock = 512;

template <class U>
constexpr int kTop = std::numeric_limits<U>::digits - 1;

template <class U>
HINDSIGHT_INLINE U rotate_left(U n) {
  return static_cast<U>(static_cast<U>(n << 1) | static_cast<U>(n >> kTop<U>));
}
template <class U>
HINDSIGHT_INLINE U rotate_right(U n) {
  return static_cast<U>(static_cast<U>(n >> 1) | static_cast<U>(n << kTop<U>));
}
template <class U>
HINDSIGHT_INLINE U zigzag(U n) {
  return static_cast<U>(static_cast<U>(n << 1) ^ static_cast<U>(U{0} - static_cast<U>(n >> kTop<U>)));
}
template <class U>
HINDSIGHT_INLINE U unzigzag(U n) {
  return static_cast<U>(static_cast<U>(n >> 1) ^ static_cast<U>(U{0} - static_cast<U>(n & 1)));
}

enum class Transform { kNone, kRotate, kDifference };

template <class U, Transform kTransform>
HINDSIGHT_INLINE void split(const char* bytes, const char* base, std::size_t count, char* planes) {
  U block[kBlock];
  U other[kBlock];
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const std::size_t size = count - begin < kBlock ? count - begin : kBlock;
    std::memcpy(block, bytes + begin * sizeof(U), size * sizeof(U));
    if constexpr (kTransform == Transform::kRotate) {
      for (std::size_t i = 0; i < size; ++i) block[i] = rotate_left(block[i]);
    } else if constexpr (kTransform == Transform::kDifference) {
      std::memcpy(other, base + begin * sizeof(U), size * sizeof(U));
      for (std::size_t i = 0; i < size; ++i) block[i] = zigzag(static_cast<U>(block[i] - other[i]));
    }
    for (std::size_t k = 0; k < sizeof(U); ++k) {
      auto* const plane = reinterpret_cast<unsigned char*>(planes + k * count + begin);
      for (std::size_t i = 0; i < size; ++i) plane[i] = static_cast<unsigned char>(block[i] >> (8 * k));
    }
  }
}

template <class U, Transform kTransform>
HINDSIGHT_INLINE void merge(const char* planes, const char* base, std::size_t count, char* bytes) {
  U block[kBlock];
  U other[kBlock];
  for (std::size_t begin = 0; begin < count; begin += kBlock) {
    const std::size_t size = count - begin < kBlock ? count - begin : kBlock;
    const auto* const plane = reinterpret_cast<const unsigned char*>(planes + begin);
    for (std::size_t i = 0; i < size; ++i) {
      U n = plane[i];
      for (std::size_t k = 1; k < sizeof(U); ++k) n = static_cast<U>(n | static_cast<U>(static_cast<U>(plane[k * count + i]) << (8 * k)));
      block[i] = n;
    }
    if constexpr (kTransform == Transform::kRotate) {
      for (std::size_t i = 0; i < size; ++i) block[i] = rotate_right(block[i]);
    } else if constexpr (kTransform == Transform::kDifference) {
      std::memcpy(other, base + begin * sizeof(U), size * sizeof(U));
      for (std::size_t i = 0; i < size; ++i) block[i] = static_cast<U>(unzigzag(block[i]) + other[i]);
    }
    std::memcpy(bytes + begin * sizeof(U), block, size * sizeof(U));
  }
}

enum class Direction { kSplit, kMerge };

template <Direction kDirection, class U, Transform kTransform>
HINDSIGHT_INLINE void go(const char* from, const char* base, std::size_t count, char* to) {
  if constexpr (kDirection == Direction::kSplit) {
    split<U, kTransform>(from, base, count, to);
  } else {
    merge<U, kTransform>(from, base, count, to);
  }
}

template <Direction kDirection>
HINDSIGHT_INLINE void choose(Element element, const char* from, const char* base, std::size_t count, char* to) {
  if (base != nullptr) {
    switch (width_of(element)) {
      case 1: return go<kDirection, std::uint8_t, Transform::kDifference>(from, base, count, to);
      case 2: return go<kDirection, std::uint16_t, Transform::kDifference>(from, base, count, to);
      case 4: return go<kDirection, std::uint32_t, Transform::kDifference>(from, base, count, to);
      default: return go<kDirection, std::uint64_t, Transform::kDifference>(from, base, count, to);
    }
  }
  switch (element) {
    case Element::kInt8: std::memcpy(to, from, count); return;
    case Element::kInt16: return go<kDirection, std::uint16_t, Transform::kNone>(from, nullptr, count, to);
    case Element::kInt32: return go<kDirection, std::uint32_t, Transform::kNone>(from, nullptr, count, to);
    case Element::kInt64: return go<kDirection, std::uint64_t, Transform::kNone>(from, nullptr, count, to);
    case Element::kReal16: return go<kDirection, std::uint16_t, Transform::kRotate>(from, nullptr, count, to);
    case Element::kReal32: return go<kDirection, std::uint32_t, Transform::kRotate>(from, nullptr, count, to);
    case Element::kReal64: return go<kDirection, std::uint64_t, Transform::kRotate>(from, nullptr, count, to);
  }
}

template <Direction kDirection>
void anywhere(Element element, const char* from, const char* base, std::size_t count, char* to) {
  choose<kDirection>(element, from, base, count, to);
}

#ifdef HINDSIGHT_WIDE
template <Direction kDirection>
HINDSIGHT_WIDE void wide(Element element, const char* from, const char* base, std::size_t count, char* to) {
  choose<kDirection>(element, from, base, count, to);
}
template <Direction kDirection>
void run(Element element, const char* from, const char* base, std::size_t count, char* to) {
  static const bool has_wide = __builtin_cpu_supports("avx2") != 0;
  has_wide ? wide<kDirection>(element, from, base, count, to) : anywhere<kDirection>(element, from, base, count, to);
}
#else
template <Direction kDirection>
void run(Element element, const char* from, const char* base, std::size_t count, char* to) {
  anywhere<kDirection>(element, from, base, count, to);
}
#endif

}  // namespace

Element element_of(DType dtype) {
  switch (dtype) {
    case DType::kI16:
    case DType::kU16: return Element::kInt16;
    case DType::kI32:
    case DType::kU32: return Element::kInt32;
    case DType::kI64:
    case DType::kU64: return Element::kInt64;
    case DType::kF16:
    case DType::kBF16: return Element::kReal16;
    case DType::kF32:
    case DType::kC64: return Element::kReal32;
    case DType::kF64:
    case DType::kC128: return Element::kReal64;
    case DType::kBool:
    case DType::kI8:
    case DType::kU8:
    case DType::kText:
    case DType::kBytes:
    case DType::kError: break;
  }
  return Element::kInt8;
}

void split_planes(Element element, const char* bytes, std::size_t count, char* planes) {
  run<Direction::kSplit>(element, bytes, nullptr, count, planes);
}
void split_difference(Element element, const char* bytes, const char* base, std::size_t count, char* planes) {
  run<Direction::kSplit>(element, bytes, base, count, planes);
}
void merge_planes(Element element, const char* planes, std::size_t count, char* bytes) {
  run<Direction::kMerge>(element, planes, nullptr, count, bytes);
}
void merge_difference(Element element, const char* planes, const char* base, std::size_t count, char* bytes) {
  run<Direction::kMerge>(element, planes, base, count, bytes);
}

}  // namespace hindsight::store

#include "store/byte_planes.h"

#include <cstring>
#include <limits>

// The same code is compiled for all processors and for those with AVX2, where elements of four bytes, which most of what is
// stored consists of, have code of their own; which of them runs is found out once. Integers only: all give the same bytes.
#if defined(__x86_64__)
#include <immintrin.h>
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
constexpr std::size_t kVectors = 4;                // that are worked on at once
constexpr std::size_t kElements = 8 * kVectors;    // in these
struct FourVectors {
  __m256i v[kVectors];
};

HINDSIGHT_WIDE inline __m256i load(const char* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
HINDSIGHT_WIDE inline void store(char* to, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }

template <Transform kTransform>
HINDSIGHT_WIDE inline __m256i forwards(__m256i v, const char* base) {
  if constexpr (kTransform == Transform::kRotate) return _mm256_or_si256(_mm256_slli_epi32(v, 1), _mm256_srli_epi32(v, 31));
  if constexpr (kTransform == Transform::kDifference) {
    const __m256i difference = _mm256_sub_epi32(v, load(base));
    return _mm256_xor_si256(_mm256_slli_epi32(difference, 1), _mm256_srai_epi32(difference, 31));
  }
  return v;
}
template <Transform kTransform>
HINDSIGHT_WIDE inline __m256i backwards(__m256i v, const char* base) {
  if constexpr (kTransform == Transform::kRotate) return _mm256_or_si256(_mm256_srli_epi32(v, 1), _mm256_slli_epi32(v, 31));
  if constexpr (kTransform == Transform::kDifference) {
    const __m256i sign = _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_and_si256(v, _mm256_set1_epi32(1)));
    return _mm256_add_epi32(_mm256_xor_si256(_mm256_srli_epi32(v, 1), sign), load(base));
  }
  return v;
}

// Within each half the bytes are gathered by their place in the element, then the halves' groups are joined: 8 bytes of plane 0, 8 of
// plane 1, and so on; four such vectors are transposed.
template <Transform kTransform>
HINDSIGHT_WIDE void split_wide(const char* bytes, const char* base, std::size_t count, char* planes) {
  const __m256i gather = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m256i join = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (std::size_t i = 0; i + kElements <= count; i += kElements) {
    FourVectors of;
    for (std::size_t k = 0; k < kVectors; ++k) {
      const std::size_t at = 4 * (i + 8 * k);
      const __m256i v = forwards<kTransform>(load(bytes + at), base + at);
      of.v[k] = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(v, gather), join);
    }
    const __m256i even01 = _mm256_unpacklo_epi64(of.v[0], of.v[1]), odd01 = _mm256_unpackhi_epi64(of.v[0], of.v[1]);
    const __m256i even23 = _mm256_unpacklo_epi64(of.v[2], of.v[3]), odd23 = _mm256_unpackhi_epi64(of.v[2], of.v[3]);
    store(planes + i, _mm256_permute2x128_si256(even01, even23, 0x20));
    store(planes + count + i, _mm256_permute2x128_si256(odd01, odd23, 0x20));
    store(planes + 2 * count + i, _mm256_permute2x128_si256(even01, even23, 0x31));
    store(planes + 3 * count + i, _mm256_permute2x128_si256(odd01, odd23, 0x31));
  }
}

template <Transform kTransform>
HINDSIGHT_WIDE void merge_wide(const char* planes, const char* base, std::size_t count, char* bytes) {
  for (std::size_t i = 0; i + kElements <= count; i += kElements) {
    const __m256i p0 = load(planes + i), p1 = load(planes + count + i), p2 = load(planes + 2 * count + i), p3 = load(planes + 3 * count + i);
    const __m256i low01 = _mm256_unpacklo_epi8(p0, p1), high01 = _mm256_unpackhi_epi8(p0, p1);
    const __m256i low23 = _mm256_unpacklo_epi8(p2, p3), high23 = _mm256_unpackhi_epi8(p2, p3);
    const __m256i a = _mm256_unpacklo_epi16(low01, low23), b = _mm256_unpackhi_epi16(low01, low23);
    const __m256i c = _mm256_unpacklo_epi16(high01, high23), d = _mm256_unpackhi_epi16(high01, high23);
    const FourVectors of = {{_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(c, d, 0x20),
                             _mm256_permute2x128_si256(a, b, 0x31), _mm256_permute2x128_si256(c, d, 0x31)}};
    for (std::size_t k = 0; k < kVectors; ++k) {
      const std::size_t at = 4 * (i + 8 * k);
      store(bytes + at, backwards<kTransform>(of.v[k], base + at));
    }
  }
}

// All elements of four bytes that fill whole vectors are done by hand, the others one by one. The planes' places do not depend on that.
template <Direction kDirection, Transform kTransform>
HINDSIGHT_WIDE void four_bytes(const char* from, const char* base, std::size_t count, char* to) {
  constexpr bool kSplits = kDirection == Direction::kSplit;
  if constexpr (kSplits) {
    split_wide<kTransform>(from, base, count, to);
  } else {
    merge_wide<kTransform>(from, base, count, to);
  }
  for (std::size_t i = count / kElements * kElements; i < count; ++i) {
    std::uint32_t n = 0, other = 0;
    if constexpr (kTransform == Transform::kDifference) std::memcpy(&other, base + 4 * i, sizeof other);
    if constexpr (kSplits) {
      std::memcpy(&n, from + 4 * i, sizeof n);
      n = kTransform == Transform::kRotate ? rotate_left(n) : kTransform == Transform::kDifference ? zigzag(n - other) : n;
      for (std::size_t k = 0; k < 4; ++k) to[k * count + i] = static_cast<char>(n >> (8 * k));
    } else {
      for (std::size_t k = 0; k < 4; ++k) n |= static_cast<std::uint32_t>(static_cast<unsigned char>(from[k * count + i])) << (8 * k);
      n = kTransform == Transform::kRotate ? rotate_right(n) : kTransform == Transform::kDifference ? unzigzag(n) + other : n;
      std::memcpy(to + 4 * i, &n, sizeof n);
    }
  }
}

template <Direction kDirection>
HINDSIGHT_WIDE void wide(Element element, const char* from, const char* base, std::size_t count, char* to) {
  if (width_of(element) != 4) return choose<kDirection>(element, from, base, count, to);
  if (base != nullptr) return four_bytes<kDirection, Transform::kDifference>(from, base, count, to);
  if (element == Element::kReal32) return four_bytes<kDirection, Transform::kRotate>(from, from, count, to);
  four_bytes<kDirection, Transform::kNone>(from, from, count, to);
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

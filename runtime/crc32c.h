// CRC-32C (Castagnoli) as iSCSI and ext4 compute it: reflected, start and end inverted. crc32c("123456789") is 0xe3069283.
// Header only, no dependencies: the client and the host both include it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hindsight::wire {
namespace crc_detail {

struct Table {
  std::uint32_t entry[8][256];
  constexpr Table() : entry{} {
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int k = 0; k < 8; ++k) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
      entry[0][i] = c;
    }
    for (int t = 1; t < 8; ++t) {
      for (std::uint32_t i = 0; i < 256; ++i) {
        entry[t][i] = (entry[t - 1][i] >> 8) ^ entry[0][entry[t - 1][i] & 0xff];
      }
    }
  }
};
inline constexpr Table kTable{};

inline std::uint32_t extend_portable(std::uint32_t state, const unsigned char* p, std::size_t n) {
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    word ^= state;
    state = 0;
    for (int i = 0; i < 8; ++i) state ^= kTable.entry[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; n > 0; --n, ++p) state = (state >> 8) ^ kTable.entry[0][(state ^ *p) & 0xff];
  return state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) inline std::uint32_t extend_sse42(std::uint32_t state, const unsigned char* p,
                                                                     std::size_t n) {
  std::uint64_t wide = state;
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  state = static_cast<std::uint32_t>(wide);
  for (; n > 0; --n, ++p) state = __builtin_ia32_crc32qi(state, *p);
  return state;
}
#endif

}  // namespace crc_detail

// The running state starts at ~0u; the checksum is its inverse.
inline std::uint32_t crc32c_extend(std::uint32_t state, const void* data, std::size_t size) {
  const unsigned char* p = static_cast<const unsigned char*>(data);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc_detail::extend_sse42(state, p, size);
#endif
  return crc_detail::extend_portable(state, p, size);
}

inline std::uint32_t crc32c(const void* data, std::size_t size) { return ~crc32c_extend(~0u, data, size); }

// The checksum of a journal record of `size` bytes at `record`, which lies at `offset` in the file: over the salt, the offset
// (8 bytes each, little-endian), then everything of the record after its crc field.
inline std::uint32_t record_crc(std::uint64_t salt, std::uint64_t offset, const void* record, std::size_t size) {
  const std::uint64_t seed[2] = {salt, offset};
  std::uint32_t state = crc32c_extend(~0u, seed, sizeof seed);
  return ~crc32c_extend(state, static_cast<const unsigned char*>(record) + 4, size - 4);
}

}  // namespace hindsight::wire

#include "store/hash.h"

#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // the same functions, as fast as the processor can
#endif

#include <new>

#include "store/base/bytes.h"
#include "store/store.h"

namespace hindsight::store {

Hash hash_bytes(std::string_view bytes) {
  const XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
  return Hash{.high = h.high64, .low = h.low64};
}

Hasher::Hasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_128bits_reset(state_);
}
Hasher::~Hasher() { XXH3_freeState(state_); }
void Hasher::add(std::string_view bytes) { XXH3_128bits_update(state_, bytes.data(), bytes.size()); }
Hash Hasher::hash() const {
  const XXH128_hash_t h = XXH3_128bits_digest(state_);
  return Hash{.high = h.high64, .low = h.low64};
}

std::uint64_t checksum(std::uint64_t seed, std::string_view key, std::string_view rest) {
  // Two calls rather than a stream: one-shot hashing needs no state and is faster on small values.
  const std::uint64_t key_hash = XXH3_64bits_withSeed(key.data(), key.size(), seed);
  return XXH3_64bits_withSeed(rest.data(), rest.size(), key_hash);
}

std::string hash_key(const Hash& hash) { return make_key(hash.high, hash.low); }

Hash hash_from_key(std::string_view key, std::size_t at) {
  return Hash{.high = read_big(key, at), .low = read_big(key, at + 8)};
}

std::string to_hex(const Hash& hash) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(32);
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text.push_back(kDigits[half >> shift & 0xf]);
  }
  return text;
}

std::optional<Hash> hash_from_hex(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  std::uint64_t halves[2] = {0, 0};
  for (std::size_t i = 0; i < 32; ++i) {
    const char c = text[i];
    int digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return std::nullopt;
    }
    halves[i / 16] = halves[i / 16] << 4 | static_cast<std::uint64_t>(digit);
  }
  return Hash{.high = halves[0], .low = halves[1]};
}

}  // namespace hindsight::store

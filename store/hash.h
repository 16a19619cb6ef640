// The two hashes of FORMAT.md; the only user of xxHash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/types.h"

struct XXH3_state_s;

namespace hindsight::store {

// The checksum of a value: of `rest`, seeded with the hash of `key`, which is seeded with the table's number.
std::uint64_t checksum(std::uint64_t seed, std::string_view key, std::string_view rest);

// hash_bytes over bytes that come in pieces.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void add(std::string_view bytes);
  Hash hash() const;

 private:
  ::XXH3_state_s* state_;
};

// A hash as it stands in keys: 16 bytes, big-endian, high half first.
std::string hash_key(const Hash& hash);
// REQUIRES: key.size() >= at + 16.
Hash hash_from_key(std::string_view key, std::size_t at = 0);

}  // namespace hindsight::store

// Integers to and from bytes: big-endian for keys, little-endian for everything else.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace hindsight::store {

static_assert(std::endian::native == std::endian::little, "values are read in place");

inline void append_big(std::string& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<char>(value >> shift & 0xff));
}

// REQUIRES: from.size() >= at + 8.
inline std::uint64_t read_big(std::string_view from, std::size_t at = 0) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(from[at + i]);
  return value;
}

template <class T>
void append_little(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// REQUIRES: from.size() >= at + sizeof(T).
template <class T>
T read_little(std::string_view from, std::size_t at = 0) {
  T value;
  std::memcpy(&value, from.data() + at, sizeof value);
  return value;
}

// A key of one or more numbers.
template <class... Numbers>
std::string make_key(Numbers... numbers) {
  std::string key;
  key.reserve(8 * sizeof...(numbers));
  (append_big(key, static_cast<std::uint64_t>(numbers)), ...);
  return key;
}

}  // namespace hindsight::store

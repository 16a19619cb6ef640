#include "store/value.h"

#include <cstring>

#include "store/base/bytes.h"
#include "store/hash.h"
#include "store/store.h"

namespace hindsight::store {

void seal_into(std::span<char> to, Table table, std::string_view key, Form form, Coding coding, std::size_t raw_bytes,
               std::string_view payload) {
  const std::size_t pad = to.size() - kValueHead - payload.size();
  std::memset(to.data(), 0, kValueHead);
  to[8] = static_cast<char>(form);
  to[9] = static_cast<char>(coding);
  to[10] = static_cast<char>(pad);
  const std::uint64_t raw = raw_bytes;
  std::memcpy(to.data() + 16, &raw, sizeof raw);
  std::memcpy(to.data() + kValueHead, payload.data(), payload.size());
  std::memset(to.data() + kValueHead + payload.size(), 0, pad);
  const std::uint64_t sum =
      checksum(static_cast<std::uint64_t>(table), key, std::string_view(to.data() + 8, to.size() - 8));
  std::memcpy(to.data(), &sum, sizeof sum);
}

std::string seal(Compressor& compressor, Table table, std::string_view key, Form form, std::string_view payload) {
  // Small values live inside tree pages, where a few bytes less change nothing.
  const std::string frame = payload.size() < 1024 ? std::string() : compressor.compress_if_worth_it(payload);
  const std::string_view stored = frame.empty() ? payload : std::string_view(frame);
  std::string value(sealed_size(stored.size()), '\0');
  seal_into(value, table, key, form, frame.empty() ? Coding::kRaw : Coding::kZstd, payload.size(), stored);
  return value;
}

Result<Opened> open_unchecked(std::string_view value) {
  const auto corrupt = [](const char* what) { return Error(ErrorKind::kCorrupt, std::string(what) + " (I3)"); };
  if (value.size() < kValueHead || value.size() % 8 != 0) return corrupt("the value has an impossible size");
  const auto form = static_cast<std::uint8_t>(value[8]);
  const auto coding = static_cast<std::uint8_t>(value[9]);
  const auto pad = static_cast<std::uint8_t>(value[10]);
  if (form < 1 || form > 3) return corrupt("the value has an unknown form");
  if (coding > 2) return corrupt("the value has an unknown coding");
  if (pad > 7 || kValueHead + pad > value.size()) return corrupt("the value has impossible padding");
  if (value.substr(11, 5) != std::string_view("\0\0\0\0\0", 5)) return corrupt("the value's head is not zero where it must be");
  Opened opened{.form = static_cast<Form>(form),
                .coding = static_cast<Coding>(coding),
                .raw_bytes = read_little<std::uint64_t>(value, 16),
                .payload = value.substr(kValueHead, value.size() - kValueHead - pad)};
  if (opened.coding == Coding::kPlanes && opened.form != Form::kChunk) return corrupt("the value has a coding that only chunks can have");
  if (opened.coding == Coding::kRaw && opened.raw_bytes != opened.payload.size()) {
    return corrupt("the value's size differs from the one it states");
  }
  return opened;
}

Result<Opened> open_value(Table table, std::string_view key, std::string_view value) {
  if (value.size() < kValueHead || value.size() % 8 != 0) return open_unchecked(value);
  if (read_little<std::uint64_t>(value) != checksum(static_cast<std::uint64_t>(table), key, value.substr(8))) {
    return Error(ErrorKind::kCorrupt, "the checksum differs (I3)");
  }
  return open_unchecked(value);
}

Result<std::string_view> payload_of(const Opened& opened, std::string& room) {
  if (opened.coding == Coding::kRaw) return opened.payload;
  if (opened.coding != Coding::kZstd) return Error(ErrorKind::kInvalid, "a chunk of byte planes is not read alone");
  Result<std::string> bytes = decompress(opened.payload, opened.raw_bytes);
  if (!bytes) return std::move(bytes).error();
  room = std::move(*bytes);
  return std::string_view(room);
}

std::string describe(Table table, std::string_view key) {
  std::string text = info_of(table).name;
  text += ' ';
  switch (table) {
    case Table::kVersionIds:
    case Table::kBlobs:
    case Table::kChunks:
    case Table::kProbes:
      if (key.size() == 16) return text + to_hex(hash_from_key(key));
      break;
    case Table::kCoverage:
      if (key.size() == 24) return text + std::to_string(read_big(key)) + "/" + to_hex(hash_from_key(key, 8));
      break;
    default:
      break;
  }
  for (std::size_t at = 0; at + 8 <= key.size(); at += 8) {
    if (at > 0) text += '/';
    text += std::to_string(read_big(key, at));
  }
  return text;
}

}  // namespace hindsight::store

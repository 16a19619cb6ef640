// A value as it stands on disk: a head with a checksum, and a payload (FORMAT.md, "Values").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "store/base/result.h"
#include "store/table.h"
#include "store/zstd.h"

namespace hindsight::store {

// Written to disk: never renumber, never reuse.
enum class Form : std::uint8_t { kMessage = 1, kSeriesBlock = 2, kChunk = 3 };
// kPlanes: of chunks only; codec.h.
enum class Coding : std::uint8_t { kRaw = 0, kZstd = 1, kPlanes = 2 };

inline constexpr std::size_t kValueHead = 24;

// How many bytes a value with a payload of this size takes.
constexpr std::size_t sealed_size(std::size_t payload) { return kValueHead + (payload + 7) / 8 * 8; }

// Writes a value into `to`, whose size must be sealed_size(payload.size()).
void seal_into(std::span<char> to, Table table, std::string_view key, Form form, Coding coding, std::size_t raw_bytes,
               std::string_view payload);

// The same as a string; compresses where that is worth it.
std::string seal(Compressor& compressor, Table table, std::string_view key, Form form, std::string_view payload);

// A value taken apart. `payload` points into what it was made from.
struct Opened {
  Form form = Form::kMessage;
  Coding coding = Coding::kRaw;
  std::uint64_t raw_bytes = 0;
  std::string_view payload;
};
// Checks the head's grammar (I3) but not the checksum.
Result<Opened> open_unchecked(std::string_view value);
// Checks everything of I3.
Result<Opened> open_value(Table table, std::string_view key, std::string_view value);

// The decoded payload: `opened.payload` itself, or `room`, which is then filled. REQUIRES: not kPlanes, which chunk_store.h reads.
Result<std::string_view> payload_of(const Opened& opened, std::string& room);

// "run_counts 3", "series 3/0", "chunks 04ab...": how error messages name an entry.
std::string describe(Table table, std::string_view key);

}  // namespace hindsight::store

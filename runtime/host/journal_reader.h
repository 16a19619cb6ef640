// Finds whole records in a journal's bytes. Pure: no file, no process.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/wire.h"

namespace hindsight::host {

// A record whose checksum holds. Nothing is known yet of what it says.
struct Record {
  wire::RecordKind kind = wire::RecordKind::kPad;
  std::uint64_t offset = 0;  // in the file
  std::string_view bytes;    // header included; borrowed
  std::uint64_t end() const { return offset + bytes.size(); }
};

struct Scan {
  enum class Found {
    kRecord,   // `record`
    kNothing,  // zeros: nothing was written here
    kShort,    // `needed` bytes are needed to tell
    kTorn      // bytes that are no whole record
  };
  Found found = Found::kNothing;
  Record record = {};
  std::uint64_t needed = 0;
};

// What stands at the beginning of `bytes`, which lie at `offset` of a journal with this salt.
Scan scan_record(std::string_view bytes, std::uint64_t offset, std::uint64_t salt);

// How many whole records lie in `bytes` anywhere, after a place where reading had to stop. Only counts them: what lies
// behind damage is not used, since the values lost before it would shift its sequence numbers.
std::uint64_t count_records_behind(std::string_view bytes, std::uint64_t offset, std::uint64_t salt);

}  // namespace hindsight::host

#include "runtime/host/journal_reader.h"

#include <cstring>

#include "runtime/crc32c.h"

namespace hindsight::host {
namespace {

wire::RecordHeader header_at(std::string_view bytes) {
  wire::RecordHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

bool is_known(wire::RecordKind kind) { return kind >= wire::RecordKind::kSite && kind <= wire::RecordKind::kNext; }

}  // namespace

Scan scan_record(std::string_view bytes, std::uint64_t offset, std::uint64_t salt) {
  if (bytes.size() < sizeof(wire::RecordHeader))
    return {.found = Scan::Found::kShort, .needed = sizeof(wire::RecordHeader)};
  const wire::RecordHeader header = header_at(bytes);
  if (header.crc == 0 && header.size_and_kind == 0) return {.found = Scan::Found::kNothing};
  const std::uint64_t size = wire::size_of(header);
  if (size < 16 || !is_known(wire::kind_of(header))) return {.found = Scan::Found::kTorn};
  if (bytes.size() < size) return {.found = Scan::Found::kShort, .needed = size};
  const std::string_view record = bytes.substr(0, size);
  if (wire::record_crc(salt, offset, record.data(), record.size()) != header.crc) return {.found = Scan::Found::kTorn};
  return {.found = Scan::Found::kRecord, .record = {.kind = wire::kind_of(header), .offset = offset, .bytes = record}};
}

std::uint64_t count_records_behind(std::string_view bytes, std::uint64_t offset, std::uint64_t salt) {
  std::uint64_t found = 0;
  // Damaged bytes may look like headers of long records again and again: an upper bound on the work.
  std::uint64_t budget = 16 * static_cast<std::uint64_t>(bytes.size()) + 4096;
  for (std::size_t at = 0; at + 16 <= bytes.size();) {
    const wire::RecordHeader header = header_at(bytes.substr(at));
    const std::uint64_t size = wire::size_of(header);
    std::size_t step = 16;
    if (size >= 16 && size <= bytes.size() - at && is_known(wire::kind_of(header))) {
      if (size > budget) break;
      budget -= size;
      if (scan_record(bytes.substr(at), offset + at, salt).found == Scan::Found::kRecord) {
        found += wire::kind_of(header) == wire::RecordKind::kPad ? 0 : 1;
        step = size;
      }
    }
    at += step;
  }
  return found;
}

}  // namespace hindsight::host

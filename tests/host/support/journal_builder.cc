#include "tests/host/support/journal_builder.h"

#include <cstring>

#include "runtime/crc32c.h"

namespace hindsight::host::testing {
namespace {

std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

}  // namespace

void JournalBuilder::raw(wire::RecordKind kind, std::string_view fields, std::string_view behind) {
  std::string record(fields);
  record += behind;
  record.resize((record.size() + 15) / 16 * 16);
  wire::RecordHeader header{};
  header.size_and_kind = wire::pack(static_cast<std::uint32_t>(record.size()), kind);
  std::memcpy(record.data(), &header, sizeof header);
  const std::uint64_t at = offset();
  header.crc = wire::record_crc(salt_, at, record.data(), record.size());
  std::memcpy(record.data(), &header, sizeof header);
  bytes_ += record;
  if (written) written(record, at);
}

std::uint32_t JournalBuilder::site(wire::SiteKind kind, std::string_view name, std::string_view file,
                                   std::uint32_t line, std::string_view probe_hex) {
  wire::SiteRecord record{};
  record.site = ++sites_;
  record.kind = kind;
  record.line = line;
  record.name_bytes = static_cast<std::uint16_t>(name.size());
  record.file_bytes = static_cast<std::uint16_t>(file.size());
  put(wire::RecordKind::kSite, record, std::string(name) + std::string(file) + std::string(probe_hex));
  return sites_;
}

std::uint64_t JournalBuilder::position(std::uint64_t parent, std::uint32_t site, std::uint64_t ordinal,
                                       const Iteration& iteration) {
  wire::PositionRecord record{};
  record.position = ++positions_;
  record.parent = parent;
  record.ordinal = ordinal;
  record.label = iteration.label.value_or(0);
  record.site = site;
  record.entry = iteration.entry;
  record.thread = iteration.thread;
  record.has_label = iteration.label ? 1 : 0;
  record.has_state = iteration.has_state ? 1 : 0;
  record.clock_ns = iteration.clock_ns;
  put(wire::RecordKind::kPosition, record);
  return positions_;
}

std::uint64_t JournalBuilder::next(std::uint64_t previous, std::uint32_t thread) {
  wire::NextRecord record{};
  record.back = static_cast<std::uint32_t>(++positions_ - previous);
  record.thread = thread;
  put(wire::RecordKind::kNext, record);
  return positions_;
}

void JournalBuilder::value(std::uint64_t position, std::uint32_t site, double value, std::uint16_t thread) {
  wire::ValueRecord record{};
  record.position = position;
  record.site = site;
  record.thread = thread;
  record.dtype = static_cast<std::uint8_t>(wire::DType::kF64);
  record.bits_or_count = bits_of(value);
  ++values_;
  put(wire::RecordKind::kValue, record);
}

void JournalBuilder::scalar(std::uint64_t position, std::uint32_t site, wire::DType dtype, std::uint64_t bits) {
  wire::ValueRecord record{};
  record.position = position;
  record.site = site;
  record.dtype = static_cast<std::uint8_t>(dtype);
  record.bits_or_count = bits;
  ++values_;
  put(wire::RecordKind::kValue, record);
}

void JournalBuilder::vector(std::uint64_t position, std::uint32_t site, wire::DType dtype, std::uint64_t count,
                            std::string_view bytes) {
  wire::ValueRecord record{};
  record.position = position;
  record.site = site;
  record.dtype = static_cast<std::uint8_t>(dtype);
  record.vector = 1;
  record.bits_or_count = count;
  ++values_;
  put(wire::RecordKind::kValue, record, bytes);
}

wire::PointFields JournalBuilder::point(std::uint64_t enclosing, std::uint32_t site, std::uint64_t ordinal,
                                        wire::PointKind kind) {
  wire::PointFields fields{};
  fields.enclosing = enclosing;
  fields.ordinal = ordinal;
  fields.site = site;
  fields.kind = kind;
  return fields;
}

void JournalBuilder::capture(const wire::PointFields& point, wire::Purpose purpose, std::uint32_t slot,
                             std::uint64_t bytes) {
  wire::CaptureRecord record{};
  record.point = point;
  record.purpose = purpose;
  record.slot = slot;
  record.bytes = bytes;
  record.digest = 77;
  put(wire::RecordKind::kCapture, record);
}

void JournalBuilder::digest(const wire::PointFields& point, std::uint64_t digest) {
  wire::DigestRecord record{};
  record.point = point;
  record.digest = digest;
  put(wire::RecordKind::kDigest, record);
}

void JournalBuilder::skipped(const wire::PointFields& point, std::string_view reason) {
  wire::SkippedRecord record{};
  record.point = point;
  record.reason_bytes = static_cast<std::uint32_t>(reason.size());
  put(wire::RecordKind::kSkipped, record, reason);
}

void JournalBuilder::loop_end(const wire::PointFields& point, wire::LoopEndKind how, std::int64_t clock_ns) {
  wire::LoopEndRecord record{};
  record.point = point;
  record.how = how;
  record.clock_ns = clock_ns;
  put(wire::RecordKind::kLoopEnd, record);
}

void JournalBuilder::jump(const wire::PointFields& point, std::uint64_t from, std::string_view failure) {
  wire::JumpRecord record{};
  record.point = point;
  record.from_ordinal = from;
  record.failed = failure.empty() ? 0 : 1;
  record.reason_bytes = static_cast<std::uint32_t>(failure.size());
  put(wire::RecordKind::kJump, record, failure);
}

void JournalBuilder::note(std::string_view text) {
  wire::NoteRecord record{};
  record.text_bytes = static_cast<std::uint32_t>(text.size());
  put(wire::RecordKind::kNote, record, text);
}

void JournalBuilder::end() {
  wire::EndRecord record{};
  record.values = values_;
  put(wire::RecordKind::kEnd, record);
}

void JournalBuilder::pad(std::uint32_t size) { raw(wire::RecordKind::kPad, std::string(size, '\0')); }

std::string leaf(std::string_view path, wire::DType dtype, std::string_view bytes) {
  wire::LeafHeader header{};
  header.path_bytes = static_cast<std::uint32_t>(path.size());
  header.dtype = static_cast<std::uint8_t>(dtype);
  header.ndim = 1;
  header.data_bytes = bytes.size();
  const std::uint64_t elements = bytes.size();
  std::string text(reinterpret_cast<const char*>(&header), sizeof header);
  text.append(reinterpret_cast<const char*>(&elements), sizeof elements);
  text += path;
  text.resize((text.size() + 63) / 64 * 64);
  text += bytes;
  text.resize((text.size() + 63) / 64 * 64);
  return text;
}

std::string journal_file(const JournalBuilder& journal, std::uint64_t run) {
  wire::JournalHeader header{};
  std::memcpy(header.magic, wire::kJournalMagic, sizeof header.magic);
  header.version = wire::kVersion;
  header.mode = static_cast<std::uint32_t>(wire::Mode::kRecord);
  header.run = run;
  header.salt = journal.salt();
  header.end = journal.offset();
  header.allocated = journal.offset();
  std::string file(reinterpret_cast<const char*>(&header), sizeof header);
  file.resize(wire::kJournalStart);
  return file + journal.bytes();
}

}  // namespace hindsight::host::testing

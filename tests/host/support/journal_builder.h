// Writes journal records as a client does; for tests.
//
//   JournalBuilder journal(salt);
//   const auto epoch = journal.site(wire::SiteKind::kLoop, "epoch");
//   journal.value(journal.position(0, epoch, 0), journal.site(wire::SiteKind::kLog, "loss"), 0.5);
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/wire.h"

namespace hindsight::host::testing {

class JournalBuilder {
 public:
  explicit JournalBuilder(std::uint64_t salt) : salt_(salt) {}
  // Called with each record and its place in the file.
  std::function<void(std::string_view record, std::uint64_t offset)> written;

  std::uint32_t site(wire::SiteKind kind, std::string_view name, std::string_view file = "train.cc",
                     std::uint32_t line = 1, std::string_view probe_hex = {});
  struct Iteration {
    std::uint32_t entry = 0;
    std::uint32_t thread = 0;
    std::optional<std::int64_t> label = {};
    bool has_state = false;
    std::int64_t clock_ns = 0;
  };
  std::uint64_t position(std::uint64_t parent, std::uint32_t site, std::uint64_t ordinal, const Iteration& iteration);
  // The iteration after `previous`, written in short.
  std::uint64_t next(std::uint64_t previous, std::uint32_t thread = 0);
  std::uint64_t position(std::uint64_t parent, std::uint32_t site, std::uint64_t ordinal) {
    return position(parent, site, ordinal, Iteration());
  }
  void value(std::uint64_t position, std::uint32_t site, double value, std::uint16_t thread = 0);
  void scalar(std::uint64_t position, std::uint32_t site, wire::DType dtype, std::uint64_t bits);
  void vector(std::uint64_t position, std::uint32_t site, wire::DType dtype, std::uint64_t count,
              std::string_view bytes);
  static wire::PointFields point(std::uint64_t enclosing, std::uint32_t site, std::uint64_t ordinal,
                                 wire::PointKind kind = wire::PointKind::kHead);
  void capture(const wire::PointFields& point, wire::Purpose purpose, std::uint32_t slot, std::uint64_t bytes);
  void digest(const wire::PointFields& point, std::uint64_t digest);
  void skipped(const wire::PointFields& point, std::string_view reason);
  void loop_end(const wire::PointFields& point, wire::LoopEndKind how = wire::LoopEndKind::kFinished,
                std::int64_t clock_ns = 0);
  void jump(const wire::PointFields& point, std::uint64_t from, std::string_view failure = {});
  void note(std::string_view text);
  void end();
  void pad(std::uint32_t size);
  // A record of the kind's struct (with room for the header in front) and what follows it.
  void raw(wire::RecordKind kind, std::string_view fields, std::string_view behind = {});

  // All records so far: the file's bytes from wire::kJournalStart.
  const std::string& bytes() const { return bytes_; }
  std::uint64_t offset() const { return wire::kJournalStart + bytes_.size(); }
  std::uint64_t salt() const { return salt_; }

 private:
  template <class T>
  void put(wire::RecordKind kind, const T& fields, std::string_view behind = {}) {
    raw(kind, std::string_view(reinterpret_cast<const char*>(&fields), sizeof fields), behind);
  }
  std::uint64_t salt_;
  std::string bytes_;
  std::uint32_t sites_ = 0;
  std::uint64_t positions_ = 0;
  std::uint64_t values_ = 0;
};

// The bytes of a slot with these leaves, one after another.
std::string leaf(std::string_view path, wire::DType dtype, std::string_view bytes);

// A whole journal file: header page and records.
std::string journal_file(const JournalBuilder& journal, std::uint64_t run);

}  // namespace hindsight::host::testing

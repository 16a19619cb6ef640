// A journal on disk: making one for a process that attaches, finding those left behind, and reading them in order.
//
// A journal is locked (flock) through the very open file that the client is given too. So the lock goes when both the
// host and the training are gone, and a journal that can be locked is one that was left behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "runtime/host/fd.h"
#include "runtime/host/journal_reader.h"
#include "runtime/wire.h"
#include "store/base/result.h"

namespace hindsight::host {

class JournalFile {
 public:
  // Makes a locked journal under a new name in `folder`, which is made too.
  static Result<JournalFile> create(const std::filesystem::path& folder, wire::Mode mode);
  // kBusy: the host or the training that writes it still lives; kNotFound; kUnsupported: of another version; kCorrupt.
  static Result<JournalFile> open_left_behind(const std::filesystem::path& path);

  JournalFile(JournalFile&& other) noexcept;
  JournalFile& operator=(JournalFile&& other) noexcept;
  ~JournalFile();

  int descriptor() const { return fd_.get(); }
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t salt() const { return salt_; }
  void set_run(std::uint64_t run);

  // From the header, which the client may be changing. If the file was cut below its header: 0.
  std::uint64_t run() const;
  std::uint64_t end() const;
  std::uint64_t dropped() const;
  std::uint64_t size() const;  // of the file

  // The record at `offset()`, and goes on behind it; looks at no byte at or after `limit`. A record that is not whole
  // is looked at anew by the next call. Its bytes are valid until then.
  Scan next(std::uint64_t limit);
  std::uint64_t offset() const { return offset_; }
  // Whole records behind the place where reading had to stop.
  std::uint64_t count_behind();

  // Removes the file's name; what has it open or mapped keeps it.
  void remove();

 private:
  JournalFile() = default;
  Result<void> map_header();
  void fill(std::uint64_t needed, std::uint64_t limit);

  Fd fd_;
  std::filesystem::path path_;
  wire::JournalHeader* header_ = nullptr;
  std::uint64_t salt_ = 0;
  std::uint64_t offset_ = wire::kJournalStart;
  std::string window_;  // bytes of the file from window_offset_
  std::uint64_t window_offset_ = wire::kJournalStart;
};

inline constexpr char kJournalSuffix[] = ".journal";

}  // namespace hindsight::host

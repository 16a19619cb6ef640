#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/host/fd.h"
#include "runtime/host/host.h"
#include "runtime/host/journal_file.h"
#include "runtime/host/session.h"

namespace hindsight::host {

Result<SessionEnd> read_journal(const std::filesystem::path& path, Listener& listener) {
  Result<JournalFile> journal = JournalFile::open_left_behind(path);
  if (!journal) return std::move(journal).error();
  return read_left_behind(*journal, listener);
}

Result<std::uint64_t> journal_run(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd)
    return Error(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo,
                 "open the journal '" + path.string() + "': " + std::strerror(errno));
  wire::JournalHeader header;
  if (::pread(fd.get(), &header, sizeof header, 0) != sizeof header)
    return Error(ErrorKind::kCorrupt, "the journal '" + path.string() + "' has no header");
  if (std::memcmp(header.magic, wire::kJournalMagic, sizeof header.magic) != 0) {
    return Error(ErrorKind::kCorrupt, "'" + path.string() + "' does not begin as a journal does");
  }
  return header.run;
}

}  // namespace hindsight::host

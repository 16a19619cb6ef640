#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/host/decoder.h"
#include "runtime/host/host.h"
#include "runtime/host/journal_file.h"
#include "runtime/host/session.h"

namespace hindsight::host {

Result<SessionEnd> read_journal(const std::filesystem::path& path, Listener& listener) {
  Result<JournalFile> journal = JournalFile::open_left_behind(path);
  if (!journal) return std::move(journal).error();
  Decoder decoder;
  SessionEnd end;
  const auto complain = [&](std::string problem) {
    if (end.problem.empty()) end.problem = std::move(problem);
  };
  end.torn = drain_whole(*journal, [&](const Record& record) {
    Decoded decoded = decoder.decode(record);
    if (!decoded.problem.empty()) {
      ++end.misunderstood;
      complain(std::move(decoded.problem));
    }
    if (decoded.event == nullptr) return;
    if (const auto* capture = std::get_if<CaptureEvent>(decoded.event)) {
      listener.on_event(SkippedEvent{capture->point, "the recording host was gone before it could be stored"}, record.end());
      return;
    }
    if (std::holds_alternative<EndEvent>(*decoded.event)) end.in_order = true;
    listener.on_event(*decoded.event, record.end());
  });
  if (end.torn > 0) complain("its journal ends in the middle of a record");
  end.dropped = journal->dropped();
  listener.on_idle();
  listener.on_end(end);
  return end;
}

Result<std::uint64_t> journal_run(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Error(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo, "open the journal '" + path.string() + "': " + std::strerror(errno));
  wire::JournalHeader header;
  if (::pread(fd.get(), &header, sizeof header, 0) != sizeof header) return Error(ErrorKind::kCorrupt, "the journal '" + path.string() + "' has no header");
  if (std::memcmp(header.magic, wire::kJournalMagic, sizeof header.magic) != 0) {
    return Error(ErrorKind::kCorrupt, "'" + path.string() + "' does not begin as a journal does");
  }
  return header.run;
}

}  // namespace hindsight::host

#include "runtime/host/journal_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace hindsight::host {
namespace {

constexpr std::uint64_t kWindow = 256 * 1024;
constexpr std::size_t kKeptWindow = 4 << 20;

Error io_error(const std::string& what, const std::filesystem::path& path) {
  return Error(ErrorKind::kIo, what + " '" + path.string() + "': " + std::strerror(errno));
}

std::uint64_t load(std::uint64_t& word) { return std::atomic_ref(word).load(std::memory_order_acquire); }

std::string hex(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

}  // namespace

JournalFile::JournalFile(JournalFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::move(other.path_)),
      header_(std::exchange(other.header_, nullptr)),
      salt_(other.salt_),
      offset_(other.offset_),
      window_(std::move(other.window_)),
      window_offset_(other.window_offset_) {}

JournalFile& JournalFile::operator=(JournalFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(header_, other.header_);
  std::swap(salt_, other.salt_);
  std::swap(offset_, other.offset_);
  std::swap(window_, other.window_);
  std::swap(window_offset_, other.window_offset_);
  return *this;
}

JournalFile::~JournalFile() {
  if (header_ != nullptr) ::munmap(header_, wire::kJournalStart);
}

Result<void> JournalFile::map_header() {
  void* at = ::mmap(nullptr, wire::kJournalStart, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
  if (at == MAP_FAILED) return io_error("map", path_);
  header_ = static_cast<wire::JournalHeader*>(at);
  return {};
}

Result<JournalFile> JournalFile::create(const std::filesystem::path& folder, wire::Mode mode) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error(ErrorKind::kIo, "make the folder '" + folder.string() + "': " + failed.message());
  wire::JournalHeader header{};
  std::memcpy(header.magic, wire::kJournalMagic, sizeof header.magic);
  header.version = wire::kVersion;
  header.mode = static_cast<std::uint32_t>(mode);
  header.end = wire::kJournalStart;
  header.allocated = wire::kJournalStart;
  std::uint64_t name = 0;
  if (::getrandom(&header.salt, sizeof header.salt, 0) != sizeof header.salt ||
      ::getrandom(&name, sizeof name, 0) != sizeof name) {
    return Error(ErrorKind::kIo, std::string("get random bytes: ") + std::strerror(errno));
  }

  // Under its final name only once it is locked: whoever lists the folder must not take it for one left behind.
  JournalFile journal;
  const std::filesystem::path unready = folder / (hex(name) + ".new");
  journal.path_ = folder / (hex(name) + kJournalSuffix);
  journal.salt_ = header.salt;
  journal.fd_ = Fd(::open(unready.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!journal.fd_) return io_error("make the journal", unready);
  const auto give_up = [&](const char* what) {
    Error error = io_error(what, unready);
    ::unlink(unready.c_str());
    return error;
  };
  if (const int error = ::posix_fallocate(journal.fd_.get(), 0, wire::kJournalStart); error != 0) {
    errno = error;
    return give_up("make room for the journal");
  }
  if (::flock(journal.fd_.get(), LOCK_EX | LOCK_NB) != 0) return give_up("lock the journal");
  if (Result<void> mapped = journal.map_header(); !mapped) {
    ::unlink(unready.c_str());
    return std::move(mapped).error();
  }
  *journal.header_ = header;
  if (::rename(unready.c_str(), journal.path_.c_str()) != 0) return give_up("name the journal");
  return journal;
}

Result<JournalFile> JournalFile::open_left_behind(const std::filesystem::path& path) {
  JournalFile journal;
  journal.path_ = path;
  journal.fd_ = Fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!journal.fd_) {
    if (errno == ENOENT) return Error(ErrorKind::kNotFound, "no journal '" + path.string() + "'");
    return io_error("open the journal", path);
  }
  if (::flock(journal.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Error(ErrorKind::kBusy, "the journal '" + path.string() + "' is being written");
    return io_error("lock the journal", path);
  }
  struct stat status {};
  if (::fstat(journal.fd_.get(), &status) != 0) return io_error("look at the journal", path);
  if (status.st_nlink == 0)
    return Error(ErrorKind::kNotFound, "the journal '" + path.string() + "' has just been taken in");
  if (static_cast<std::uint64_t>(status.st_size) < wire::kJournalStart) {
    return Error(ErrorKind::kCorrupt, "the journal '" + path.string() + "' is only " + std::to_string(status.st_size) +
                                          " bytes long, shorter than its header");
  }
  if (Result<void> mapped = journal.map_header(); !mapped) return std::move(mapped).error();
  const wire::JournalHeader& header = *journal.header_;
  if (std::memcmp(header.magic, wire::kJournalMagic, sizeof header.magic) != 0) {
    return Error(ErrorKind::kCorrupt, "'" + path.string() + "' does not begin as a journal does");
  }
  if (header.version != wire::kVersion) {
    return Error(ErrorKind::kUnsupported, "the journal '" + path.string() + "' has version " +
                                              std::to_string(header.version) + ", this program reads version " +
                                              std::to_string(wire::kVersion));
  }
  journal.salt_ = header.salt;
  return journal;
}

std::uint64_t JournalFile::size() const {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// The header page is touched only if the file still has it: a page beyond a file's end is a SIGBUS.
void JournalFile::set_run(std::uint64_t run) {
  if (size() >= wire::kJournalStart) header_->run = run;
}
std::uint64_t JournalFile::run() const { return size() >= wire::kJournalStart ? header_->run : 0; }
std::uint64_t JournalFile::end() const { return size() >= wire::kJournalStart ? load(header_->end) : 0; }
std::uint64_t JournalFile::dropped() const { return size() >= wire::kJournalStart ? load(header_->dropped) : 0; }

// Makes the window hold the `needed` bytes from offset_, or all up to `limit`. Read and not mapped: whatever happens to
// the file meanwhile is then a short read and never a signal.
void JournalFile::fill(std::uint64_t needed, std::uint64_t limit) {
  const std::uint64_t used = offset_ - window_offset_;
  window_.erase(0, static_cast<std::size_t>(std::min<std::uint64_t>(used, window_.size())));
  window_offset_ = offset_;
  if (window_.capacity() > kKeptWindow && needed < kWindow) window_.shrink_to_fit();
  if (limit <= offset_) return;
  const std::uint64_t wanted = std::min(std::max(needed, kWindow), limit - offset_);
  std::size_t have = window_.size();
  if (have >= wanted) return;
  window_.resize(static_cast<std::size_t>(wanted));
  while (have < wanted) {
    const ssize_t got = ::pread(fd_.get(), window_.data() + have, static_cast<std::size_t>(wanted) - have,
                                static_cast<off_t>(offset_ + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  window_.resize(have);
}

Scan JournalFile::next(std::uint64_t limit) {
  const auto look = [&] {
    const std::uint64_t stop = std::min<std::uint64_t>(window_offset_ + window_.size(), limit);
    const std::string_view view =
        stop <= offset_ ? std::string_view()
                        : std::string_view(window_).substr(static_cast<std::size_t>(offset_ - window_offset_),
                                                           static_cast<std::size_t>(stop - offset_));
    return scan_record(view, offset_, salt_);
  };
  Scan scan = look();
  while (scan.found == Scan::Found::kShort && window_offset_ + window_.size() < limit) {
    const std::uint64_t before = window_offset_ + window_.size();
    fill(scan.needed, limit);
    scan = look();
    if (window_offset_ + window_.size() <= before) break;  // the file ends here, whatever `limit` says
  }
  if (scan.found == Scan::Found::kRecord) {
    offset_ = scan.record.end();
  } else {
    window_.clear();
    window_offset_ = offset_;
  }
  return scan;
}

std::uint64_t JournalFile::count_behind() {
  constexpr std::uint64_t kMost = std::uint64_t{64} << 20;
  const std::uint64_t length = size();
  if (length <= offset_ + 16) return 0;
  window_.clear();
  window_offset_ = offset_;
  fill(std::min(length - offset_, kMost), length);
  if (window_.size() <= 16) return 0;
  const std::uint64_t found = count_records_behind(std::string_view(window_).substr(16), offset_ + 16, salt_);
  window_.clear();
  return found;
}

void JournalFile::remove() { ::unlink(path_.c_str()); }

}  // namespace hindsight::host

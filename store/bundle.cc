#include "store/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>

#include "store/base/bytes.h"
#include "store/hash.h"
#include "store/place.h"

namespace hindsight::store {
namespace {

// Layout: a page of text, "hindsight bundle, store format N\n" and zeros; data.mdb of a store of that format; the XXH3-128 of all that, as in keys.
constexpr std::size_t kHeadBytes = 4096;
constexpr std::size_t kHashBytes = 16;
constexpr char kTitle[] = "hindsight bundle, store format ";

Error io_error(const std::filesystem::path& file) { return Error(ErrorKind::kIo, file.string() + ": " + std::generic_category().message(errno)); }

class File {
 public:
  File(const std::filesystem::path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(); }
  bool is_open() const { return fd_ >= 0; }
  Error error() const { return io_error(path_); }

  // As many bytes as there are, up to the span's; nullopt: errno says why not.
  std::optional<std::size_t> read(std::span<char> to) {
    std::size_t have = 0;
    while (have < to.size()) {
      const ssize_t got = ::read(fd_, to.data() + have, to.size() - have);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::nullopt;
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    return have;
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t done = ::write(fd_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        if (done == 0) errno = ENOSPC;
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
  }
  bool sync() { return ::fsync(fd_) == 0; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  const std::filesystem::path path_;
  int fd_;
};

// A folder that is removed with all that is in it.
class Scratch {
 public:
  explicit Scratch(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

 private:
  const std::filesystem::path folder_;
};

// Whether there is a file that is none of ours.
bool is_something_else(const std::filesystem::path& path) {
  std::error_code problem;
  if (!std::filesystem::exists(path, problem)) return false;
  File file(path, O_RDONLY);
  std::string head(sizeof kTitle - 1, '\0');
  return !file.is_open() || file.read(head) != head.size() || head != kTitle;
}

// Puts the head, `data` and the hash into `file`.
Result<void> pack(const std::filesystem::path& data, const std::filesystem::path& file) {
  File from(data, O_RDONLY);
  if (!from.is_open()) return from.error();
  File to(file, O_WRONLY | O_CREAT | O_TRUNC);
  if (!to.is_open()) return to.error();
  Hasher hasher;
  const auto put = [&](std::string_view bytes) {
    hasher.add(bytes);
    return to.write(bytes);
  };
  std::string head = kTitle + std::to_string(kFormat) + "\n";
  head.resize(kHeadBytes, '\0');
  if (!put(head)) return to.error();
  std::string room(1 << 20, '\0');
  for (;;) {
    const std::optional<std::size_t> got = from.read(room);
    if (!got) return from.error();
    if (!put(std::string_view(room).substr(0, *got))) return to.error();
    if (*got < room.size()) break;
  }
  if (!to.write(hash_key(hasher.hash())) || !to.sync()) return to.error();
  return {};
}

// The store format of a bundle whose data is put into `data`.
Result<int> unpack(const std::filesystem::path& file, const std::filesystem::path& data) {
  const auto damaged = [&](const char* what) { return Error(ErrorKind::kCorrupt, file.string() + ": " + what); };
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(file, problem);
  if (problem == std::errc::no_such_file_or_directory) return Error(ErrorKind::kNotFound, "no file '" + file.string() + "'");
  if (problem) return Error(ErrorKind::kIo, file.string() + ": " + problem.message());
  File from(file, O_RDONLY);
  if (!from.is_open()) return from.error();
  std::string head(kHeadBytes, '\0');
  const std::optional<std::size_t> got = from.read(head);
  if (!got) return from.error();
  if (*got < kHeadBytes || !head.starts_with(kTitle)) return Error(ErrorKind::kInvalid, file.string() + " is not a bundle of hindsight's");
  const int format = std::atoi(head.c_str() + sizeof kTitle - 1);
  if (format < 1) return damaged("its head does not name a format");
  if (format > kFormat) {
    return Error(ErrorKind::kUnsupported, file.string() + " has format " + std::to_string(format) + ", and this program knows formats up to " + std::to_string(kFormat), "use a newer hindsight");
  }
  if (size < kHeadBytes + kHashBytes) return damaged("it was cut off");
  File to(data, O_WRONLY | O_CREAT | O_EXCL);
  if (!to.is_open()) return to.error();
  Hasher hasher;
  hasher.add(head);
  std::string room(1 << 20, '\0');
  for (std::uintmax_t left = size - kHeadBytes - kHashBytes; left > 0;) {
    const std::span<char> piece(room.data(), static_cast<std::size_t>(std::min<std::uintmax_t>(left, room.size())));
    const std::optional<std::size_t> read = from.read(piece);
    if (!read) return from.error();
    if (*read < piece.size()) return damaged("it was cut off while it was read");
    hasher.add({piece.data(), piece.size()});
    if (!to.write({piece.data(), piece.size()})) return to.error();
    left -= piece.size();
  }
  std::array<char, kHashBytes> stated{};
  if (from.read(stated) != kHashBytes) return damaged("it was cut off");
  if (hash_key(hasher.hash()) != std::string_view(stated.data(), stated.size())) return damaged("its bytes have another hash than it states");
  return format;
}

}  // namespace

Result<Carried> write_bundle(const Store& from, std::span<const RunId> runs, const std::filesystem::path& file, const std::filesystem::path& scratch) {
  if (is_something_else(file)) return Error(ErrorKind::kInvalid, "'" + file.string() + "' is there, and is not a bundle", "choose another name");
  const Scratch cleaned(scratch);
  Result<Carried> carried = Carried();
  {
    Result<Store> packed = Store::create(scratch);
    if (!packed) return std::move(packed).error();
    carried = packed->carry(from, runs, false);
    if (!carried) return carried;
  }
  if (Result<void> compacted = Store::compact(scratch); !compacted) return std::move(compacted).error();
  std::filesystem::path draft = file;
  draft += "." + std::to_string(::getpid()) + ".new";
  Result<void> done = pack(scratch / "data.mdb", draft);
  if (done && std::rename(draft.c_str(), file.c_str()) != 0) done = io_error(file);
  if (!done) {
    std::error_code ignored;
    std::filesystem::remove(draft, ignored);
    return std::move(done).error();
  }
  return carried;
}

Result<Carried> read_bundle(const std::filesystem::path& file, Store& to, const std::filesystem::path& scratch) {
  const Scratch cleaned(scratch);
  std::error_code problem;
  std::filesystem::create_directories(scratch / "journal", problem);
  if (problem) return Error(ErrorKind::kIo, scratch.string() + ": " + problem.message());
  const Result<int> format = unpack(file, scratch / "data.mdb");
  if (!format) return format.error();
  if (Result<void> done = write_format(scratch, *format); !done) return std::move(done).error();
  const std::string name = "read '" + file.string() + "'";
  Result<Store> from = Store::open(scratch, Store::Access::kRead);
  if (!from) return std::move(from).error().context(name);
  const Result<Store::Findings> findings = from->check();
  if (!findings) return findings.error();
  if (!findings->problems.empty()) return Error(ErrorKind::kCorrupt, name + ": " + findings->problems.front(), "nothing was taken in");
  const Result<std::vector<Run>> runs = from->runs();
  if (!runs) return runs.error();
  std::vector<RunId> all;
  for (const Run& run : *runs) {
    if (!run.purged) all.push_back(run.id);
  }
  Result<Carried> carried = to.carry(*from, all, true);
  if (!carried) return std::move(carried).error().context(name);
  return carried;
}

}  // namespace hindsight::store

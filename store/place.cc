#include "store/place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace hindsight::store {
namespace {

Error system_error(const std::filesystem::path& path, int code) {
  return Error(ErrorKind::kIo, path.string() + ": " + std::generic_category().message(code));
}

struct FileSystemKind {
  std::uint32_t magic;
  const char* name;
};
// statfs(2), and the kernels' own headers.
constexpr std::array kRemote = {
    FileSystemKind{0x6969, "NFS"},           FileSystemKind{0x517B, "SMB"},        FileSystemKind{0xFF534D42, "CIFS"},
    FileSystemKind{0xFE534D42, "SMB2"},      FileSystemKind{0x5346414F, "AFS"},    FileSystemKind{0x6B414653, "AFS"},
    FileSystemKind{0x73757245, "Coda"},      FileSystemKind{0x564C, "NCP"},        FileSystemKind{0x01021997, "9P"},
    FileSystemKind{0x00C36400, "Ceph"},      FileSystemKind{0x0BD00BD0, "Lustre"}, FileSystemKind{0x47504653, "GPFS"},
    FileSystemKind{0x7461636F, "OCFS2"},     FileSystemKind{0x01161970, "GFS2"},   FileSystemKind{0x19830326, "BeeGFS"},
    FileSystemKind{0xAAD7AAEA, "PanFS"},     FileSystemKind{0x20030528, "OrangeFS"}, FileSystemKind{0x786F4256, "a shared folder of VirtualBox"},
};
constexpr std::uint32_t kFuse = 0x65735546;
// FUSE carries both kinds; these keep their files on this machine.
constexpr std::array<std::string_view, 7> kLocalFuse = {"fuseblk",          "fuse.fuse-overlayfs", "fuse.bindfs", "fuse.mergerfs",
                                                        "fuse.gocryptfs", "fuse.encfs",           "fuse.zfs"};

// The type of the file system that `folder` is on, as /proc/self/mountinfo calls it; empty if that cannot be told.
std::string mount_type(const std::filesystem::path& folder) {
  struct stat status;
  if (stat(folder.c_str(), &status) != 0) return {};
  const std::string device = std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string id, parent, where, word;
    words >> id >> parent >> where;
    if (where != device) continue;
    while (words >> word && word != "-") {
    }
    if (words >> word) return word;
  }
  return {};
}

}  // namespace

Result<void> check_is_local(const std::filesystem::path& folder) {
  struct statfs status;
  if (statfs(folder.c_str(), &status) != 0) return system_error(folder, errno);
  const auto magic = static_cast<std::uint32_t>(status.f_type);
  std::string remote;
  for (const FileSystemKind& kind : kRemote) {
    if (kind.magic == magic) remote = kind.name;
  }
  if (magic == kFuse) {
    const std::string type = mount_type(folder);
    bool local = false;
    for (const std::string_view name : kLocalFuse) local = local || type == name;
    if (!local) remote = type.empty() ? "FUSE" : type;
  }
  if (remote.empty()) return {};
  return Error(ErrorKind::kIo, folder.string() + " is on a file system that other machines may share (" + remote + ")",
               "a store must lie on a local disk: keep the project there, or make .hindsight a link to a local folder");
}

Result<int> read_format(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "format";
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno != ENOENT && errno != ENOTDIR) return system_error(file, errno);
    std::error_code ignored;
    if (std::filesystem::exists(folder / "data.mdb", ignored)) {
      return Error(ErrorKind::kCorrupt, folder.string() + ": the file 'format' is missing beside data.mdb (I1)",
                   "if making the store was interrupted, make it again; else put the number of its format there");
    }
    return Error(ErrorKind::kNotFound, "no store in " + folder.string(), "'hindsight init' makes one");
  }
  std::array<char, 32> text{};
  const ssize_t got = ::read(fd, text.data(), text.size());
  const int code = errno;
  ::close(fd);
  if (got < 0) return system_error(file, code);
  int number = 0;
  const char* const end = text.data() + got;
  const auto [rest, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || rest + 1 != end || *rest != '\n' || number < 1) {
    return Error(ErrorKind::kCorrupt, file.string() + ": it does not hold a format's number and a newline (I1)");
  }
  return number;
}

Result<void> write_format(const std::filesystem::path& folder, int number) {
  const std::filesystem::path file = folder / "format";
  const std::filesystem::path draft = folder / "format.new";
  const std::string text = std::to_string(number) + "\n";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return system_error(draft, errno);
  errno = ENOSPC;  // what a write that is cut short means
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
  const int code = errno;
  ::close(fd);
  if (!written) return system_error(draft, code);
  if (std::rename(draft.c_str(), file.c_str()) != 0) return system_error(file, errno);
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return system_error(folder, errno);
  const bool lasting = fsync(directory) == 0;
  const int sync_code = errno;
  ::close(directory);
  if (!lasting) return system_error(folder, sync_code);
  return {};
}

Result<FolderLock> FolderLock::take(const std::filesystem::path& folder) { return lock(folder / "write.lock", LOCK_EX); }

Result<std::optional<FolderLock>> FolderLock::share_use(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "use.lock";
  // To read is enough for this lock, and all that somebody else's store may allow.
  const int fd = ::open(file.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS)) return std::optional<FolderLock>();
  if (fd < 0) return system_error(file, errno);
  Result<FolderLock> shared = lock(fd, file, LOCK_SH);
  if (!shared) return std::move(shared).error();
  return std::optional<FolderLock>(*std::move(shared));
}

Result<FolderLock> FolderLock::take_use(const std::filesystem::path& folder) { return lock(folder / "use.lock", LOCK_EX | LOCK_NB); }

Result<FolderLock> FolderLock::lock(const std::filesystem::path& file, int how) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return system_error(file, errno);
  return lock(fd, file, how);
}

Result<FolderLock> FolderLock::lock(int fd, const std::filesystem::path& file, int how) {
  FolderLock taken(fd);
  while (flock(fd, how) != 0) {
    if (errno == EWOULDBLOCK) return Error(ErrorKind::kBusy, file.parent_path().string() + ": other processes have the store open");
    if (errno != EINTR) return system_error(file, errno);
  }
  return taken;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace hindsight::store

#include "replay/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace hindsight::replay {

namespace fs = std::filesystem;

Error system_error(const std::string& what, int number) {
  const ErrorKind kind = number == ENOENT || number == ENOTDIR ? ErrorKind::kNotFound : ErrorKind::kIo;
  return Error(kind, what + ": " + std::generic_category().message(number));
}

Result<std::string> read_file(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open " + file.string(), errno);
  std::string content;
  struct stat status = {};
  if (fstat(descriptor, &status) == 0 && status.st_size > 0) content.reserve(static_cast<std::size_t>(status.st_size));
  std::vector<char> buffer(1 << 16);
  while (true) {
    const ssize_t got = read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int number = errno;
      close(descriptor);
      return system_error("read " + file.string(), number);
    }
    if (got == 0) break;
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
  close(descriptor);
  return content;
}

Result<void> write_file(const fs::path& file, std::string_view content) {
  std::string temporary = file.string() + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return system_error("create " + temporary, errno);
  int number = 0;
  while (!content.empty() && number == 0) {
    const ssize_t put = write(descriptor, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      number = errno;
    } else {
      content.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  if (number == 0 && fchmod(descriptor, 0644) != 0) number = errno;
  if (close(descriptor) != 0 && number == 0) number = errno;
  if (number == 0 && rename(temporary.c_str(), file.c_str()) != 0) number = errno;
  if (number == 0) return {};
  unlink(temporary.c_str());
  return system_error("write " + file.string(), number);
}

Result<void> make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return system_error("make folder " + folder.string(), error.value());
  return {};
}

Result<void> remove_tree(const fs::path& path) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_error("look at " + path.string(), errno);
  }
  if (!S_ISDIR(status.st_mode)) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("remove " + path.string(), errno);
    return {};
  }
  if ((status.st_mode & 0700) != 0700) chmod(path.c_str(), 0700);
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) entries.push_back(at->path());
  if (error) return system_error("list " + path.string(), error.value());
  for (const fs::path& entry : entries) {
    if (Result<void> removed = remove_tree(entry); !removed) return removed;
  }
  if (rmdir(path.c_str()) != 0 && errno != ENOENT) return system_error("remove " + path.string(), errno);
  return {};
}

Result<fs::path> make_unique_folder(const fs::path& parent, std::string_view prefix) {
  if (Result<void> made = make_folders(parent); !made) return std::move(made).error();
  std::string name = (parent / std::string(prefix)).string() + "-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) return system_error("make a folder in " + parent.string(), errno);
  return fs::path(name);
}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) static_cast<void>(remove_tree(path_));
}

Result<FileLock> FileLock::take(const fs::path& file) {
  if (Result<void> made = make_folders(file.parent_path()); !made) return std::move(made).error();
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("open " + file.string(), errno);
  while (flock(descriptor, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int number = errno;
    close(descriptor);
    return system_error("lock " + file.string(), number);
  }
  return FileLock(descriptor);
}

namespace {

// Takes over the descriptor.
bool lock_now(int descriptor) {
  if (descriptor < 0) return false;
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
  close(descriptor);
  return false;
}

}  // namespace

std::optional<FileLock> FileLock::try_take(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  return lock_now(descriptor) ? std::optional(FileLock(descriptor)) : std::nullopt;
}

std::optional<FileLock> FileLock::try_take_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return lock_now(descriptor) ? std::optional(FileLock(descriptor)) : std::nullopt;
}

Result<ScratchFolder> make_scratch(const fs::path& parent, std::string_view prefix) {
  while (true) {
    Result<fs::path> made = make_unique_folder(parent, prefix);
    if (!made) return std::move(made).error();
    std::optional<FileLock> lock = FileLock::try_take_folder(*made);
    std::error_code error;
    // Before it was locked, another process may have taken it for one left behind.
    if (lock && fs::is_directory(*made, error)) return ScratchFolder(std::move(*made), std::move(lock));
  }
}

void remove_left_scratch(const fs::path& parent) {
  std::error_code error;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    if (const std::optional<FileLock> lock = FileLock::try_take_folder(at->path())) static_cast<void>(remove_tree(at->path()));
  }
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto [at_folder, at_path] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  static_cast<void>(at_path);
  return at_folder == folder.end();
}

}  // namespace hindsight::replay

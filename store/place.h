// A store's folder as a place: is a store there, of which format, may it be there at all.
#pragma once

#include <filesystem>

#include "store/base/result.h"

namespace hindsight::store {

// kIo with a hint: the folder is on a file system of another machine (I/O of several machines would damage the store).
Result<void> check_is_local(const std::filesystem::path& folder);

// The number in `format`. kNotFound: no store in this folder; kCorrupt (I1): the file does not hold a number.
Result<int> read_format(const std::filesystem::path& folder);
// Writes `format`, by rename, and makes it last.
Result<void> write_format(const std::filesystem::path& folder, int number);

// An exclusive flock on `write.lock`, waited for. Held until it is destroyed.
class FolderLock {
 public:
  static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace hindsight::store

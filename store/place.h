// A store's folder as a place: is a store there, of which format, may it be there at all.
#pragma once

#include <filesystem>
#include <optional>

#include "store/base/result.h"

namespace hindsight::store {

// kIo with a hint: the folder is on a file system of another machine (I/O of several machines would damage the store).
Result<void> check_is_local(const std::filesystem::path& folder);

// The number in `format`. kNotFound: no store in this folder; kCorrupt (I1): the file does not hold a number.
Result<int> read_format(const std::filesystem::path& folder);
// Writes `format`, by rename, and makes it last.
Result<void> write_format(const std::filesystem::path& folder, int number);

// An flock on a file of the folder. Held until it is destroyed.
class FolderLock {
 public:
  // Exclusive, on `write.lock`, waited for: a batch.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  // Shared, on `use.lock`, waited for: data.mdb is open. None where that file is not there and cannot be made, or may not be read.
  static Result<std::optional<FolderLock>> share_use(const std::filesystem::path& folder);
  // Exclusive, on `use.lock`: data.mdb may be replaced. kBusy: somebody has it open.
  static Result<FolderLock> take_use(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  static Result<FolderLock> lock(const std::filesystem::path& file, int how);
  static Result<FolderLock> lock(int fd, const std::filesystem::path& file, int how);
  int fd_;
};

}  // namespace hindsight::store

// Files and folders, with errors as Results.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/base/result.h"

namespace hindsight::replay {

Error system_error(const std::string& what, int number);  // "open /x: No such file or directory"

Result<std::string> read_file(const std::filesystem::path& file);
// Replaces the file at once: readers see the old content or the new one.
Result<void> write_file(const std::filesystem::path& file, std::string_view content);
Result<void> make_folders(const std::filesystem::path& folder);
// Removes what is there, folders without permissions included (an overlay's work folder has none). Missing is fine.
Result<void> remove_tree(const std::filesystem::path& path);
// A new empty folder in `parent`, which is made if need be, named `prefix` and something unique.
Result<std::filesystem::path> make_unique_folder(const std::filesystem::path& parent, std::string_view prefix);

// Held until destroyed; others of any process wait.
class FileLock {
 public:
  static Result<FileLock> take(const std::filesystem::path& file);
  // None: another holds it.
  static std::optional<FileLock> try_take(const std::filesystem::path& file);
  static std::optional<FileLock> try_take_folder(const std::filesystem::path& folder);  // which must be there
  FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Removes a folder when it goes out of scope.
class ScratchFolder {
 public:
  explicit ScratchFolder(std::filesystem::path path, std::optional<FileLock> lock = {}) : path_(std::move(path)), lock_(std::move(lock)) {}
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::move(other.path_)), lock_(std::move(other.lock_)) { other.path_.clear(); }
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::filesystem::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  std::filesystem::path path_;
  std::optional<FileLock> lock_;
};
// A new empty folder in `parent` that is locked as long as we use it: one that nobody has locked was left by a kill.
Result<ScratchFolder> make_scratch(const std::filesystem::path& parent, std::string_view prefix);
void remove_left_scratch(const std::filesystem::path& parent);

bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);  // lexically, or the same

}  // namespace hindsight::replay

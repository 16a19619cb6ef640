// Writing trees of files back to disk.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <system_error>

#include "replay/files.h"
#include "replay/snapshot.h"
#include "store/store.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

// Files up to this size are copied; larger ones share the live file's blocks.
constexpr std::uint64_t kCopyLimit = 1 << 20;

Result<void> set_times(const fs::path& file, std::int64_t mtime_ns) {
  timespec times[2];
  times[0] = times[1] = {.tv_sec = mtime_ns / 1'000'000'000, .tv_nsec = mtime_ns % 1'000'000'000};
  if (utimensat(AT_FDCWD, file.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) return system_error("set time of " + file.string(), errno);
  return {};
}

Result<void> put_content(const store::FileEntry& entry, const fs::path& file, std::string_view content) {
  if (S_ISLNK(entry.mode)) {
    if (symlink(std::string(content).c_str(), file.c_str()) != 0) return system_error("link " + file.string(), errno);
    return set_times(file, entry.mtime_ns);
  }
  if (Result<void> written = write_file(file, content); !written) return written;
  if (chmod(file.c_str(), entry.mode & 07777) != 0) return system_error("set mode of " + file.string(), errno);
  return set_times(file, entry.mtime_ns);
}

// The live file under another name: a clone, else a second name for it, else a copy. Only ever read, or copied on write.
Result<void> link_live(const fs::path& live, const fs::path& file) {
  const int from = open(live.c_str(), O_RDONLY | O_CLOEXEC);
  if (from < 0) return system_error("open " + live.string(), errno);
  struct stat status = {};
  fstat(from, &status);
  const int to = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 07777);
  const bool cloned = to >= 0 && ioctl(to, FICLONE, from) == 0;
  if (to >= 0) close(to);
  close(from);
  if (cloned) return set_times(file, std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec);
  unlink(file.c_str());
  if (link(live.c_str(), file.c_str()) == 0) return {};
  std::error_code error;
  fs::copy_file(live, file, error);
  if (error) return system_error("copy " + live.string(), error.value());
  return set_times(file, std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec);
}

const FoundFile* find_now(const FoundFiles& now, const std::string& path) {
  const auto at = std::lower_bound(now.files.begin(), now.files.end(), path,
                                   [](const FoundFile& file, const std::string& wanted) { return file.path < wanted; });
  return at != now.files.end() && at->path == path ? &*at : nullptr;
}

Result<void> materialise_entry(const store::FileEntry& entry, const fs::path& folder, const ReadBlob& read,
                               const fs::path& live) {
  const fs::path file = folder / entry.path;
  if (Result<void> made = make_folders(S_ISDIR(entry.mode) ? file : file.parent_path()); !made) return made;
  if (S_ISDIR(entry.mode)) return {};
  if (entry.kept) {
    Result<std::string> content = read(entry.hash);
    if (!content) return std::move(content).error();
    return put_content(entry, file, *content);
  }
  Result<store::Hash> hash = hash_file(live / entry.path);
  if (!hash || *hash != entry.hash) {
    return Error(ErrorKind::kNotFound,
                 "'" + entry.path + "' has changed since it was recorded, and was too large to be kept",
                 "put the old file back, or raise [store] max_file before recording");
  }
  if (Result<void> linked = link_live(live / entry.path, file); !linked) return linked;
  return {};
}

}  // namespace

Result<void> materialise(const store::Tree& tree, const fs::path& folder, const ReadBlob& read, const fs::path& live) {
  if (Result<void> made = make_folders(folder); !made) return made;
  for (const store::FileEntry& entry : tree) {
    if (Result<void> done = materialise_entry(entry, folder, read, live); !done) return done;
  }
  return {};
}

Result<void> materialise_inputs(const store::Tree& inputs, const FoundFiles& now, const fs::path& live,
                                const fs::path& folder, const ReadBlob& read, HashCache& cache) {
  if (Result<void> made = make_folders(folder); !made) return made;
  for (const store::FileEntry& entry : inputs) {
    const FoundFile* found = find_now(now, entry.path);
    bool same = false;
    if (found != nullptr && S_ISREG(entry.mode) && S_ISREG(found->mode) && found->size == entry.size && entry.size > kCopyLimit) {
      const Result<store::Hash> hash = cache.hash(live, *found);
      same = hash && *hash == entry.hash;
    }
    if (same) {
      if (Result<void> made = make_folders((folder / entry.path).parent_path()); !made) return made;
      if (Result<void> linked = link_live(live / entry.path, folder / entry.path); !linked) return linked;
      continue;
    }
    if (Result<void> done = materialise_entry(entry, folder, read, live); !done) return std::move(done).error().context("input");
  }
  for (const std::vector<std::string>* extra : {&now.excluded_files, &now.secrets}) {
    for (const std::string& path : *extra) {
      std::error_code error;
      const bool is_link = fs::is_symlink(live / path, error);
      if (!is_link && !fs::is_regular_file(live / path, error)) continue;
      if (Result<void> made = make_folders((folder / path).parent_path()); !made) return made;
      if (is_link) {  // often to a folder of data that lies elsewhere
        fs::copy_symlink(live / path, folder / path, error);
        continue;
      }
      static_cast<void>(link_live(live / path, folder / path));  // may be gone by now; nothing was promised of it
    }
  }
  return {};
}

}  // namespace hindsight::replay

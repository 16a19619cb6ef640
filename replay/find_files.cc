// Walking a project's folder, and hashing what lies in it.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <system_error>

#include "replay/files.h"
#include "replay/snapshot.h"
#include "replay/text.h"
#include "store/store.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

std::int64_t nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

class Walk {
 public:
  Walk(const fs::path& root, const Recipe& recipe) : root_(root), recipe_(recipe) {}

  // Whether anything was found in `folder`.
  Result<bool> folder(const std::string& path) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator at(root_ / path, error), end; !error && at != end; at.increment(error)) {
      names.push_back(at->path().filename().string());
    }
    if (error) return system_error("list " + (root_ / path).string(), error.value());
    bool any = false;
    for (const std::string& name : names) {
      Result<bool> found = entry(name, path.empty() ? name : path + "/" + name);
      if (!found) return found;
      any = any || *found;
    }
    return any;
  }
  FoundFiles take() && {
    const auto by_path = [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; };
    std::sort(found_.files.begin(), found_.files.end(), by_path);
    std::sort(found_.excluded_folders.begin(), found_.excluded_folders.end());
    std::sort(found_.excluded_files.begin(), found_.excluded_files.end());
    std::sort(found_.secrets.begin(), found_.secrets.end());
    return std::move(found_);
  }

 private:
  Result<bool> entry(const std::string& name, const std::string& path) {
    if (name == ".git" || name == ".hg" || name == ".svn" || name == ".hindsight") return false;
    struct stat status = {};
    if (lstat((root_ / path).c_str(), &status) != 0) {
      if (errno == ENOENT) return false;
      return system_error("look at " + path, errno);
    }
    const bool is_folder = S_ISDIR(status.st_mode);
    const bool is_output = std::find(recipe_.outputs.begin(), recipe_.outputs.end(), path) != recipe_.outputs.end();
    if (is_output || is_excluded(path, recipe_.exclude)) {
      (is_folder ? found_.excluded_folders : found_.excluded_files).push_back(path);
      return true;
    }
    if (is_folder) {
      Result<bool> any = folder(path);
      if (!any || *any) return any;
    } else if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
      return false;
    } else if (is_secret_name(path)) {
      found_.secrets.push_back(path);
      return true;
    }
    found_.files.push_back({.path = path,
                            .mode = status.st_mode,
                            .size = is_folder ? 0 : static_cast<std::uint64_t>(status.st_size),
                            .mtime_ns = nanoseconds(status.st_mtim),
                            .ctime_ns = nanoseconds(status.st_ctim),
                            .inode = status.st_ino});
    return true;
  }

  const fs::path& root_;
  const Recipe& recipe_;
  FoundFiles found_;
};

}  // namespace

Result<FoundFiles> find_files(const fs::path& root, const Recipe& recipe) {
  Walk walk(root, recipe);
  Result<bool> any = walk.folder("");
  if (!any) return std::move(any).error();
  return std::move(walk).take();
}

HashCache::HashCache(fs::path file) : file_(std::move(file)) {
  const Result<std::string> text = read_file(file_);
  if (!text) return;
  for (const std::string& line : split(*text, '\n')) {
    std::istringstream in(line);
    Known known;
    std::string hex;
    std::string path;
    if (!(in >> known.size >> known.mtime_ns >> known.ctime_ns >> known.inode >> hex)) continue;
    if (in.get() != ' ' || !std::getline(in, path)) continue;
    const std::optional<store::Hash> hash = store::hash_from_hex(hex);
    if (!hash) continue;
    known.hash = *hash;
    known_[path] = known;
  }
}

Result<store::Hash> HashCache::hash(const fs::path& root, const FoundFile& file) {
  if (S_ISLNK(file.mode)) {
    std::error_code error;
    const std::string target = fs::read_symlink(root / file.path, error).string();
    if (error) return system_error("read link " + file.path, error.value());
    return store::hash_bytes(target);
  }
  const auto at = known_.find(file.path);
  if (at != known_.end() && at->second.size == file.size && at->second.mtime_ns == file.mtime_ns &&
      at->second.ctime_ns == file.ctime_ns && at->second.inode == file.inode) {
    return at->second.hash;
  }
  Result<store::Hash> hash = hash_file(root / file.path);
  if (!hash) return hash;
  // A file that changed a moment ago may change again within the same tick of its file system's clock.
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  if (now - file.ctime_ns > 2'000'000'000) known_[file.path] = {file.size, file.mtime_ns, file.ctime_ns, file.inode, *hash};
  return hash;
}

Result<void> HashCache::save() const {
  std::string text;
  for (const auto& [path, known] : known_) {
    if (path.find('\n') != std::string::npos) continue;
    text += std::to_string(known.size) + " " + std::to_string(known.mtime_ns) + " " + std::to_string(known.ctime_ns) + " " +
            std::to_string(known.inode) + " " + to_hex(known.hash) + " " + path + "\n";
  }
  if (Result<void> made = make_folders(file_.parent_path()); !made) return made;
  return write_file(file_, text);
}

}  // namespace hindsight::replay

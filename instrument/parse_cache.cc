#include "instrument/parse_cache.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hindsight::instrument {

namespace fs = std::filesystem;

namespace {

// Marks the file as used now, by the time of its last access: one that is made on top of another keeps in mind when that was modified. False: it is
// not there.
bool touch(const std::string& path) {
  const timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  return utimensat(AT_FDCWD, path.c_str(), times, 0) == 0;
}

}  // namespace

ParseCache::ParseCache() {
  if (const char* folder = std::getenv("HINDSIGHT_CC_CACHE")) folder_ = folder;
}

std::string ParseCache::file(const std::string& key, const std::function<bool(const std::string& path)>& make) const {
  if (folder_.empty()) return {};
  const std::string path = path_of(key);
  if (touch(path)) return path;
  const std::string lock = folder_ + "/" + key + ".lock";
  const int held = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (held < 0) return {};
  flock(held, LOCK_EX);
  bool there = touch(path);  // somebody else has made it meanwhile
  if (!there) {
    const std::string beside = path + ".tmp";
    there = make(beside) && std::rename(beside.c_str(), path.c_str()) == 0;
    if (!there) std::remove(beside.c_str());
  }
  close(held);
  if (!there) return {};
  trim();
  return path;
}

void ParseCache::remove(const std::string& key) const { std::remove(path_of(key).c_str()); }

void ParseCache::trim(unsigned long long bytes) const {
  struct Kept {
    std::pair<time_t, long> used;  // seconds, nanoseconds
    unsigned long long size = 0;
    fs::path path;
  };
  std::vector<Kept> all;
  unsigned long long total = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".pch") continue;
    struct stat known;
    if (stat(at->path().c_str(), &known) != 0) continue;
    all.push_back({{known.st_atim.tv_sec, known.st_atim.tv_nsec}, static_cast<unsigned long long>(known.st_size), at->path()});
    total += all.back().size;
  }
  std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) { return a.used < b.used; });
  for (auto oldest = all.begin(); oldest != all.end() && total > bytes; ++oldest) {
    total -= oldest->size;
    fs::remove(oldest->path, error);
    fs::remove(fs::path(oldest->path).replace_extension(".lock"), error);
  }
}

}  // namespace hindsight::instrument

#include "instrument/launcher/scratch.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/xxhash.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hindsight::instrument {

std::optional<std::string> read_file(const std::string& path) {
  FILE* file = std::fopen(path.c_str(), "rbe");
  if (!file) return std::nullopt;
  std::string out;
  char buffer[65536];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file)) out.append(buffer, n);
  const bool failed = std::ferror(file) != 0;
  std::fclose(file);
  if (failed) return std::nullopt;
  return out;
}

bool write_file(const std::string& path, std::string_view text) {
  const std::string beside = path + "." + std::to_string(getpid()) + ".tmp";
  FILE* file = std::fopen(beside.c_str(), "wbe");
  bool ok = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file) ok = std::fclose(file) == 0 && ok;
  ok = ok && std::rename(beside.c_str(), path.c_str()) == 0;
  if (!ok) {
    std::fprintf(stderr, "hindsight-cc: cannot write %s: %s\n", path.c_str(), std::strerror(errno));
    std::remove(beside.c_str());
  }
  return ok;
}

std::string hash_of(std::string_view text) {
  const llvm::XXH128_hash_t hash =
      llvm::xxh3_128bits(llvm::ArrayRef(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  char out[33];
  std::snprintf(out, sizeof out, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return out;
}

Scratch::Scratch(std::string_view key) {
  const char* given = std::getenv("TMPDIR");
  std::string root = given && *given ? given : "/tmp";
  if (root.find_first_of(" \t$#:\\'\"") != std::string::npos) root = "/tmp";
  const std::string wanted = root + "/hindsight-cc-" + hash_of(key);
  if (mkdir(wanted.c_str(), 0700) == 0) {
    path_ = wanted;
    return;
  }
  std::string pattern = root + "/hindsight-cc-XXXXXX";
  if (mkdtemp(pattern.data())) path_ = pattern;
}

Scratch::~Scratch() {
  if (!path_.empty()) llvm::sys::fs::remove_directories(path_, true);
}

}  // namespace hindsight::instrument

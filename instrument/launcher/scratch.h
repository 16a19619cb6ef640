// Files of our own: read and write whole files, and a scratch folder that goes away with its owner.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hindsight::instrument {

std::optional<std::string> read_file(const std::string& path);
// Written beside and renamed, so that nobody sees half of it. False: said on stderr.
bool write_file(const std::string& path, std::string_view text);
// 32 hex digits.
std::string hash_of(std::string_view text);

// A folder below TMPDIR (or /tmp, if that has characters that Make would need quoted), removed with what is in it. Its
// name depends on `key` alone unless another process uses that, so that compiler caches see the same path each time.
class Scratch {
 public:
  explicit Scratch(std::string_view key);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  // Empty: no folder could be made.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace hindsight::instrument

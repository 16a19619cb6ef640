// Precompiled headers that are kept from one compilation to the next, in the folder that HINDSIGHT_CC_CACHE names. Compilations at the same time share it.
#pragma once

#include <functional>
#include <string>

namespace hindsight::instrument {

class ParseCache {
 public:
  // That of the environment; one without a folder keeps nothing.
  ParseCache();
  explicit ParseCache(std::string folder) : folder_(std::move(folder)) {}
  explicit operator bool() const { return !folder_.empty(); }

  // The path of the file that belongs to `key` (32 hex digits). If it is not there, `make` is called once, by one process, with the path to write.
  // Empty: it could not be made.
  std::string file(const std::string& key, const std::function<bool(const std::string& path)>& make) const;
  void remove(const std::string& key) const;

  // Beyond this many bytes, those go that have not been used for longest.
  static constexpr unsigned long long kBytes = 2ull << 30;
  void trim(unsigned long long bytes = kBytes) const;

 private:
  std::string path_of(const std::string& key) const { return folder_ + "/" + key + ".pch"; }

  std::string folder_;
};

}  // namespace hindsight::instrument

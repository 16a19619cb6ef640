// The words of the store's tests: a store in a folder of its own, and contents for it, drawn at random or the same each time.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "store/store.h"

namespace hindsight::store {

void PrintTo(const Hash& hash, std::ostream* out);
void PrintTo(const Level& level, std::ostream* out);
void PrintTo(const Point& point, std::ostream* out);
void PrintTo(const SeriesKey& key, std::ostream* out);

}  // namespace hindsight::store

namespace hindsight::store::test {

// Gone with its contents when it ends. `in_memory`: on a memory file system where there is one.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(bool in_memory = false);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The seed of all random tests: HINDSIGHT_TEST_SEED, else a fresh one; printed the first time.
std::uint64_t seed();

// Fails the test with the error's sentence; the value otherwise.
template <class T>
T need(Result<T> result, const char* what = "") {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().message());
  return std::move(*result);
}
inline void need(Result<void> result, const char* what = "") {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().message());
}

// Draws values of every kind, ugly ones included.
class Draw {
 public:
  explicit Draw(std::uint64_t from) : engine_(from) {}
  std::uint64_t number(std::uint64_t below) { return below == 0 ? 0 : engine_() % below; }
  bool coin() { return number(2) == 1; }
  std::uint64_t bits();  // of all sizes
  std::string text();
  std::string bytes(std::size_t size);  // all zero, counted up, or noise
  std::string noise(std::size_t size);  // cannot be compressed
  Hash hash() { return {bits(), bits()}; }
  Site site() { return {text(), static_cast<std::uint32_t>(bits())}; }
  Position position(std::size_t depth);
  Point point();
  FileEntry file();
  Version version();
  Run run(VersionId version);
  DType dtype() { return static_cast<DType>(1 + number(18)); }
  SeriesKey series_key();
  SeriesColumns columns(const SeriesKey& key, std::size_t rows);
  LoopInstance loop(std::uint64_t number);
  Checkpoint checkpoint();
  Probe probe();
  Replay replay(RunId run, std::vector<ProbeId> probes);

 private:
  std::mt19937_64 engine_;
};

// A leaf that owns its bytes.
struct OwnedLeaf {
  std::string path;
  DType dtype = DType::kF32;
  std::vector<std::uint64_t> shape;
  std::string bytes;
};
std::vector<LeafBytes> borrow(const std::vector<OwnedLeaf>& leaves);
std::vector<OwnedLeaf> draw_leaves(Draw& draw, std::size_t count, std::size_t largest);

// Everything that a store gives back, read through its public face; what could not be read is an error's sentence instead.
struct Contents {
  std::map<std::string, std::string> parts;   // "run r1", "series r1/0 loss" -> all that was read, spelled out
  std::map<std::string, std::string> errors;  // the same names
};
Contents read_contents(const Store& store);

// A small store with something in every table, the same for the same seed.
void fill(Store& store, std::uint64_t from);

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& bytes);

}  // namespace hindsight::store::test

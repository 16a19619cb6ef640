// What a project consists of at an instant: its sources (which make a version), its other files (which are inputs of a
// run), and what is in neither.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "replay/project.h"
#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::replay {

// Is this a source or build file by its name alone?
bool is_source_name(std::string_view path);
// Is this a file whose content must not be kept (.env, keys)?
bool is_secret_name(std::string_view path);

// One file of the project's folder. Symbolic links are not followed.
struct FoundFile {
  std::string path;  // relative to the root
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
};
struct FoundFiles {
  std::vector<FoundFile> files;               // sorted by path; folders without files in them are there as folders
  std::vector<std::string> excluded_folders;  // the outermost ones, by the recipe's patterns
  std::vector<std::string> excluded_files;    // likewise, build outputs among them
  std::vector<std::string> secrets;
};
// Leaves out version control and `.hindsight`.
Result<FoundFiles> find_files(const std::filesystem::path& root, const Recipe& recipe);

// Remembers the hashes of files by size, times and inode, so that a large data set is read once. Not thread-safe.
class HashCache {
 public:
  // `file` need not exist; a file that cannot be understood counts as empty.
  explicit HashCache(std::filesystem::path file);
  // The hash of the content, or of the target of a symbolic link.
  Result<store::Hash> hash(const std::filesystem::path& root, const FoundFile& file);
  Result<void> save() const;

 private:
  struct Known {
    std::uint64_t size = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;
    std::uint64_t inode = 0;
    store::Hash hash;
  };
  std::filesystem::path file_;
  std::map<std::string, Known> known_;
};

Result<store::Hash> hash_file(const std::filesystem::path& file);

struct Snapshot {
  store::Tree sources;
  store::Tree inputs;
  std::vector<std::string> notes;  // what could not be kept, one sentence each
};
using PutBlob = std::function<Result<store::Hash>(std::string_view)>;
using ReadBlob = std::function<Result<std::string>(store::Hash)>;

// A file is a source by its name, or since a build file names it (`vocab.txt`, `*.proto`), or since a source includes it.
Result<Snapshot> take_snapshot(const std::filesystem::path& root, const Recipe& recipe, HashCache& cache, const PutBlob& put);

// Writes `tree` into `folder` with modes and times. Content that is not kept is taken from `live` (the project's folder)
// where it has the recorded hash; else kNotFound names the file.
Result<void> materialise(const store::Tree& tree, const std::filesystem::path& folder, const ReadBlob& read,
                         const std::filesystem::path& live);

// The inputs of a run as they were, for a worker's view: small files are copied, larger ones linked to the live ones
// where these are unchanged, else written from what was kept. kNotFound names a file that is neither. Excluded files
// that are there now are linked too, unchecked; excluded folders are the caller's.
Result<void> materialise_inputs(const store::Tree& inputs, const FoundFiles& now, const std::filesystem::path& live,
                                const std::filesystem::path& folder, const ReadBlob& read, HashCache& cache);

}  // namespace hindsight::replay

#include "replay/snapshot.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <system_error>

#include "replay/files.h"
#include "replay/text.h"
#include "store/store.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

constexpr std::array kSourceExtensions = {
    ".c",  ".cc",  ".cpp", ".cxx", ".c++", ".cu",  ".cuh", ".h",     ".hh", ".hpp", ".hxx", ".h++", ".inl", ".inc", ".ipp", ".tpp",
    ".txx", ".tcc", ".def", ".S",   ".s",   ".f",   ".f90", ".cmake", ".mk", ".in",  ".toml", ".sh", ".pc", ".a",   ".so",  ".m4", ".am", ".ac", ".ld", ".map", ".proto", ".cppm", ".ixx"};
constexpr std::array kSourceNames = {"CMakeLists.txt", "CMakePresets.json", "CMakeUserPresets.json", "Makefile", "makefile",
                                     "GNUmakefile",    "meson.build",       "meson_options.txt",     "configure", "BUILD",
                                     "BUILD.bazel",    "WORKSPACE",         "build.ninja"};
constexpr std::array kBuildExtensions = {".cmake", ".mk", ".sh", ".in", ".toml", ".am", ".ac"};

std::string name_of(std::string_view path) { return fs::path(path).filename().string(); }

template <class Array>
bool contains(const Array& array, std::string_view text) {
  return std::find(array.begin(), array.end(), text) != array.end();
}

bool is_build_file(std::string_view path) {
  return contains(kSourceNames, name_of(path)) || contains(kBuildExtensions, fs::path(path).extension().string());
}

// What build files and includes name.
struct Named {
  std::set<std::string> files;       // vocab.txt
  std::set<std::string> extensions;  // .proto, from *.proto and %.proto
};

void collect_named(std::string_view path, const std::string& text, Named& named) {
  if (is_build_file(path)) {
    static const std::regex wildcard("[*%](\\.[A-Za-z0-9_]+)");
    for (std::sregex_iterator at(text.begin(), text.end(), wildcard), end; at != end; ++at) named.extensions.insert((*at)[1]);
    std::string word;
    for (const char c : text + "\n") {
      const bool part = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' || c == '+';
      if (part) {
        word += c;
      } else if (!word.empty()) {
        if (word.size() > 2) named.files.insert(word);
        word.clear();
      }
    }
    return;
  }
  static const std::regex include("(?:#[ \t]*(?:include|embed)[ \t]*|\\.incbin[ \t]*\\\\?)[\"<]([^\">\\\\\n]+)");
  for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) named.files.insert(name_of(at->str(1)));
}

bool is_named(std::string_view path, const Named& named) {
  const fs::path name = fs::path(path).filename();
  return named.files.contains(name.string()) || named.extensions.contains(name.extension().string());
}

class TreeBuilder {
 public:
  TreeBuilder(const fs::path& root, const Recipe& recipe, HashCache& cache, const PutBlob& put)
      : root_(root), recipe_(recipe), cache_(cache), put_(put) {}

  Result<store::FileEntry> entry(const FoundFile& file) {
    store::FileEntry entry{.path = file.path, .mode = file.mode, .size = file.size, .hash = {}, .mtime_ns = file.mtime_ns};
    if (S_ISDIR(file.mode)) return entry;
    if (S_ISLNK(file.mode)) return put_link(std::move(entry));
    if (file.size > recipe_.max_file) {
      Result<store::Hash> hash = cache_.hash(root_, file);
      if (!hash) return std::move(hash).error();
      entry.hash = *hash;
      entry.kept = false;
      return entry;
    }
    Result<std::string> content = read_file(root_ / file.path);
    if (!content) return std::move(content).error();
    entry.size = content->size();
    Result<store::Hash> hash = put_(*content);
    if (!hash) return std::move(hash).error();
    entry.hash = *hash;
    return entry;
  }

 private:
  Result<store::FileEntry> put_link(store::FileEntry entry) {
    std::error_code error;
    const std::string target = fs::read_symlink(root_ / entry.path, error).string();
    if (error) return system_error("read link " + entry.path, error.value());
    Result<store::Hash> hash = put_(target);
    if (!hash) return std::move(hash).error();
    entry.size = target.size();
    entry.hash = *hash;
    return entry;
  }

  const fs::path& root_;
  const Recipe& recipe_;
  HashCache& cache_;
  const PutBlob& put_;
};

}  // namespace

bool is_source_name(std::string_view path) {
  const std::string name = name_of(path);
  if (contains(kSourceNames, name)) return true;
  if (name.find(".so.") != std::string::npos) return true;
  return contains(kSourceExtensions, fs::path(name).extension().string());
}

bool is_secret_name(std::string_view path) {
  const std::string name = name_of(path);
  const std::string extension = fs::path(name).extension();
  return name == ".env" || name.starts_with(".env.") || name.starts_with("id_rsa") || name.starts_with("id_ed25519") ||
         name.starts_with("id_ecdsa") || name == ".netrc" || extension == ".pem" || extension == ".key" || extension == ".p12";
}

namespace {

// Is this project file part of what is built?
Result<std::set<std::string>> source_paths(const fs::path& root, const FoundFiles& found, const Recipe& recipe) {
  std::set<std::string> sources;
  Named named;
  for (const FoundFile& file : found.files) {
    if (S_ISDIR(file.mode) || !is_source_name(file.path)) continue;
    sources.insert(file.path);
    const std::string extension = fs::path(file.path).extension();
    if (!S_ISREG(file.mode) || file.size > recipe.max_file || extension == ".a" || extension == ".so") continue;
    Result<std::string> text = read_file(root / file.path);
    if (!text) return std::move(text).error();
    collect_named(file.path, *text, named);
  }
  for (const FoundFile& file : found.files) {
    if (!S_ISDIR(file.mode) && is_named(file.path, named)) sources.insert(file.path);
  }
  return sources;
}

}  // namespace

Result<Snapshot> take_snapshot(const fs::path& root, const Recipe& recipe, HashCache& cache, const PutBlob& put) {
  Result<FoundFiles> found = find_files(root, recipe);
  if (!found) return std::move(found).error();
  Result<std::set<std::string>> sources = source_paths(root, *found, recipe);
  if (!sources) return std::move(sources).error();
  Snapshot snapshot;
  TreeBuilder build(root, recipe, cache, put);
  for (const FoundFile& file : found->files) {
    Result<store::FileEntry> entry = build.entry(file);
    // A file that vanished in between was never there for a run that starts now.
    if (!entry && entry.error().kind() == ErrorKind::kNotFound) continue;
    if (!entry) {
      if (sources->contains(file.path)) return std::move(entry).error().context("snapshot");
      snapshot.notes.push_back("'" + file.path + "' could not be read and is not among the inputs: " + entry.error().message());
      continue;
    }
    if (!entry->kept) {
      snapshot.notes.push_back("'" + file.path + "' is larger than max_file and is known by its hash only");
    }
    (sources->contains(file.path) ? snapshot.sources : snapshot.inputs).push_back(std::move(*entry));
  }
  for (const std::string& secret : found->secrets) snapshot.notes.push_back("'" + secret + "' looks like a secret and was left out");
  return snapshot;
}

}  // namespace hindsight::replay

#include "replay/places.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "replay/snapshot.h"
#include "store/store.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

fs::path find_program(const std::string& name, const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    std::error_code error;
    const fs::path file = fs::canonical(folder / name, error);
    if (!error && access(file.c_str(), X_OK) == 0 && fs::is_regular_file(file, error)) return file;
  }
  return {};
}

void add_file(const fs::path& file, std::string& all) {
  const Result<store::Hash> hash = hash_file(file);
  if (hash) all += file.filename().string() + " " + to_hex(*hash) + "\n";
}

store::Hash hash_of_tools(const Places& places) {
  std::string all;
  if (!places.compiler_launcher.empty()) add_file(places.compiler_launcher, all);
  if (!places.include.empty()) {
    std::vector<fs::path> headers;
    std::error_code error;
    for (fs::recursive_directory_iterator at(places.include / "hindsight", error), end; !error && at != end; at.increment(error)) {
      if (at->is_regular_file(error)) headers.push_back(at->path());
    }
    std::sort(headers.begin(), headers.end());
    for (const fs::path& header : headers) add_file(header, all);
    // Of an installation, PREFIX/include and PREFIX/lib.
    for (fs::recursive_directory_iterator at(places.include.parent_path() / "lib", error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename();
      if (name.starts_with("libhindsight") && at->is_regular_file(error)) add_file(at->path(), all);
      // PREFIX may be /usr: what lies deeper than lib/<triplet>/ is not ours.
      if (at.depth() > 0 || !name.ends_with("-linux-gnu")) at.disable_recursion_pending();
    }
  }
  return store::hash_bytes(all);
}

}  // namespace

Result<Places> find_places() {
  std::error_code error;
  const fs::path here = fs::canonical("/proc/self/exe", error).parent_path();
  std::vector<fs::path> folders;
  if (const char* folder = std::getenv("HINDSIGHT_LIBEXEC"); folder != nullptr && *folder != '\0') folders.emplace_back(folder);
  // Installed in bin/, beside it in libexec/hindsight/; in a build tree each folder builds its own programs.
  for (const char* relative : {".", "../libexec/hindsight", "../replay", "../instrument", "../../replay", "../../instrument"}) {
    folders.push_back(here / relative);
  }
  Places places;
  places.compiler_launcher = find_program("hindsight-cc", folders);
  places.instrument = find_program("hindsight-instrument", folders);
  places.enter = find_program("hindsight-enter", folders);
  if (places.enter.empty()) {
    return Error(ErrorKind::kNotFound, "hindsight-enter was not found beside " + here.string(),
                 "reinstall, or set HINDSIGHT_LIBEXEC to the folder that holds it");
  }
  std::vector<fs::path> includes;
  if (const char* folder = std::getenv("HINDSIGHT_INCLUDE"); folder != nullptr && *folder != '\0') includes.emplace_back(folder);
  includes.push_back(here / "../include");
#ifdef HINDSIGHT_SOURCE_INCLUDE
  includes.emplace_back(HINDSIGHT_SOURCE_INCLUDE);
#endif
  for (const fs::path& folder : includes) {
    if (fs::is_directory(folder / "hindsight", error)) {
      places.include = fs::canonical(folder, error);
      break;
    }
  }
  const fs::path lib = places.include.parent_path() / "lib";
  for (const fs::path& folder : {lib, places.include.parent_path() / "lib64", lib / "x86_64-linux-gnu", lib / "aarch64-linux-gnu"}) {
    if (places.package.empty() && fs::exists(folder / "pkgconfig" / "hindsight.pc", error)) places.package = folder / "pkgconfig";
    if (places.library.empty() && fs::exists(folder / "libhindsight.a", error)) places.library = folder / "libhindsight.a";
  }
  // In a build tree.
  if (places.library.empty() && fs::exists(here / "../runtime/libhindsight.a", error)) places.library = fs::canonical(here / "../runtime/libhindsight.a", error);
  places.tools = hash_of_tools(places);
  return places;
}

}  // namespace hindsight::replay

#include "replay/workspace.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <set>
#include <system_error>

#include "replay/files.h"
#include "replay/text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> candidates(const fs::path& store_folder) {
  const std::string name = to_hex(store::hash_bytes(store_folder.string())).substr(0, 16);
  std::vector<fs::path> folders = {store_folder};
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
    folders.push_back(fs::path(cache) / "hindsight" / name);
  } else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    folders.push_back(fs::path(home) / ".cache/hindsight" / name);
  }
  folders.push_back(fs::path("/var/tmp") / ("hindsight-" + std::to_string(geteuid())) / name);
  return folders;
}

// A folder below /var/tmp can have been made by someone else.
bool is_ours(const fs::path& folder) {
  struct stat status = {};
  return lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

// What killed processes left.
void remove_left_behind(const fs::path& base) {
  remove_left_scratch(base / "scratch");
  std::error_code error;
  for (fs::directory_iterator at(base / "builds", error), end; !error && at != end; at.increment(error)) {
    if (!at->is_directory(error) || fs::exists(at->path() / "done.json", error)) continue;
    const std::optional<FileLock> lock = FileLock::try_take(at->path().string() + ".lock");
    if (lock && !fs::exists(at->path() / "done.json", error)) static_cast<void>(remove_tree(at->path()));
  }
}

}  // namespace

Result<Workspace> Workspace::open(const store::Store& store, const Project& project, Isolation isolation) {
  Result<Places> places = find_places();
  if (!places) return std::move(places).error();
  std::error_code error;
  const fs::path store_folder = fs::canonical(store.folder(), error);
  if (error) return system_error("look at " + store.folder().string(), error.value());
  if (isolation == Isolation::kPlainCopy) {
    remove_left_behind(store_folder);
    return Workspace(std::move(*places), project.root, store_folder, isolation);
  }
  std::optional<Error> first;
  for (const fs::path& folder : candidates(store_folder)) {
    Result<void> made = make_folders(folder / "scratch");
    if (made && !is_ours(folder / "scratch")) made = Error(ErrorKind::kIo, folder.string() + " belongs to another user");
    if (made) made = check_sandbox(*places, folder / "scratch");
    if (made) {
      remove_left_behind(folder);
      return Workspace(std::move(*places), project.root, folder, isolation);
    }
    if (!first) first = made.error();
  }
  return Error(ErrorKind::kUnsupported, "replaying without touching your files needs a private view of the project: " + first->message(),
               "install bubblewrap and allow user namespaces, or accept a plain copy: --unsafe-no-sandbox");
}

Result<fs::path> Workspace::sources(const store::Store& store, const store::Version& version) const {
  const fs::path folder = base_ / "sources" / to_hex(version.id.hash);
  Result<FileLock> lock = FileLock::take(folder.string() + ".lock");
  if (!lock) return std::move(lock).error();
  std::error_code error;
  if (fs::is_directory(folder, error)) return folder;
  Result<fs::path> unfinished = make_unique_folder(base_ / "sources", "unfinished");
  if (!unfinished) return unfinished;
  ScratchFolder scratch(*unfinished);
  Result<void> written = materialise(version.sources, scratch.path(),
                                     [&](store::Hash hash) { return store.read_blob(hash); }, root_);
  if (!written) return std::move(written).error().context("write the sources of v" + std::to_string(version.number));
  chmod(scratch.path().c_str(), 0755);
  fs::rename(scratch.path(), folder, error);
  if (error) return system_error("rename to " + folder.string(), error.value());
  scratch.keep();
  return folder;
}

Result<ScratchFolder> Workspace::scratch(std::string_view prefix) const { return make_scratch(base_ / "scratch", prefix); }

Result<fs::path> Workspace::launchers(const std::string& path_variable) const {
  static const std::regex compiler("([a-z0-9_]+-[a-z]+-[a-z]+-)?(g\\+\\+|gcc|cc|c\\+\\+|clang|clang\\+\\+)(-[0-9.]+)?");
  std::set<std::string> names;
  for (const std::string& folder : split(path_variable, ':')) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename();
      if (std::regex_match(name, compiler)) names.insert(name);
    }
  }
  std::string all = places_.compiler_launcher.string() + "\n";
  for (const std::string& name : names) all += name + "\n";
  const fs::path folder = base_ / "launchers" / to_hex(store::hash_bytes(all)).substr(0, 16);
  std::error_code error;
  if (fs::is_directory(folder, error)) return folder;
  Result<fs::path> unfinished = make_unique_folder(base_ / "launchers", "unfinished");
  if (!unfinished) return unfinished;
  ScratchFolder scratch(*unfinished);
  for (const std::string& name : names) {
    fs::create_symlink(places_.compiler_launcher, scratch.path() / name, error);
    if (error) return system_error("link " + name, error.value());
  }
  chmod(scratch.path().c_str(), 0755);
  fs::rename(scratch.path(), folder, error);
  if (!error) scratch.keep();  // else another process was first, with the same links
  if (error && !fs::is_directory(folder)) return system_error("make " + folder.string(), error.value());
  return folder;
}

fs::path Area::seen(const fs::path& path) const {
  // The copy lies in the store's folder, and so below the root, too.
  if (sandboxed || !lies_in(path, root) || lies_in(path, copy)) return path;
  const fs::path relative = path.lexically_relative(root);
  return relative == "." ? copy : copy / relative;
}

fs::path Area::show(const fs::path& real, const std::string& name, bool writable) {
  if (!sandboxed) return real;
  const fs::path to = fs::path("/run/hindsight") / name;
  view.binds.push_back({.from = real, .to = to, .writable = writable});
  return to;
}

void Area::reveal(const std::vector<std::string>& texts) {
  if (!sandboxed) return;
  for (const fs::path& path : hidden_paths(texts)) {
    const auto same = [&](const Bind& bind) { return bind.to == path; };
    if (!lies_in(path, root) && std::none_of(view.binds.begin(), view.binds.end(), same)) {
      view.binds.push_back({.from = path, .to = path});
    }
  }
}

AreaCall call_in(const Places& places, const Area& area, const Command& command) {
  if (!area.sandboxed) return {.program = area.seen(command.program), .argv = command.argv, .cwd = area.seen(command.cwd)};
  std::vector<std::string> argv = enter_call(places, area.view, command);
  return {.program = places.enter, .argv = std::move(argv), .cwd = "/"};
}

}  // namespace hindsight::replay

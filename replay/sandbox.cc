#include "replay/sandbox.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <system_error>

#include "replay/files.h"
#include "replay/runner.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

std::vector<std::string> enter_call(const Places& places, const View& view, const Command& command) {
  std::vector<std::string> call = {places.enter.string(), "view"};
  for (const Overlay& overlay : view.overlays) {
    call.insert(call.end(), {"--overlay", overlay.at.string(), overlay.upper.string(), overlay.work.string(),
                             std::to_string(overlay.lower.size())});
    for (const fs::path& lower : overlay.lower) call.push_back(lower.string());
  }
  const auto add_bind = [&](const Bind& bind) {
    call.insert(call.end(), {bind.writable ? "--bind" : "--ro-bind", bind.from.string(), bind.to.string()});
  };
  for (const Bind& bind : view.binds) add_bind(bind);
  // hindsight-enter runs once more inside, to set argv[0].
  for (const fs::path& path : hidden_paths({places.enter.string()})) add_bind({.from = path, .to = path});
  call.insert(call.end(), {"--chdir", command.cwd.string(), "--", command.program.string()});
  call.insert(call.end(), command.argv.begin(), command.argv.end());
  return call;
}

namespace {

Result<void> try_sandbox(const Places& places, const fs::path& folder) {
  Result<ScratchFolder> made = make_scratch(folder, "try");
  if (!made) return std::move(made).error();
  const ScratchFolder& scratch = *made;
  for (const char* name : {"at", "lower", "upper", "work"}) {
    if (Result<void> done = make_folders(scratch.path() / name); !done) return done;
  }
  const View view{.overlays = {{.at = scratch.path() / "at",
                                .lower = {scratch.path() / "lower"},
                                .upper = scratch.path() / "upper",
                                .work = scratch.path() / "work"}},
                  .binds = {}};
  const Command command{.program = "/bin/sh",
                        .argv = {"sh", "-c", "echo works > here && test ! -w /etc"},
                        .cwd = scratch.path() / "at"};
  const fs::path log = scratch.path() / "log";
  Result<CallExit> exit = run_call(
      {.argv = enter_call(places, view, command), .cwd = "/", .environment = current_environment(), .output = log, .answer = {}});
  if (!exit) return std::move(exit).error();
  std::error_code error;
  if (exit->exit_code == 0 && fs::exists(scratch.path() / "upper" / "here", error)) return {};
  return Error(ErrorKind::kUnsupported, "no private view can be made in " + folder.string() + ": " + last_lines(log, 1));
}

}  // namespace

Result<void> check_sandbox(const Places& places, const fs::path& folder) {
  static std::mutex mutex;
  static std::map<std::string, Result<void>> known;
  const std::lock_guard<std::mutex> lock(mutex);
  const auto at = known.find(folder.string());
  if (at != known.end()) return at->second;
  return known.emplace(folder.string(), try_sandbox(places, folder)).first->second;
}

std::vector<fs::path> hidden_paths(const std::vector<std::string>& texts) {
  std::set<fs::path> found;
  const auto consider = [&](const std::string& part) {
    if (!part.starts_with("/tmp/") && !part.starts_with("/run/") && !part.starts_with("/var/run/")) return;
    std::error_code error;
    const fs::path path = fs::weakly_canonical(part, error);
    const fs::file_status status = fs::status(path, error);
    if (fs::is_regular_file(status) || fs::is_directory(status)) found.insert(path);
  };
  for (const std::string& text : texts) {
    consider(text);
    std::string part;
    for (const char c : text + " ") {
      if (std::string_view(":;= \t\n\"'()").find(c) == std::string_view::npos) {
        part += c;
      } else {
        consider(part.starts_with("-I") || part.starts_with("-L") ? part.substr(2) : part);
        part.clear();
      }
    }
  }
  std::vector<fs::path> outermost;
  for (const fs::path& path : found) {
    const bool inside = std::any_of(found.begin(), found.end(), [&](const fs::path& other) { return other != path && lies_in(path, other); });
    if (path != "/tmp" && path != "/run" && !inside) outermost.push_back(path);
  }
  return outermost;
}

}  // namespace hindsight::replay

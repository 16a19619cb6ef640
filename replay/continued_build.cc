#include "replay/continued_build.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <regex>

#include "replay/collect.h"
#include "replay/files.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

// The file of a view with these two layers.
fs::path file_in(const Build& build, const std::string& file) {
  std::error_code error;
  return fs::exists(build.made / file, error) ? build.made / file : build.sources / file;
}

// What marks a folder of an upper layer as one that hides those below it.
void copy_opaque(const fs::path& from, const fs::path& to) {
  char value[8];
  for (const char* name : {"user.overlay.opaque", "trusted.overlay.opaque"}) {
    const ssize_t size = lgetxattr(from.c_str(), name, value, sizeof value);
    if (size > 0) static_cast<void>(lsetxattr(to.c_str(), name, value, static_cast<std::size_t>(size), 0));
  }
}

// Puts what the layer `from` has, and `into` neither has nor hides, into `into`. Files are shared: nothing writes to a finished build's.
Result<void> merge_layer(const fs::path& from, const fs::path& into) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    const fs::path there = into / at->path().lexically_relative(from);
    const fs::file_status known = fs::symlink_status(there, error);
    const bool is_folder = fs::is_directory(at->symlink_status(error));
    error.clear();
    if (fs::exists(known)) {
      if (is_folder && !fs::is_directory(known)) at.disable_recursion_pending();
      continue;
    }
    if (is_folder) {
      fs::create_directory(there, at->path(), error);
      if (!error) copy_opaque(at->path(), there);
    } else if (link(at->path().c_str(), there.c_str()) != 0) {
      return system_error("link " + there.string(), errno);
    }
    if (error) break;
  }
  if (error) return system_error("copy " + from.string(), error.value());
  return {};
}

// Does a command leave it to a tool that knows what depends on what? A script may do anything the second time.
bool is_incremental(const std::string& command) {
  static const std::regex tool("^\\s*(exec\\s+)?(make|gmake|ninja|cmake\\s+--build|meson\\s+compile)(\\s[^;&|<>`$()]*)?$");
  return std::regex_match(command, tool);
}

// Is every probe in the program, or in a shared library that was built?
bool holds_probes(const Build& build, const BuildRequest& request) {
  std::string all;
  std::error_code error;
  for (fs::recursive_directory_iterator at(build.made, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool may_hold = at->path() == build.made / request.program || name.ends_with(".so") || name.find(".so.") != std::string::npos;
    const Result<std::string> text = may_hold ? read_file(at->path()) : Result<std::string>(std::string());
    if (text) all += *text;
  }
  return std::all_of(request.probes.begin(), request.probes.end(), [&](const store::Probe& probe) { return all.find(to_hex(probe.id.hash)) != std::string::npos; });
}

}  // namespace

Result<bool> continue_build(const Workspace& workspace, Build& build, const BuildRequest& request, const Recipe& recipe, const RunCommand& run) {
  if (!request.recorded || !request.recorded->sandboxed || !workspace.is_sandboxed() || request.probed_units.empty() || request.program.empty() || !is_incremental(recipe.command)) return false;
  const Build& recorded = *request.recorded;
  if (Result<void> removed = remove_tree(build.folder); !removed) return std::move(removed).error();
  for (const char* name : {"upper", "work", "reports"}) {
    if (Result<void> made = make_folders(build.folder / name); !made) return std::move(made).error();
  }
  for (const std::string& file : request.probed_units) {
    if (fs::path(file).is_absolute()) return false;
    const Result<std::string> text = read_file(file_in(recorded, file));
    if (!text) return false;
    if (Result<void> folder = make_folders((build.made / file).parent_path()); !folder) return std::move(folder).error();
    if (Result<void> written = write_file(build.made / file, *text); !written) return std::move(written).error();
  }
  if (Result<void> written = write_file(build.folder / "probes.json", probes_file(request.probes, request.counterparts, request.in_headers)); !written) return std::move(written).error();
  if (Result<void> inserted = insert_into_headers(request.in_headers, {recorded.made, recorded.sources}, build.made); !inserted) return std::move(inserted).error();
  Area area;
  area.root = workspace.root();
  area.view.overlays.push_back({.at = area.root, .lower = {recorded.made, recorded.sources}, .upper = build.made, .work = build.folder / "work"});
  area.reveal({recipe.configure, recipe.command});
  Environment environment = compile_environment(workspace, area, request.environment, build.folder / "reports", build.folder / "probes.json", !request.version->plan.empty());
  if (!request.in_headers.empty()) environment["HINDSIGHT_CC_INSERTED"] = "1";
  if (!run(area, environment)) return false;
  const Result<std::string> built = collect_reports(build.folder / "reports");
  const std::optional<std::string> reports = built && holds_probes(build, request) ? merged_reports(recorded.unit_reports, *built, request.probed_units) : std::nullopt;
  if (!reports) return false;
  build.unit_reports = *reports;
  if (Result<void> merged = merge_layer(recorded.made, build.made); !merged) return std::move(merged).error();
  return true;
}

}  // namespace hindsight::replay

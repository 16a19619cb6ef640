#include "replay/instrument.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <tuple>

#include "replay/files.h"
#include "replay/gate.h"
#include "replay/json_text.h"
#include "replay/reports.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

using Key = std::tuple<std::string, std::uint64_t, std::uint64_t>;
Key key_of(const Json& loop) { return {text_of(loop, "file"), number_of(loop, "line"), number_of(loop, "nth")}; }

InstrumentedLoop loop_of(const Json& loop) {
  return {.file = text_of(loop, "file"),
          .line = static_cast<std::uint32_t>(number_of(loop, "line")),
          .name = text_of(loop, "name"),
          .level = static_cast<std::uint32_t>(number_of(loop, "level")),
          .why = text_of(loop, "why"),
          .refused = text_of(loop, "refused"),
          .state = texts_of(loop, "state"),
          .left_out = texts_of(loop, "left_out"),
          .missing = {}};
}

// What all units together are to have, with what their rewriting says of it: one that was not refused knows the state.
std::map<Key, InstrumentedLoop> chosen_loops(const Json& choosing, const Json& units) {
  std::map<Key, InstrumentedLoop> loops;
  for (const Json& loop : member_of(choosing, "chosen")) loops.insert_or_assign(key_of(loop), loop_of(loop));
  std::set<Key> written;
  for (const Json& unit : units) {
    for (const Json& loop : member_of(unit, "chosen")) {
      if (written.contains(key_of(loop))) continue;
      if (text_of(loop, "refused").empty()) written.insert(key_of(loop));
      loops.insert_or_assign(key_of(loop), loop_of(loop));
    }
  }
  for (auto& [key, loop] : loops) {
    if (loop.refused.empty() && !written.contains(key)) loop.refused = "it was put into no unit";
  }
  return loops;
}

Result<void> describe(const Build& build, Instrumented& out) {
  const Json units = parse_json(build.unit_reports), choosing = parse_json(build.choice);
  if (!units.is_array()) return Error(ErrorKind::kCorrupt, "the reports of this build cannot be read");
  Result<Reports> reports = parse_reports(build.unit_reports);
  if (!reports) return std::move(reports).error();
  const Gate gate = make_gate(*reports);
  std::map<Key, InstrumentedLoop> loops = chosen_loops(choosing, units);
  for (auto& [key, loop] : loops) {
    if (loop.refused.empty()) {
      const Gate::Missing unseen = {"the loop", "no analysed unit has it"};
      loop.missing = gate.missing({loop.name, loop.file, loop.line}).value_or(std::vector{unseen});
    }
    out.loops.push_back(loop);
  }
  for (const Json& loop : member_of(choosing, "loops")) {
    if (!flag_of(loop, "outermost", false) || loops.contains(key_of(loop))) continue;
    out.others.push_back({text_of(loop, "file"), static_cast<std::uint32_t>(number_of(loop, "line")), text_of(loop, "name"), text_of(loop, "function")});
  }
  for (const Json& unit : units) {
    if (const std::string problem = text_of(unit, "problem"); !problem.empty()) out.units.push_back({text_of(unit, "unit"), problem});
  }
  out.gate_notes = gate_notes(*reports);
  return {};
}

// Writes beside `file`, with its mode and, where we may, its owner; then puts that in its place.
Result<void> replace(const fs::path& file, std::string_view text) {
  struct stat was {};
  if (lstat(file.c_str(), &was) != 0) return system_error("look at " + file.string(), errno);
  const fs::path beside = file.string() + ".hindsight-new";
  if (Result<void> written = write_file(beside, text); !written) return written;
  const int problem = chmod(beside.c_str(), was.st_mode & 07777) != 0 ? errno : 0;
  if (chown(beside.c_str(), was.st_uid, was.st_gid) != 0) static_cast<void>(errno);
  if (problem == 0 && rename(beside.c_str(), file.c_str()) == 0) return {};
  const int number = problem != 0 ? problem : errno;
  unlink(beside.c_str());
  return system_error("replace " + file.string(), number);
}

}  // namespace

Result<Instrumented> instrument(store::Store& store, const Project& project, const LoopRequest& asked, Progress& progress) {
  progress.stage("snapshot", 0);
  Result<Taken> taken = take(store, project, false);
  if (!taken) return std::move(taken).error();
  for (const std::string& note : taken->notes) progress.warn(note);
  Instrumented out;
  out.version = taken->version.number;
  const std::optional<bool> wish = project.recipe.instrument;
  if (!wish.value_or(taken->hindsight_user.empty())) {
    out.hindsight_user = taken->hindsight_user;
    out.switched_off = wish.has_value();
    return out;
  }
  Result<Workspace> workspace = open_workspace(store, project, progress);
  if (!workspace) return std::move(workspace).error();
  Result<RecordedBuild> recorded = build_taken(*workspace, store, project, *taken, asked, BuildWay::kAfresh, progress);
  if (!recorded) return std::move(recorded).error();
  const Build& build = recorded->build;
  out.other_loops = recorded->other_loops;
  if (!build.reused) out.build_cpu_seconds = build.cpu_seconds;
  if (Result<void> described = describe(build, out); !described) return std::move(described).error();
  Result<std::vector<EditedFile>> files = edited_files(build.plan, build.sources);
  if (!files) return std::move(files).error();
  for (EditedFile& each : *files) out.files.push_back(without_line_directives(std::move(each)));
  return out;
}

Result<void> apply_to_sources(const Project& project, const std::vector<EditedFile>& files) {
  for (const EditedFile& each : files) {
    const fs::path relative = fs::path(each.file).lexically_normal();
    const fs::path file = project.root / relative;
    std::error_code error;
    if (relative.is_absolute() || relative.empty() || *relative.begin() == ".." || !lies_in(fs::canonical(file, error), project.root)) {
      return Error(ErrorKind::kInvalid, "'" + each.file + "' is not in the project, so nothing was written");
    }
    if (fs::is_symlink(file, error)) return Error(ErrorKind::kInvalid, "'" + each.file + "' is a symbolic link, so nothing was written");
    const Result<std::string> text = read_file(file);
    if (!text || *text != each.before()) {
      return Error(ErrorKind::kInvalid, "'" + each.file + "' has changed meanwhile, so nothing was written", "call 'hindsight instrument --apply' again");
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    Result<void> done = replace(project.root / files[i].file, files[i].after());
    if (done) continue;
    Error problem = std::move(done).error();
    for (std::size_t j = 0; j < i; ++j) {
      if (const Result<void> back = replace(project.root / files[j].file, files[j].before()); !back) {
        return std::move(problem).context("'" + files[j].file + "' stays edited (" + back.error().message() + ")");
      }
    }
    return problem;
  }
  return {};
}

}  // namespace hindsight::replay

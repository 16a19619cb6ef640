#include "replay/record.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <tuple>

#include "replay/command_line.h"
#include "replay/files.h"
#include "replay/json_text.h"
#include "replay/machine.h"
#include "replay/outside.h"
#include "replay/reports.h"
#include "replay/taken.h"
#include "replay/text.h"
#include "runtime/host/recorder.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

// Folders of the built shared libraries, in front of those that the user has set.
std::string library_path(const Build& build, const Environment& environment) {
  std::vector<std::string> folders;
  for (const std::string& output : build.outputs) {
    const std::string folder = build.output_file(output).parent_path();
    const bool is_library = fs::path(output).filename().string().find(".so") != std::string::npos;
    if (is_library && std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  }
  if (folders.empty()) return {};
  if (const auto set = environment.find("LD_LIBRARY_PATH"); set != environment.end() && !set->second.empty()) folders.push_back(set->second);
  return join(folders, ":");
}

// The flag of a unit's compilation that lets the compiler compute in another order; empty: there is none.
std::string reassociating_flag(const nlohmann::json& report) {
  static constexpr std::array kFlags = {"-ffast-math", "-Ofast", "-funsafe-math-optimizations", "-fassociative-math"};
  for (const nlohmann::json& argument : member_of(report, "arguments")) {
    for (const char* flag : kFlags) {
      if (argument == flag) return flag;
    }
  }
  return {};
}

void warn_about_reports(const Workspace& workspace, const Build& build, Progress& progress) {
  if (workspace.places().compiler_launcher.empty()) {
    progress.warn("this installation has no hindsight-cc: probes cannot be placed in this version, and no loop of it can be entered or skipped");
    return;
  }
  const nlohmann::json reports = parse_json(build.unit_reports);
  if (!reports.is_array() || reports.empty()) {
    progress.warn("no unit was compiled through hindsight-cc: is the compiler called by a full path? "
                  "Without its reports no probe can be placed and no loop entered or skipped");
    return;
  }
  for (const nlohmann::json& report : reports) {
    if (flag_of(report, "parsed", true)) continue;
    progress.warn("'" + text_of(report, "unit") + "' was compiled as it is: " + text_of(report, "problem"));
  }
  for (const nlohmann::json& report : reports) {
    const std::string flag = reassociating_flag(report);
    if (flag.empty() || member_of(report, "loops").empty()) continue;
    progress.warn("'" + text_of(report, "unit") + "' is compiled with " + flag + ", under which the loops' own calls may change the last bits of results: "
                  "the recorded build is the reference, not another one of yours");
    break;
  }
}

// Where the loops are that the program's values have positions in.
void tell_loops(const Build& build, Progress& progress) {
  const Result<Reports> reports = parse_reports(build.unit_reports);
  if (!reports) return progress.warn("the reports of this build cannot be read: " + reports.error().message());
  std::set<std::tuple<std::string, std::uint32_t, std::string>> loops;
  for (const Reports::Unit& unit : reports->units) {
    for (const Reports::Loop& loop : unit.loops) loops.emplace(loop.file, loop.line, loop.name);
  }
  if (loops.empty()) {
    for (const nlohmann::json& unit : parse_json(build.unit_reports)) {
      for (const nlohmann::json& loop : member_of(unit, "chosen")) {
        if (text_of(loop, "refused").empty()) continue;
        return progress.warn("the loop '" + text_of(loop, "name") + "' (" + text_of(loop, "file") + ":" + std::to_string(number_of(loop, "line")) +
                             ") could not be instrumented, so values have no positions and nothing can be skipped: " + text_of(loop, "refused"));
      }
    }
    return progress.warn("no loop was found that trains, so values have no positions and nothing can be skipped; "
                         "'hindsight instrument --explain' says what was seen");
  }
  std::vector<std::string> shown;
  for (const auto& [file, line, name] : loops) shown.push_back(name + " (" + file + ":" + std::to_string(line) + ")");
  progress.note("loops: " + join(shown, ", "));
}

// What is known of every run of this recording before it starts.
store::Run template_of(const Taken& taken, const RecordRequest& request) {
  store::Run run;
  run.version = taken.version.id;
  run.group = random_hash().low >> 1;
  run.cwd = request.cwd.string();
  run.argv = request.command;
  // Reports that cannot be read say nothing of what the program reads.
  const Result<Reports> reports = parse_reports(taken.version.unit_reports);
  run.environment_salt = random_hash();
  keep_environment(run, reports ? environment_use(*reports) : EnvironmentUse{}, current_environment());
  run.standard_input = standard_input();
  run.host = describe_host();
  run.arguments = request.arguments;
  run.every = request.every;
  run.inputs = taken.inputs;
  run.started_ns = now_ns();
  run.notes = taken.notes;
  return run;
}

Result<RecordOutcome> run_and_store(store::Store& store, const Project& project, const Build* build, const store::Run& known,
                                    const RecordRequest& request, const host::Launch& launch) {
  const host::HostOptions options{.mode = wire::Mode::kRecord,
                                  .journal_folder = store.journal_folder(),
                                  .pool_limit = 0,
                                  .every = request.every,
                                  .overhead = request.overhead,
                                  .arguments = request.arguments,
                                  .added = {},
                                  .draws = {},
                                  .names_shift = false,
                                  .guard_probes = false,
                                  .keep_journals = false};
  if (Result<void> made = make_folders(options.journal_folder); !made) return std::move(made).error();
  const auto begin = [&](const host::Attached& attached) -> Result<host::Session> {
    store::Run run = known;
    run.uid = random_hash();
    run.started_ns = now_ns();
    if (!attached.argv.empty()) run.argv = attached.argv;
    if (!attached.cwd.empty()) run.cwd = attached.cwd;
    run.program = attached.executable.string();
    // Our build stands in for the user's, whose path it is known by.
    if (build != nullptr && lies_in(attached.executable, build->made)) {
      run.program = (project.root / attached.executable.lexically_relative(build->made)).string();
    }
    return host::begin_run(store, std::move(run), attached);
  };
  Result<host::ProcessExit> exit = host::serve(launch, options, begin);
  if (!exit) return std::move(exit).error();
  // The training has ended: whatever fails from here on, its status is what the caller is told.
  RecordOutcome outcome{.exit = *std::move(exit), .runs = {}};
  if (const Result<void> ended = host::end_runs(store, known.group, outcome.exit); !ended) {
    outcome.exit.problems.push_back("how the run ended could not be stored: " + ended.error().message());
  }
  Result<std::vector<store::Run>> runs = store.runs();
  if (!runs) {
    outcome.exit.problems.push_back("what was recorded cannot be read: " + runs.error().message());
    return outcome;
  }
  for (store::Run& run : *runs) {
    if (run.group == known.group) outcome.runs.push_back(std::move(run));
  }
  return outcome;
}

}  // namespace

Result<RecordOutcome> record(store::Store& store, const Project& project, const RecordRequest& asked, Progress& progress) {
  RecordRequest request = asked;
  std::error_code error;
  if (request.command.empty()) {
    request.command = project.recipe.run_command;
    request.cwd = project.root / project.recipe.run_cwd;
    if (request.command.empty()) {
      return Error(ErrorKind::kInvalid, "there is no command to record", "write 'hindsight record -- COMMAND', or set [run] command in hindsight.toml");
    }
  }
  request.cwd = fs::canonical(request.cwd.empty() ? "." : request.cwd, error);
  if (error) return system_error("look at the working folder", error.value());
  const Environment environment = current_environment();
  std::string output;
  if (!request.as_built) {
    Result<std::string> matched = match_output(project, request.cwd, request.command, environment);
    if (!matched) return std::move(matched).error();
    output = *matched;
  }
  progress.stage("snapshot", 0);
  Result<Taken> taken = take(store, project, request.as_built);
  if (!taken) return std::move(taken).error();
  for (const std::string& note : taken->notes) progress.warn(note);

  host::Launch launch{.argv = request.command, .program = {}, .cwd = request.cwd, .environment = {}, .unset = {}, .output = {}};
  std::optional<Build> built;
  if (request.as_built) {
    const std::string& name = request.command.front();
    const std::optional<fs::path> found = name.find('/') == std::string::npos ? find_on_path(name, environment) : fs::path(name);
    if (!found) return Error(ErrorKind::kNotFound, "there is no program '" + name + "' on PATH");
    launch.program = found->is_absolute() ? *found : request.cwd / *found;
  } else {
    Result<Workspace> workspace = open_workspace(store, project, progress);
    if (!workspace) return std::move(workspace).error();
    if (const std::string& user = taken->hindsight_user; !user.empty() && !(request.loops.only.empty() && request.loops.never.empty()) &&
        !project.recipe.instrument.value_or(false)) {
      return RecordOutcome{.exit = {}, .runs = {}, .refused = Error(ErrorKind::kInvalid, "the program says itself what its loops are (" + user + "), so none can be chosen",
                                                                   "take away --loop and --never")};
    }
    Result<RecordedBuild> recorded = build_taken(*workspace, store, project, *taken, request.loops, BuildWay::kAsRecorded, progress);
    if (!recorded) return std::move(recorded).error();
    if (recorded->other_loops) {
      const std::uint64_t number = taken->version.number;
      taken = take(store, project, request.as_built, request.loops);
      if (!taken) return std::move(taken).error();
      progress.note("v" + std::to_string(number) + " keeps the loops that it was recorded with; with these it is v" + std::to_string(taken->version.number));
      recorded = build_taken(*workspace, store, project, *taken, request.loops, BuildWay::kAsRecorded, progress);
      if (!recorded) return std::move(recorded).error();
    }
    Build* build = &recorded->build;
    if (!build->reused) warn_about_reports(*workspace, *build, progress);
    if (recorded->inserting) tell_loops(*build, progress);
    taken->version.unit_reports = build->unit_reports;
    taken->version.plan = build->plan;
    taken->version.outlines = build->outlines;
    taken->version.toolchains = build->toolchains;
    taken->version.build = build->id;
    launch.program = build->output_file(output);
    if (const std::string path = library_path(*build, environment); !path.empty()) launch.environment["LD_LIBRARY_PATH"] = path;
    built = std::move(*build);
  }
  Result<store::WriteBatch> batch = store.write();
  if (!batch) return std::move(batch).error();
  Result<store::Version> version = batch->put_version(taken->version);
  if (!version) return std::move(version).error();
  if (Result<void> done = batch->commit(); !done) return std::move(done).error();
  progress.stage("record v" + std::to_string(version->number), 0);
  Result<RecordOutcome> outcome = run_and_store(store, project, built ? &*built : nullptr, template_of(*taken, request), request, launch);
  if (outcome && built && !built->reused) outcome->build_seconds = built->cpu_seconds;
  return outcome;
}

}  // namespace hindsight::replay

#include "replay/worker.h"

#include <time.h>

#include <algorithm>
#include <system_error>

#include "replay/files.h"
#include "replay/outside.h"
#include "replay/runner.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

double thread_cpu_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// A recorded path, if the project has moved since.
fs::path moved(const fs::path& path, const Scene& scene, const fs::path& root) {
  if (!lies_in(path, scene.old_root)) return path;
  const fs::path relative = path.lexically_relative(scene.old_root);
  return relative == "." ? root : root / relative;
}

Result<void> add_overlay(Area& area, const fs::path& at, const fs::path& scratch) {
  const fs::path folder = scratch / ("more-" + std::to_string(area.view.overlays.size()));
  for (const char* name : {"upper", "work"}) {
    if (Result<void> made = make_folders(folder / name); !made) return made;
  }
  area.view.overlays.push_back({.at = at, .lower = {at}, .upper = folder / "upper", .work = folder / "work"});
  return {};
}

Result<Area> sandboxed_area(const Workspace& workspace, const Scene& scene, const fs::path& cwd, const fs::path& scratch) {
  Result<Area> area = area_on(workspace, *scene.build, scratch);
  if (!area) return area;
  area->view.overlays.front().lower.push_back(scene.inputs);
  std::error_code error;
  for (const std::string& folder : scene.excluded_folders) {
    // A folder that the build fills, too, is the build's.
    if (fs::exists(scene.build->made / folder, error)) continue;
    if (Result<void> added = add_overlay(*area, area->root / folder, scratch); !added) return std::move(added).error();
  }
  // A training that is run elsewhere writes there. A folder around the project would be a layer around its own upper.
  if (!lies_in(cwd, area->root) && !lies_in(area->root, cwd)) {
    if (Result<void> added = add_overlay(*area, cwd, scratch); !added) return std::move(added).error();
  }
  area->reveal(scene.run->argv);
  for (const auto& [name, value] : scene.run->environment) area->reveal({value});
  return area;
}

Result<Area> copied_area(const Workspace& workspace, const Scene& scene, const fs::path& scratch) {
  Area area;
  area.sandboxed = false;
  area.root = workspace.root();
  area.copy = scratch / "copy";
  constexpr auto kOptions = fs::copy_options::recursive | fs::copy_options::copy_symlinks | fs::copy_options::skip_existing;
  std::error_code error;
  std::vector<std::pair<fs::path, fs::path>> copies = {{scene.build->made, area.copy}, {scene.inputs, area.copy}};
  for (const std::string& folder : scene.excluded_folders) {
    if (!fs::exists(scene.build->made / folder, error)) copies.emplace_back(area.root / folder, area.copy / folder);
  }
  for (const auto& [from, to] : copies) {
    if (Result<void> made = make_folders(to); !made) return std::move(made).error();
    fs::copy(from, to, kOptions, error);
    if (error) return system_error("copy " + from.string(), error.value());
  }
  return area;
}

void set_environment(const store::Run& run, host::Launch& launch) {
  const Environment now = current_environment();
  launch.environment = worker_environment(run, now);
  for (const auto& [name, value] : now) {
    if (!launch.environment.contains(name)) launch.unset.push_back(name);
  }
}

std::string library_folders(const Build& build, const Area& area) {
  std::string all;
  for (const std::string& output : build.outputs) {
    if (fs::path(output).filename().string().find(".so") == std::string::npos) continue;
    const std::string folder = area.seen(area.root / output).parent_path().string();
    if ((":" + all + ":").find(":" + folder + ":") == std::string::npos) all += (all.empty() ? "" : ":") + folder;
  }
  return all;
}

}  // namespace

Result<WorkerExit> run_worker(const Workspace& workspace, const Scene& scene, const host::SessionFactory& factory) {
  Result<ScratchFolder> scratch = workspace.scratch("worker");
  if (!scratch) return std::move(scratch).error();
  const store::Run& run = *scene.run;
  const fs::path cwd = moved(run.cwd, scene, workspace.root());
  const fs::path program = moved(run.program, scene, workspace.root());
  Result<Area> area = scene.build->sandboxed ? sandboxed_area(workspace, scene, cwd, scratch->path())
                                             : copied_area(workspace, scene, scratch->path());
  if (!area) return std::move(area).error().context("prepare a worker");
  const AreaCall call = call_in(workspace.places(), *area, {.program = program, .argv = run.argv, .cwd = cwd});
  host::Launch launch{.argv = call.argv, .program = call.program, .cwd = call.cwd, .environment = {}, .unset = {}, .quiet = true,
                      .output = scratch->path() / "output"};
  set_environment(run, launch);
  if (const std::string libraries = library_folders(*scene.build, *area); !libraries.empty()) {
    std::string& path = launch.environment["LD_LIBRARY_PATH"];
    path = path.empty() ? libraries : libraries + ":" + path;
  }
  if (Result<void> made = make_folders(scratch->path() / "journal"); !made) return std::move(made).error();
  const host::HostOptions options{.mode = wire::Mode::kReplay,
                                  .journal_folder = scratch->path() / "journal",
                                  // The live state, its answer, and room for states that grow.
                                  .pool_limit = std::max<std::uint64_t>(std::uint64_t{1} << 30, scene.largest_state * 4),
                                  .every = run.every,
                                  .overhead = 0,
                                  .arguments = run.arguments,
                                  .added = scene.added,
                                  .draws = scene.draws,
                                  .names_shift = scene.names_shift,
                                  .guard_probes = scene.guard_probes,
                                  .keep_journals = false};
  const double before = thread_cpu_seconds();
  Result<host::ProcessExit> exit = host::serve(launch, options, factory);
  if (!exit) return std::move(exit).error().context("run " + program.string());
  // The sandbox reports a death by signal as a shell does.
  if (scene.build->sandboxed && exit->signal == 0 && run.signal != 0 && exit->exit_code == 128 + run.signal) {
    exit->signal = run.signal;
    exit->exit_code = 0;
  }
  return WorkerExit{.process = *exit,
                    .cpu_seconds = exit->cpu_seconds + thread_cpu_seconds() - before,
                    .last_output = last_lines(launch.output, 3)};
}

}  // namespace hindsight::replay

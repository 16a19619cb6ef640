#include "replay/taken.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "replay/files.h"
#include "replay/machine.h"
#include "replay/snapshot.h"
#include "replay/text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

// A program that calls hindsight itself says what its loops are; in any other they are found.
std::string hindsight_user(const store::Tree& sources, const store::Store& store) {
  static constexpr std::array kSuffixes = {".cc", ".cpp", ".cxx", ".c++", ".C", ".cu", ".h", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".tpp", ".inl"};
  for (const store::FileEntry& file : sources) {
    const std::string suffix = fs::path(file.path).extension().string();
    if (!file.kept || std::find(kSuffixes.begin(), kSuffixes.end(), suffix) == kSuffixes.end()) continue;
    const Result<std::string> text = store.read_blob(file.hash);
    if (text && (text->find("#include <hindsight/") != std::string::npos || text->find("#include \"hindsight/") != std::string::npos)) return file.path;
  }
  return {};
}

std::string as_comments(const LoopRequest& loops) {
  std::string text;
  for (const std::string& each : loops.only) text += "\n# recorded with --loop " + each;
  for (const std::string& each : loops.never) text += "\n# recorded with --never " + each;
  if (loops.no_insert) text += "\n# recorded with --no-insert";
  return text.empty() ? text : text + "\n";
}

}  // namespace

Result<Taken> take(store::Store& store, const Project& project, bool as_built, const LoopRequest& loops) {
  HashCache cache(project.store_folder() / "hashes");
  Result<store::WriteBatch> batch = store.write();
  if (!batch) return std::move(batch).error();
  Result<Snapshot> snapshot = take_snapshot(project.root, project.recipe, cache,
                                            [&](std::string_view bytes) { return batch->put_blob(bytes); });
  if (!snapshot) return std::move(snapshot).error();
  if (Result<void> done = batch->commit(); !done) return std::move(done).error();
  static_cast<void>(cache.save());  // only time is lost without it
  Taken taken;
  const std::string recipe = project.recipe_text + as_comments(loops);
  taken.version.sources = std::move(snapshot->sources);
  taken.version.recipe = recipe;
  taken.version.project_root = project.root.string();
  taken.version.as_built = as_built;
  taken.version.id = version_id(taken.version);
  taken.version.created_ns = now_ns();
  taken.inputs = std::move(snapshot->inputs);
  taken.notes = std::move(snapshot->notes);
  taken.hindsight_user = hindsight_user(taken.version.sources, store);
  // The number that it has or will have, for messages.
  Result<std::vector<store::Version>> versions = store.versions();
  if (!versions) return std::move(versions).error();
  const auto known = std::find_if(versions->begin(), versions->end(), [&](const store::Version& v) { return v.id == taken.version.id; });
  if (known == versions->end()) {
    for (const store::Version& version : *versions) taken.version.number = std::max(taken.version.number, version.number);
    ++taken.version.number;
    return taken;
  }
  taken.version.number = known->number;
  Result<std::vector<store::Run>> runs = store.runs();
  if (!runs) return std::move(runs).error();
  taken.is_recorded = std::any_of(runs->begin(), runs->end(), [&](const store::Run& run) { return run.version == taken.version.id; });
  if (taken.is_recorded) taken.version.plan = known->plan;
  return taken;
}

Result<Workspace> open_workspace(const store::Store& store, const Project& project, Progress& progress) {
  Result<Workspace> workspace = Workspace::open(store, project, Workspace::Isolation::kSandbox);
  if (workspace || workspace.error().kind() != ErrorKind::kUnsupported) return workspace;
  progress.warn("the build runs in a copy of the project at another path, without a sandbox: " + workspace.error().message());
  return Workspace::open(store, project, Workspace::Isolation::kPlainCopy);
}

Wishes joined(const Wishes& recipe, const LoopRequest& asked) {
  Wishes all = recipe;
  if (!asked.only.empty()) all.only = asked.only;
  all.never.insert(all.never.end(), asked.never.begin(), asked.never.end());
  return all;
}

Result<RecordedBuild> build_taken(const Workspace& workspace, const store::Store& store, const Project& project, const Taken& taken,
                                  const LoopRequest& asked, BuildWay way, Progress& progress) {
  const Recipe& recipe = project.recipe;
  const bool insert = !asked.no_insert && recipe.instrument.value_or(taken.hindsight_user.empty());
  if (!insert && !recipe.wishes.empty() && !asked.no_insert) {
    progress.warn("[instrument] in hindsight.toml chooses nothing: " +
                  (recipe.instrument ? "auto is false" : "the program says itself what its loops are (" + taken.hindsight_user + ")"));
  }
  store::Version version = taken.version;
  const bool as_recorded = taken.is_recorded && asked.empty() && way == BuildWay::kAsRecorded;
  if (as_recorded && insert && version.plan.empty()) {
    progress.warn("v" + std::to_string(version.number) + " was recorded without loops of hindsight's, and stays so; "
                  "a change of its sources or of hindsight.toml makes it another version");
  }
  const bool must_insert = way == BuildWay::kAfresh || !joined(recipe.wishes, asked).empty();
  if (insert && !as_recorded && must_insert && !can_insert(workspace.places())) {
    return Error(ErrorKind::kIo, "this installation cannot put loops into programs", "it needs hindsight-cc, hindsight-instrument, the headers and the library");
  }
  if (!as_recorded) version.plan.clear();
  Result<Build> made = build(workspace, store,
                             {.version = &version, .probes = {}, .environment = current_environment(), .insert = insert && !as_recorded,
                              .wishes = joined(recipe.wishes, asked)}, progress);
  if (!made) return std::move(made).error();
  RecordedBuild built{.build = std::move(*made), .inserting = false, .other_loops = false};
  built.inserting = !built.build.plan.empty();
  built.other_loops = taken.is_recorded && built.build.plan != taken.version.plan;
  return built;
}

}  // namespace hindsight::replay

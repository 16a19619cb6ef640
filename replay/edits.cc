// Log statements of the working tree that a recorded version does not have.
#include <algorithm>
#include <optional>
#include <set>

#include "replay/builder.h"
#include "replay/files.h"
#include "replay/json_text.h"
#include "replay/machine.h"
#include "replay/replay.h"
#include "replay/workspace.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

class Quiet final : public Progress {
 public:
  void stage(std::string_view, double) override {}
  void advance(double) override {}
  void warn(std::string_view) override {}
};

std::size_t count_logs(const std::string& text) {
  std::size_t count = 0;
  for (const std::string_view call : {"hindsight::log", "HINDSIGHT_LOG"}) {
    for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) ++count;
  }
  return count;
}

store::Probe probe_of(const Json& json, const std::string& unit) {
  store::Probe probe;
  probe.name = text_of(json, "name");
  probe.expression = text_of(json, "expression");
  probe.form = form_of(text_of(json, "form")).value_or(store::Probe::Form::kEdit);
  probe.statement = text_of(json, "statement");
  probe.function = text_of(json, "function");
  probe.file = text_of(json, "file");
  if (probe.file.empty()) probe.file = unit;
  probe.line = static_cast<std::uint32_t>(number_of(json, "line"));
  probe.nest = texts_of(json, "nest");
  probe.previous = text_of(json, "previous");
  probe.next = text_of(json, "next");
  probe.created_ns = now_ns();
  probe.id = probe_id(probe);
  return probe;
}

class Search {
 public:
  Search(const Workspace& workspace, const store::Store& store, const Project& project, const store::Version& version)
      : workspace_(workspace), store_(store), project_(project), version_(version) {}

  Result<FoundEdits> run() {
    const Json units = parse_json(version_.unit_reports);
    std::set<std::string> seen;
    for (const Json& unit : units) {
      const std::string name = text_of(unit, "unit");
      if (!seen.insert(name).second) continue;
      if (Result<void> done = search_unit(name, unit); !done) return std::move(done).error().context("compare '" + name + "'");
    }
    if (Result<void> done = search_others(seen); !done) return std::move(done).error();
    return std::move(found_);
  }

 private:
  const store::FileEntry* entry(const std::string& path) const {
    for (const store::FileEntry& each : version_.sources) {
      if (each.path == path) return &each;
    }
    return nullptr;
  }

  // A file as it was recorded and as it is now; nothing if it has not changed, or is generated, outside of the project, or gone.
  struct Texts {
    std::string before, now;
  };
  Result<std::optional<Texts>> changed(const std::string& file) const {
    const store::FileEntry* old = entry(file);
    if (old == nullptr || !old->kept) return std::optional<Texts>();
    Result<std::string> now = read_file(project_.root / file);
    if (!now || store::hash_bytes(*now) == old->hash) return std::optional<Texts>();
    Result<std::string> before = store_.read_blob(old->hash);
    if (!before) return std::move(before).error();
    return std::optional(Texts{std::move(*before), std::move(*now)});
  }

  // With the headers that no unit before has shown.
  Result<void> search_unit(const std::string& name, const Json& report) {
    const store::FileEntry* unit = entry(name);
    if (unit == nullptr || !unit->kept) return {};  // generated, or outside of the project
    std::vector<std::string> files = texts_of(report, "headers");
    files.push_back(name);
    bool has_logs = false;
    for (const std::string& file : files) {
      if (searched_.contains(file)) continue;
      Result<std::optional<Texts>> texts = changed(file);
      if (!texts) return std::move(texts).error();
      if (!*texts || count_logs((*texts)->now) == 0) continue;
      searched_.insert(file);
      has_logs = true;
    }
    if (!has_logs) return {};
    const Result<std::optional<Texts>> own = changed(name);
    if (!own) return own.error();
    Result<std::string> before = store_.read_blob(unit->hash);
    if (!before) return std::move(before).error();
    Result<Json> answer = ask(name, report, *before, *own ? (*own)->now : *before);
    if (!answer) return std::move(answer).error();
    for (const Json& probe : member_of(*answer, "probes")) {
      store::Probe found = probe_of(probe, name);
      const bool is_known = std::any_of(found_.probes.begin(), found_.probes.end(), [&](const store::Probe& each) { return each.id == found.id && each.line == found.line; });
      if (!is_known) found_.probes.push_back(std::move(found));
    }
    for (const Json& refused : member_of(*answer, "refused")) refuse(refused);
    return {};
  }

  // A statement in a header is met in every unit that includes it.
  void refuse(const Json& refused) {
    const std::string file = text_of(refused, "file");
    const std::string statement = text_of(refused, "text");
    const std::uint64_t line = number_of(refused, "line");
    const std::string sentence = file + (line == 0 ? "" : ":" + std::to_string(line)) + ": " + (statement.empty() ? "" : "`" + statement + "`: ") +
                                 text_of(refused, "reason");
    if (std::find(found_.refused.begin(), found_.refused.end(), sentence) != found_.refused.end()) return;
    found_.refused.push_back(sentence);
    refused_files_.insert(file);
  }

  // In a view of the recorded build, where the unit's flags, its headers and what was generated are what they were.
  Result<Json> ask(const std::string& name, const Json& report, const std::string& before, const std::string& now) {
    if (workspace_.places().instrument.empty()) {
      return Error(ErrorKind::kUnsupported, "this installation has no hindsight-instrument", "build Hindsight with LLVM 19 (HINDSIGHT_BUILD_INSTRUMENT)");
    }
    if (!build_) {
      Quiet quiet;
      Result<Build> build = replay::build(workspace_, store_, {.version = &version_, .probes = {}, .environment = build_environment(environment())}, quiet);
      if (!build) return std::move(build).error();
      build_ = std::move(*build);
      found_.build_cpu_seconds += build_->cpu_seconds;
    }
    Result<ScratchFolder> scratch = workspace_.scratch("edits");
    if (!scratch) return std::move(scratch).error();
    const std::string extension = fs::path(name).extension();
    const fs::path old_file = scratch->path() / ("old" + extension);
    const fs::path new_file = scratch->path() / ("new" + extension);
    for (const auto& [file, text] : {std::pair{old_file, before}, std::pair{new_file, now}}) {
      if (Result<void> written = write_file(file, text); !written) return std::move(written).error();
    }
    Result<Area> area = area_on(workspace_, *build_, scratch->path());
    if (!area) return std::move(area).error();
    // Today's text may include hindsight where the recorded one does not.
    Environment environment = compile_environment(workspace_, *area, build_environment(this->environment()), scratch->path(), {}, true);
    const fs::path instrument = workspace_.places().instrument;
    std::vector<std::string> arguments = texts_of(report, "arguments");
    area->reveal(arguments);
    area->reveal({instrument.string()});
    Result<fs::path> today = changed_files();
    if (!today) return std::move(today).error();
    std::vector<std::string> argv = {instrument.string(), "edits", "--old", area->show(old_file, "old" + extension, false), "--new",
                                     area->show(new_file, "new" + extension, false), "--new-tree", area->show(*today, "today", false), "--file", name, "--"};
    if (const std::string compiler = text_of(report, "compiler"); !arguments.empty() && !compiler.empty()) arguments.front() = compiler;
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const AreaCall call = call_in(workspace_.places(), *area, {.program = instrument, .argv = argv, .cwd = text_of(report, "cwd")});
    const fs::path log = scratch->path() / "log";
    const fs::path out = scratch->path() / "answer";
    const Result<CallExit> exit = run_call({.argv = call.argv, .cwd = call.cwd, .environment = environment, .output = log, .answer = out});
    if (!exit) return exit.error();
    found_.build_cpu_seconds += exit->cpu_seconds;
    const Result<std::string> text = read_file(out);
    Json answer = parse_json(text ? *text : "");
    if (!answer.is_object()) return Error(ErrorKind::kIo, "hindsight-instrument gave no answer: " + last_lines(log, 3));
    return answer;
  }

  // A folder with the working tree's sources that are not as they were recorded: today's text may need today's headers.
  Result<fs::path> changed_files() {
    if (today_) return today_->path();
    Result<FoundFiles> files = find_files(project_.root, project_.recipe);
    if (!files) return std::move(files).error();
    Result<ScratchFolder> folder = workspace_.scratch("today");
    if (!folder) return std::move(folder).error();
    for (const FoundFile& file : files->files) {
      const store::FileEntry* old = entry(file.path);
      if (old == nullptr && !is_source_name(file.path)) continue;
      const Result<std::string> now = read_file(project_.root / file.path);
      if (!now || (old != nullptr && store::hash_bytes(*now) == old->hash)) continue;
      const fs::path copy = folder->path() / file.path;
      if (Result<void> made = make_folders(copy.parent_path()); !made) return std::move(made).error();
      if (Result<void> written = write_file(copy, *now); !written) return std::move(written).error();
    }
    today_.emplace(std::move(*folder));
    return today_->path();
  }

  Environment environment() const { return newest_environment(store_, version_.id); }

  // Statements in files that probes cannot be put into: said, not passed over.
  Result<void> search_others(const std::set<std::string>& units) {
    Result<FoundFiles> files = find_files(project_.root, project_.recipe);
    if (!files) return std::move(files).error();
    for (const FoundFile& file : files->files) {
      if (units.contains(file.path) || searched_.contains(file.path) || refused_files_.contains(file.path) || !is_source_name(file.path)) continue;
      const Result<std::string> now = read_file(project_.root / file.path);
      if (!now || count_logs(*now) == 0) continue;
      const store::FileEntry* old = entry(file.path);
      if (old != nullptr && store::hash_bytes(*now) == old->hash) continue;
      std::size_t before = 0;
      if (old != nullptr && old->kept) {
        if (const Result<std::string> text = store_.read_blob(old->hash)) before = count_logs(*text);
      }
      if (count_logs(*now) <= before) continue;
      found_.refused.push_back(file.path + (old == nullptr ? ": new since v" + std::to_string(version_.number) + ", so its log statements have no place there"
                                                           : ": no compiled unit of v" + std::to_string(version_.number) + " that is one of its sources includes it"));
    }
    return {};
  }

  const Workspace& workspace_;
  const store::Store& store_;
  const Project& project_;
  const store::Version& version_;
  std::optional<Build> build_;
  std::optional<ScratchFolder> today_;
  FoundEdits found_;
  std::set<std::string> searched_;  // files with log statements whose units were asked
  std::set<std::string> refused_files_;
};

}  // namespace

Result<FoundEdits> find_edits(const store::Store& store, const Project& project, store::VersionId against) {
  Result<store::Version> version = store.read_version(against);
  if (!version) return std::move(version).error();
  Result<Workspace> workspace = Workspace::open(store, project, Workspace::Isolation::kSandbox);
  if (!workspace && workspace.error().kind() == ErrorKind::kUnsupported) {
    workspace = Workspace::open(store, project, Workspace::Isolation::kPlainCopy);
  }
  if (!workspace) return std::move(workspace).error();
  return Search(*workspace, store, project, *version).run();
}

}  // namespace hindsight::replay

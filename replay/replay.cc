#include "replay/replay.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <tuple>

#include "replay/added.h"
#include "replay/arithmetic.h"
#include "replay/builder.h"
#include "replay/draws.h"
#include "replay/executor.h"
#include "replay/files.h"
#include "replay/follow.h"
#include "replay/gate.h"
#include "replay/in_parallel.h"
#include "replay/machine.h"
#include "replay/outside.h"
#include "replay/placer.h"
#include "replay/reference.h"
#include "replay/reports.h"
#include "replay/snapshot.h"
#include "replay/where.h"
#include "replay/workspace.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

std::string shown(const store::Run& run) { return "r" + std::to_string(run.id.number); }

// Answers one run. Its members are what has been found out so far.
class OneRun {
 public:
  OneRun(const Workspace& workspace, store::Store& store, const Project& project, const ReplayRequest& request, Progress& progress)
      : workspace_(workspace), store_(store), project_(project), request_(request), progress_(progress) {}

  // Places the probes, and builds: an answer that is asked for afterwards finds all that. What goes wrong is left to that answer to say.
  Ready make_ready(store::RunId id) {
    const Result<bool> asked = prepare(id);
    if (asked && *asked) static_cast<void>(plan_and_build());
    return {answer_.build_cpu_seconds, answer_.built};
  }

  // An error is of the store; what concerns the run alone is in the answer.
  Result<RunAnswer> answer(store::RunId id) {
    answer_.run = id;
    Result<bool> asked = prepare(id);
    if (!asked) return refuse_or_fail(std::move(asked).error());
    if (!*asked) return finish();
    Result<bool> built = plan_and_build();
    if (!built) return refuse_or_fail(std::move(built).error());
    if (*built) {
      if (Result<void> done = execute_plan(); !done) return refuse_or_fail(std::move(done).error());
      if (!block_what_did_not_fit()) return finish();
      built = plan_and_build();
      if (!built) return refuse_or_fail(std::move(built).error());
      if (*built) {
        if (Result<void> done = execute_plan(); !done) return refuse_or_fail(std::move(done).error());
      }
    }
    return finish();
  }

 private:
  // A store that cannot be written stops everything; anything else is this run's own trouble.
  Result<RunAnswer> refuse_or_fail(Error error) {
    if (store_failed_ || error.kind() == ErrorKind::kBusy) return error;
    answer_.refused = error.message() + (error.hint().empty() ? "" : " (" + error.hint() + ")");
    return finish();
  }

  // Reads the run, places the probes. False: nothing can be asked of it.
  Result<bool> prepare(store::RunId id) {
    Result<store::Run> run = store_.read_run(id);
    if (!run) return std::move(run).error();
    recorded_.run = std::move(*run);
    if (recorded_.run.state == store::RunState::kRecording) {
      answer_.refused = shown(recorded_.run) + " is still being recorded";
      return false;
    }
    Result<store::Version> version = store_.read_version(recorded_.run.version);
    if (!version) return std::move(version).error();
    version_ = std::move(*version);
    if (Result<void> known = check_program(); !known) return std::move(known).error();
    environment_ = build_environment(recorded_.run.environment);
    Result<Build> build = replay::build(workspace_, store_, {.version = &version_, .probes = {}, .environment = environment_}, progress_);
    if (!build) return std::move(build).error();
    plain_ = std::move(*build);
    answer_.build_cpu_seconds += plain_.cpu_seconds;
    compare_build();
    if (request_.verify) {
      Result<bool> read = read_recording();
      if (!read) return read;
      return draw_iteration();
    }
    if (Result<void> placed = place(); !placed) return std::move(placed).error();
    return read_recording();
  }

  // Where the probes go: as their own text says, or as follows from the version that they were written for.
  Result<void> place() {
    Result<Placing> placing = place_probes(workspace_, plain_, environment_, request_.probes, {}, request_.workers, progress_);
    if (!placing) return std::move(placing).error();
    answer_.build_cpu_seconds += placing->cpu_seconds;
    Result<Following> following = follow_probes(workspace_, store_, version_, plain_, placing->placements, request_.probes, request_.workers, progress_);
    if (!following) return std::move(following).error();
    answer_.build_cpu_seconds += following->cpu_seconds;
    counterparts_ = std::move(following->counterparts);
    std::vector<store::Probe> placeable;
    for (const store::Probe& probe : request_.probes) {
      const auto from = following->probes.find(probe.id);
      if (from == following->probes.end() || from->second.refused.empty()) placeable.push_back(probe);
    }
    if (!following->probes.empty()) {
      placing = place_probes(workspace_, plain_, environment_, placeable, counterparts_, request_.workers, progress_);
      if (!placing) return std::move(placing).error();
      answer_.build_cpu_seconds += placing->cpu_seconds;
    }
    if (Result<void> noted = note_arithmetic(plain_, *placing); !noted) return noted;
    auto placed = placing->placements.begin();
    for (const store::Probe& probe : request_.probes) {
      const auto from = following->probes.find(probe.id);
      const bool is_refused = from != following->probes.end() && !from->second.refused.empty();
      // More than one of a pattern, which does not follow from anywhere.
      for (; !is_refused && placed != placing->placements.end() && placed->probe == probe.id && placed + 1 != placing->placements.end() && (placed + 1)->probe == probe.id; ++placed) {
        answer_.placements.push_back(std::move(*placed));
      }
      ProbePlacement& placement = answer_.placements.emplace_back(is_refused ? ProbePlacement{} : std::move(*placed++));
      placement.probe = probe.id;
      if (from == following->probes.end()) continue;
      placement.from_version = from->second.version;
      placement.is_sure = from->second.is_sure;
      placement.renamed = std::move(from->second.renamed);
      if (!is_refused) continue;
      placement.refused = std::move(from->second.refused);
      placement.candidates = std::move(from->second.candidates);
    }
    places_ = std::move(placing->places);
    probed_units_ = std::move(placing->probed);
    in_headers_ = std::move(placing->in_headers);
    refuse_what_changes_state();
    return {};
  }

  void refuse_what_changes_state() {
    for (const ProbePlacement& placement : answer_.placements) {
      if (!placement.refused.empty() || !placement.changes_state || request_.force) continue;
      refuse(placement.probe, "it changes the program's state (" + placement.impure + "), and what follows would be another training's; with --force it is asked all the same, and no value is exact");
    }
  }
  // At all its places: hindsight-cc knows of no single ones.
  void refuse(store::ProbeId probe, const std::string& why) {
    for (ProbePlacement& placement : answer_.placements) {
      if (placement.probe != probe || !placement.refused.empty()) continue;
      placement.refused = why;
      placement.candidates = {placement.file + ":" + std::to_string(placement.line) + ": " + placement.excerpt};
    }
    std::erase_if(places_, [&](const Placement& place) { return place.probe == probe; });
  }

  // What a verification runs: a probe that is nowhere and may be reached from everywhere stands for it.
  bool draw_iteration() {
    places_ = {Placement{.probe = {}, .function = {}, .nest = {}, .reached_from = std::nullopt}};
    answer_.verified = request_.where;
    if (!request_.where.empty()) return true;
    std::vector<Clause> heads;
    for (const store::Checkpoint& checkpoint : recorded_.checkpoints) {
      const store::Point& point = checkpoint.point;
      if (point.kind != store::PointKind::kHead || !checkpoint.kept || point.ordinal == 0 || !point.enclosing.empty()) continue;
      const auto instance = std::find_if(recorded_.loops.begin(), recorded_.loops.end(), [&](const store::LoopInstance& each) {
        return each.loop == point.loop && each.entry == point.entry && each.enclosing == point.enclosing && each.thread == point.thread;
      });
      // The head after the last iteration begins none.
      if (instance == recorded_.loops.end() || point.ordinal >= instance->labels.size()) continue;
      const std::int64_t label = instance->labels[point.ordinal].value_or(static_cast<std::int64_t>(point.ordinal));
      heads.push_back({point.loop, label, label});
    }
    if (heads.empty()) {
      answer_.refused = shown(recorded_.run) + " has no checkpoint at which an iteration could be entered";
      return false;
    }
    std::random_device draw;
    answer_.verified = {heads[draw() % heads.size()]};
    return true;
  }
  const Where& where() const { return request_.verify ? answer_.verified : request_.where; }

  // The process that was recorded must be one that can be built.
  Result<void> check_program() {
    Result<Recipe> recipe = parse_recipe(version_.recipe);
    if (!recipe) return std::move(recipe).error();
    const fs::path program = fs::path(recorded_.run.program).lexically_relative(version_.project_root);
    const auto& outputs = recipe->outputs;
    if (std::find(outputs.begin(), outputs.end(), program.generic_string()) == outputs.end()) {
      return Error(ErrorKind::kUnsupported, shown(recorded_.run) + " ran " + recorded_.run.program + ", which is not one of the recipe's outputs");
    }
    if (version_.project_root != project_.root) {
      progress_.warn("the project was in " + version_.project_root + " when " + shown(recorded_.run) + " was recorded; absolute paths differ");
    }
    exclude_ = recipe->exclude;
    program_ = program.generic_string();
    return {};
  }

  void compare_build() {
    if (!version_.as_built && !version_.build.is_zero() && plain_.id != version_.build) {
      notes_.push_back("the rebuilt program differs from the recorded one (v" + std::to_string(version_.number) + ")");
    }
    for (const store::Toolchain& toolchain : version_.toolchains) {
      const Result<store::Hash> hash = hash_file(toolchain.compiler);
      if (hash && *hash == toolchain.hash) continue;
      notes_.push_back("the compiler " + toolchain.compiler + " is not the one that was recorded (" + toolchain.version + ")");
    }
    for (const std::string& note : notes_) progress_.warn(note);
  }

  Result<bool> read_recording() {
    const store::RunId id = recorded_.run.id;
    Result<std::vector<store::LoopInstance>> loops = store_.loops(id);
    if (!loops) return std::move(loops).error();
    Result<std::vector<store::Checkpoint>> checkpoints = store_.checkpoints(id);
    if (!checkpoints) return std::move(checkpoints).error();
    Result<std::vector<store::SmallDigest>> digests = store_.digests(id);
    if (!digests) return std::move(digests).error();
    recorded_.loops = std::move(*loops);
    recorded_.checkpoints = std::move(*checkpoints);
    recorded_.digests = std::move(*digests);
    // What was analysed when it was recorded counts, not what a newer analysis would find.
    Result<Reports> reports = parse_reports(version_.unit_reports.empty() ? plain_.unit_reports : version_.unit_reports);
    if (!reports) return std::move(reports).error();
    gate_ = make_gate(*reports);
    added_ = added_to_states(recorded_.run);
    leave_incomplete_states(added_, recorded_, gate_);
    add_what_probes_read(*reports, probed_units_, gate_);
    gate_.assume_state = request_.assume_state;
    Result<std::vector<store::Series>> drawn = store_.read_series(id, [](const store::SeriesKey& key) { return key.is_draw; });
    if (!drawn) return std::move(drawn).error();
    draws_ = draws_of(recorded_.run, *drawn, shared_library_in(plain_));
    if (request_.unsafe_no_sandbox) leave_process_numbers(draws_);
    deciding_draws_ = deciding_draws(draws_, *reports);
    for (const auto& [source, why] : draws_.lost) {
      if (is_random(source)) notes_.push_back("not all that " + source + " gave is given back: " + why);
    }
    outside_ = outside_of(*reports, recorded_.run, draws_, current_environment());
    volatile_names_ = volatile_names(*reports);
    volatile_names_.insert(volatile_names_.end(), project_.recipe.volatile_names.begin(), project_.recipe.volatile_names.end());
    return !places_.empty();
  }

  // Plans what is left to ask, and builds it; a probe that does not compile is refused and the rest goes on.
  // False: there is nothing to run.
  Result<bool> plan_and_build() {
    while (!places_.empty()) {
      Question question{.probes = places_, .where = where(), .answered = {}, .enter = request_.verify};
      for (const Placement& place : places_) {
        if (request_.verify) break;
        Result<std::vector<store::Coverage>> coverage = store_.coverage(recorded_.run.id, place.probe);
        if (!coverage) return std::move(coverage).error();
        for (store::Coverage& part : *coverage) {
          if (part.exact && !request_.again) question.answered.push_back(part);
        }
      }
      answer_.plan = make_plan(question, recorded_, gate_, std::max(1u, request_.workers));
      // Nothing that was asked is kept of a verification.
      for (Segment& segment : answer_.plan.segments) {
        if (request_.verify) segment.probes.clear();
      }
      if (answer_.plan.segments.empty() || request_.dry_run) return false;
      const BuildRequest request = {.version = &version_, .probes = probes_to_run(), .counterparts = counterparts_, .in_headers = in_headers_to_run(),
                                    .probed_units = probed_units(), .program = program_, .recorded = &plain_, .environment = environment_};
      Result<Build> build = replay::build(workspace_, store_, request, progress_);
      if (build) {
        if (Result<void> same = check_placements(*build); !same) return std::move(same).error();
        answer_.built = !build->reused;
        answer_.build_cpu_seconds += build->cpu_seconds;
        probed_ = std::move(*build);
        if (Result<void> compared = compare_arithmetic(); !compared) return std::move(compared).error();
        return true;
      }
      if (build.error().kind() != ErrorKind::kInvalid || !refuse_blamed(build.error())) return std::move(build).error();
    }
    answer_.plan = {};
    return false;
  }

  // Fused operations round otherwise: code that was made otherwise around the probes may give other numbers, which nothing need compare.
  Result<void> compare_arithmetic() {
    changed_arithmetic_.clear();
    if (version_.as_built || request_.verify) return {};
    bool fuses = false;
    for (const store::Probe& probe : probes_to_run()) {
      const auto counterpart = counterparts_.find(probe.id);
      const std::string& expression = counterpart == counterparts_.end() ? probe.expression : counterpart->second.expression;
      const bool calls = std::any_of(answer_.placements.begin(), answer_.placements.end(), [&](const ProbePlacement& each) { return each.probe == probe.id && each.calls; });
      fuses = fuses || calls || !probe.helper.empty() || may_fuse(expression);
    }
    Result<std::string> changed = changed_arithmetic(workspace_, plain_, probed_, program_, fuses);
    if (!changed) return std::move(changed).error();
    changed_arithmetic_ = *std::move(changed);
    return {};
  }

  // Those that the plan asks anything of: what is answered already is not built in again.
  std::vector<store::Probe> probes_to_run() const {
    std::set<store::ProbeId> asked;
    for (const Segment& segment : answer_.plan.segments) asked.insert(segment.probes.begin(), segment.probes.end());
    std::vector<store::Probe> probes;
    for (const store::Probe& probe : request_.probes) {
      if (asked.contains(probe.id)) probes.push_back(probe);
    }
    return probes;
  }

  HeaderProbes in_headers_to_run() const {
    const std::vector<store::Probe> probes = probes_to_run();
    HeaderProbes out = in_headers_;
    std::erase_if(out, [&](const HeaderProbe& each) {
      return std::none_of(probes.begin(), probes.end(), [&](const store::Probe& probe) { return probe.id == each.probe; });
    });
    return out;
  }

  bool is_in_header(const ProbePlacement& placement) const {
    return std::any_of(in_headers_.begin(), in_headers_.end(), [&](const HeaderProbe& each) { return each.probe == placement.probe && each.file == placement.file; });
  }

  // The units that those go into.
  std::vector<std::string> probed_units() const {
    std::set<std::string> units;
    for (const HeaderProbe& each : in_headers_to_run()) units.insert(each.units.begin(), each.units.end());
    for (const store::Probe& probe : probes_to_run()) {
      for (const ProbePlacement& placement : answer_.placements) {
        if (placement.probe == probe.id && placement.refused.empty() && !is_in_header(placement)) units.insert(placement.file);
      }
    }
    return {units.begin(), units.end()};
  }

  // Refuses the probes on the line that the compiler complains of. False: it is none of theirs.
  bool refuse_blamed(const Error& error) {
    bool any = false;
    for (const ProbePlacement& placement : answer_.placements) {
      if (!placement.refused.empty()) continue;
      const std::string line = fs::path(placement.file).filename().string() + ":" + std::to_string(placement.line) + ":";
      if (error.message().find(line) == std::string::npos) continue;
      refuse(placement.probe, error.message());
      any = true;
    }
    return any;
  }

  // hindsight-cc must have put every probe where the dry run said.
  Result<void> check_placements(const Build& build) {
    const std::vector<store::Probe> probes = probes_to_run();
    Result<Placing> placing = read_placing(build.unit_reports, probes);
    if (!placing) return std::move(placing).error();
    for (const ProbePlacement& said : answer_.placements) {
      const bool is_asked = std::any_of(probes.begin(), probes.end(), [&](const store::Probe& probe) { return probe.id == said.probe; });
      if (!is_asked || !said.refused.empty() || is_in_header(said)) continue;
      const auto is_it = [&](const ProbePlacement& now) { return now.probe == said.probe && now.refused.empty() && now.file == said.file && now.line == said.line; };
      if (std::any_of(placing->placements.begin(), placing->placements.end(), is_it)) continue;
      const auto now = std::find_if(placing->placements.begin(), placing->placements.end(), [&](const ProbePlacement& each) { return each.probe == said.probe; });
      return Error(ErrorKind::kInvalid, "the build placed a probe otherwise than planned: " +
                                            (now->refused.empty() ? now->file + ":" + std::to_string(now->line) : now->refused));
    }
    return {};
  }

  // A state that the rebuilt program could not take in (an object that nobody can make anew) is no answer to the question: the
  // loops then run from their start. True: there is something to run again.
  bool block_what_did_not_fit() {
    static constexpr std::string_view kMisfit = "state does not fit: ";
    for (const store::SegmentOutcome& segment : answer_.replay->segments) {
      if (!segment.problem.starts_with(kMisfit)) continue;
      const std::string why = segment.problem.substr(kMisfit.size());
      for (auto& [name, missing] : gate_.loops) missing.push_back({"(its state)", "it did not fit when it was restored: " + why});
      notes_.push_back("a state did not fit (" + why + "), so the loops run from their start");
      return true;
    }
    return false;
  }

  Result<void> execute_plan() {
    Result<ScratchFolder> scratch = workspace_.scratch("inputs");
    if (!scratch) return std::move(scratch).error();
    Recipe recipe;
    recipe.exclude = exclude_;
    recipe.outputs = plain_.outputs;
    Result<FoundFiles> now = find_files(project_.root, recipe);
    if (!now) return std::move(now).error();
    HashCache cache(project_.store_folder() / "hashes");
    Result<void> laid_out = materialise_inputs(recorded_.run.inputs, *now, project_.root, scratch->path(),
                                               [&](store::Hash hash) { return store_.read_blob(hash); }, cache);
    if (!laid_out) return laid_out;
    static_cast<void>(cache.save());
    Scene scene{.run = &recorded_.run,
                .old_root = version_.project_root,
                .inputs = scratch->path(),
                .excluded_folders = std::move(now->excluded_folders),
                .build = &probed_,
                .added = added_,
                .draws = draws_.numbers,
                .names_shift = declare_something(probed_units_),
                .guard_probes = std::any_of(answer_.placements.begin(), answer_.placements.end(), [](const ProbePlacement& each) { return each.refused.empty() && !each.impure.empty(); })};
    for (const store::Checkpoint& checkpoint : recorded_.checkpoints) {
      std::uint64_t bytes = 0;
      for (const store::Leaf& leaf : checkpoint.leaves) bytes += leaf.bytes + 4096;
      scene.largest_state = std::max(scene.largest_state, bytes);
    }
    Result<std::vector<store::Series>> series = store_.read_series(recorded_.run.id, [](const store::SeriesKey& key) {
      return key.replay == store::ReplayId{};
    });
    if (!series) return std::move(series).error();
    const Reference reference(recorded_, std::move(*series),
                              {.volatile_names = volatile_names_, .tolerance = project_.recipe.tolerance, .draws = deciding_draws_});
    progress_.stage("replay " + shown(recorded_.run), answer_.plan.estimated_seconds);
    Work work{.plan = &answer_.plan, .reference = &reference, .scene = &scene, .probes = probes_to_run(), .outside = outside(), .inexact_probes = inexact_probes(), .workers = request_.workers, .replay = {}};
    work.replay.run = recorded_.run.id;
    for (const store::Probe& probe : work.probes) work.replay.probes.push_back(probe.id);
    work.replay.started_ns = now_ns();
    work.replay.build = probed_.id;
    work.replay.tool_version = tool_version();
    work.replay.build_cpu_seconds = answer_.build_cpu_seconds;
    work.replay.notes = notes_;
    note_what_is_outside(work);
    Result<store::Replay> done = execute(workspace_, store_, work, progress_);
    if (!done) {
      store_failed_ = true;
      return std::move(done).error();
    }
    answer_.replay = std::move(*done);
    answer_.first_difference.clear();  // of an attempt before this one
    for (const store::SegmentOutcome& segment : answer_.replay->segments) {
      if (answer_.first_difference.empty()) answer_.first_difference = segment.first_difference;
    }
    return {};
  }

  std::string outside() const {
    if (request_.assume_state) return "loop state that is not shown to be complete (--assume-state)";
    if (version_.as_built) return "the recorded binary, which was not built from these sources by Hindsight (--as-built)";
    if (!outside_.empty()) return outside_;
    if (!changed_arithmetic_.empty()) return "arithmetic that the compiler made otherwise around the probes (" + changed_arithmetic_ + ")";
    // What such a probe changes may be seen by another probe and by nothing that is compared.
    for (const ProbePlacement& placement : answer_.placements) {
      if (!placement.refused.empty() || placement.impure.empty()) continue;
      return "a probe at " + placement.file + ":" + std::to_string(placement.line) + " that may change the program's state (" +
             placement.impure + ")";
    }
    return {};
  }

  // Why no value of a probe is exact, whatever is compared.
  std::map<store::ProbeId, std::string> inexact_probes() const {
    std::map<store::ProbeId, std::string> probes;
    for (const ProbePlacement& placement : answer_.placements) {
      if (!placement.refused.empty()) continue;
      if (placement.from_version != 0 && !placement.is_sure) {
        probes[placement.probe] = "its place follows from v" + std::to_string(placement.from_version) + ", and only one way leads there";
      } else if (!placement.arithmetic.empty()) {
        probes[placement.probe] = "the compiler may compute otherwise around it (" + placement.arithmetic + ")";
      } else if (!placement.volatile_why.empty()) {
        probes[placement.probe] = "it takes " + placement.volatile_why + " from outside the program";
      }
    }
    return probes;
  }

  static void note_what_is_outside(Work& work) {
    if (!work.outside.empty()) work.replay.notes.push_back("no value is exact: it may depend on " + work.outside);
    for (const store::Probe& probe : work.probes) {
      const auto found = work.inexact_probes.find(probe.id);
      if (found != work.inexact_probes.end()) {
        work.replay.notes.push_back("no value of '" + probe.name + "' is exact: " + found->second);
      }
    }
  }

  // Counts what is stored of the probes asked for; of a value answered more than once, the newest answer.
  Result<RunAnswer> finish() {
    std::set<store::ProbeId> probes;
    for (const ProbePlacement& placement : answer_.placements) {
      if (placement.refused.empty()) probes.insert(placement.probe);
    }
    if (probes.empty()) return std::move(answer_);
    Result<std::vector<store::Series>> series = store_.read_series(answer_.run, [&](const store::SeriesKey& key) { return probes.contains(key.probe); });
    if (!series) return std::move(series).error();
    using Place = std::tuple<store::ProbeId, store::Position, std::uint32_t, std::uint64_t>;
    std::map<Place, std::pair<store::ReplayId, store::Status>> newest;
    for (const store::Series& each : *series) {
      for (std::size_t row = 0; row < each.columns.size(); ++row) {
        store::Position position = each.columns.position(row, each.key.nest);
        if (!matches(request_.where, position)) continue;
        auto& slot = newest[{each.key.probe, std::move(position), each.key.thread, each.columns.seq[row]}];
        if (slot.first <= each.key.replay) slot = {each.key.replay, each.columns.status[row]};
      }
    }
    for (const auto& [place, value] : newest) count(value.second);
    return std::move(answer_);
  }

  void count(store::Status status) {
    switch (status) {
      case store::Status::kExact: ++answer_.exact; break;
      case store::Status::kClose: ++answer_.close; break;
      case store::Status::kDiverged: ++answer_.diverged; break;
      case store::Status::kError: ++answer_.errors; break;
      case store::Status::kRecorded:
      case store::Status::kUnverified: ++answer_.unverified; break;
    }
  }

  const Workspace& workspace_;
  store::Store& store_;
  const Project& project_;
  const ReplayRequest& request_;
  Progress& progress_;

  RunAnswer answer_;
  Recorded recorded_;
  store::Version version_;
  std::vector<std::string> exclude_;
  std::string program_;  // the output that was run
  Environment environment_;
  Build plain_;   // without probes
  Build probed_;
  Counterparts counterparts_;  // of probes that follow from another version
  HeaderProbes in_headers_;
  std::vector<Placement> places_;
  std::vector<Reports::Unit> probed_units_;
  Gate gate_;
  std::vector<std::pair<std::string, std::string>> added_;  // loops and variables: replay/added.h
  Draws draws_;
  std::set<std::string> deciding_draws_;
  std::string changed_arithmetic_;           // by the probes
  std::string outside_;                      // what the run takes from outside
  std::vector<std::string> volatile_names_;  // of the reports and the recipe
  std::vector<std::string> notes_;
  bool store_failed_ = false;
};

// Says nothing.
class Silence : public Progress {
 public:
  void stage(std::string_view, double) override {}
  void advance(double) override {}
  void warn(std::string_view) override {}
};

Result<Workspace> open_workspace(const store::Store& store, const Project& project, const ReplayRequest& request) {
  return Workspace::open(store, project, request.unsafe_no_sandbox ? Workspace::Isolation::kPlainCopy : Workspace::Isolation::kSandbox);
}

}  // namespace

std::map<store::RunId, Ready> make_ready(store::Store& store, const Project& project, const std::vector<ReplayRequest>& requests, Progress& progress) {
  std::map<store::RunId, Ready> out;
  std::set<store::VersionId> seen;
  std::vector<std::pair<const ReplayRequest*, store::RunId>> first;  // of each version
  for (const ReplayRequest& request : requests) {
    for (const store::RunId id : request.runs) {
      const Result<store::Run> run = store.read_run(id);
      if (run && seen.insert(run->version).second) first.emplace_back(&request, id);
    }
  }
  if (first.size() < 2 || first.front().first->workers < 2) return out;
  const ReplayRequest& any = *first.front().first;
  const Result<Workspace> workspace = open_workspace(store, project, any);
  if (!workspace) return out;
  progress.stage("place probes and build", 0);
  std::mutex mutex;
  std::size_t done = 0;
  in_parallel(first.size(), any.workers, [&](std::size_t i) {
    Silence silence;
    const Ready ready = OneRun(*workspace, store, project, *first[i].first, silence).make_ready(first[i].second);
    const std::lock_guard<std::mutex> lock(mutex);
    out[first[i].second] = ready;
    progress.advance(static_cast<double>(++done) / static_cast<double>(first.size()));
  });
  return out;
}

Result<std::vector<RunAnswer>> replay(store::Store& store, const Project& project, const ReplayRequest& request, Progress& progress) {
  Result<Workspace> workspace = open_workspace(store, project, request);
  if (!workspace) return std::move(workspace).error();
  if (request.unsafe_no_sandbox) {
    progress.warn("without a sandbox replayed programs can write to any of your files and use the network; "
                  "they run in a copy of the project, so absolute paths differ");
  }
  std::vector<RunAnswer> answers;
  for (const store::RunId run : request.runs) {
    Result<RunAnswer> answer = OneRun(*workspace, store, project, request, progress).answer(run);
    if (!answer) return std::move(answer).error().context("replay r" + std::to_string(run.number));
    answers.push_back(std::move(*answer));
  }
  return answers;
}

}  // namespace hindsight::replay

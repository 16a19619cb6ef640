#include "replay/follow.h"

#include <algorithm>
#include <utility>

#include "replay/files.h"
#include "replay/json_text.h"
#include "replay/machine.h"
#include "replay/snapshot.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

class Follower {
 public:
  Follower(const Workspace& workspace, const store::Store& store, const store::Version& version, const Build& recorded, const std::vector<store::Probe>& probes, unsigned workers, Progress& progress)
      : workspace_(workspace), store_(store), version_(version), recorded_(recorded), probes_(probes), workers_(workers), progress_(progress) {}

  Result<Following> run(const std::vector<ProbePlacement>& written) {
    Result<std::vector<store::Version>> versions = store_.versions();
    if (!versions) return std::move(versions).error();
    for (const ProbePlacement& placement : written) {
      if (placement.refused.empty()) here_[placement.probe] = &placement;
    }
    std::vector<store::Probe> open = probes_;
    for (auto other = versions->rbegin(); other != versions->rend() && !open.empty(); ++other) {
      if (other->id == version_.id) {
        // What nothing newer has comes from here.
        std::erase_if(open, [&](const store::Probe& probe) { return here_.contains(probe.id); });
        continue;
      }
      if (other->as_built) continue;
      if (Result<void> done = take_from(other->id, open); !done) return std::move(done).error();
    }
    return std::move(out_);
  }

 private:
  // Follows those of `open` that the other version has from there, and takes them out.
  Result<void> take_from(store::VersionId id, std::vector<store::Probe>& open) {
    Result<store::Version> other = store_.read_version(id);
    if (!other) return std::move(other).error();
    const Environment environment = build_environment(newest_environment(store_, id));
    Result<Build> build = replay::build(workspace_, store_, {.version = &*other, .probes = {}, .environment = environment}, progress_);
    if (!build && build.error().kind() != ErrorKind::kBusy) {
      progress_.warn("v" + std::to_string(other->number) + " cannot be built, so no probe is followed from it: " + build.error().message());
      return {};
    }
    if (!build) return std::move(build).error();
    out_.cpu_seconds += build->cpu_seconds;
    Result<Placing> placing = place_probes(workspace_, *build, environment, open, {}, workers_, progress_);
    if (!placing) return std::move(placing).error();
    out_.cpu_seconds += placing->cpu_seconds;
    std::vector<store::Probe> from_there;
    std::map<store::ProbeId, const ProbePlacement*> there;
    for (const ProbePlacement& placement : placing->placements) {
      if (placement.refused.empty()) there[placement.probe] = &placement;
    }
    for (const store::Probe& probe : open) {
      if (there.contains(probe.id)) from_there.push_back(probe);
    }
    std::erase_if(open, [&](const store::Probe& probe) { return there.contains(probe.id); });
    if (from_there.empty()) return {};
    return follow(*other, *build, from_there, there);
  }

  Result<void> follow(const store::Version& other, const Build& build, const std::vector<store::Probe>& probes, const std::map<store::ProbeId, const ProbePlacement*>& there) {
    Json asked = Json::array();
    for (const store::Probe& probe : probes) {
      const ProbePlacement& place = *there.at(probe.id);
      asked.push_back({{"id", to_hex(probe.id.hash)}, {"expression", probe.expression}, {"file", place.file}, {"offset", place.beside}});
    }
    Result<Json> answer = ask(build, dump_json({{"probes", asked}}));
    if (!answer) return std::move(answer).error().context("follow probes from v" + std::to_string(other.number));
    const Json& followed = member_of(*answer, "followed");
    for (const store::Probe& probe : probes) {
      const auto found = std::find_if(followed.begin(), followed.end(), [&](const Json& each) { return text_of(each, "id") == to_hex(probe.id.hash); });
      if (found == followed.end()) return Error(ErrorKind::kIo, "hindsight-instrument says nothing of probe " + to_hex(probe.id.hash));
      add(probe, *found, *there.at(probe.id), other.number);
    }
    return {};
  }

  void add(const store::Probe& probe, const Json& found, const ProbePlacement& there, std::uint64_t number) {
    Following::From from;
    from.version = number;
    const Counterpart counterpart = {text_of(found, "file"), number_of(found, "offset"), there.after, text_of(found, "expression")};
    const std::string refused = text_of(found, "refused");
    const auto here = here_.find(probe.id);
    const bool is_written = here != here_.end();
    // The same words in the same function, and nowhere else.
    if (!refused.empty() && is_written && here->second->function == there.function && here->second->file == there.file) return;
    if (refused.empty() && !is_unit(counterpart.file)) {
      from.refused = "its place in v" + std::to_string(version_.number) + " is in " + counterpart.file + ", a header: probes go into source files only";
      from.candidates = {counterpart.file + ":" + std::to_string(number_of(found, "line"))};
    } else if (refused.empty()) {
      const bool agrees = is_written && here->second->file == counterpart.file && here->second->beside == counterpart.offset && here->second->after == there.after;
      // The same words stand elsewhere: one of the two is wrong.
      if (is_written && !agrees && found.value("margin", 0.0) < kSure) {
        from.refused = "its statement stands as written at " + here->second->file + ":" + std::to_string(here->second->line) + ", and what does the same as in v" + std::to_string(number) + " at " +
                       counterpart.file + ":" + std::to_string(number_of(found, "line"));
        from.candidates = {here->second->file + ":" + std::to_string(here->second->line) + ": " + here->second->excerpt};
      } else {
        from.is_as_written = agrees;
        for (const Json& each : member_of(found, "renamed")) {
          if (each.is_array() && each.size() == 2) from.renamed.push_back(each[0].get<std::string>() + " = " + each[1].get<std::string>());
        }
        out_.counterparts[probe.id] = counterpart;
      }
    } else {
      from.refused = "what it stands beside in v" + std::to_string(number) + " is not found in v" + std::to_string(version_.number) + ": " + refused;
      from.candidates = texts_of(found, "candidates");
    }
    out_.probes[probe.id] = std::move(from);
  }

  bool is_unit(const std::string& file) const {
    const Json units = parse_json(recorded_.unit_reports);
    return std::any_of(units.begin(), units.end(), [&](const Json& unit) { return text_of(unit, "unit") == file; });
  }

  // hindsight-instrument, over what the builds of both versions wrote down.
  Result<Json> ask(const Build& from, const std::string& probes) {
    const Result<store::Hash> tool = hash_file(workspace_.places().instrument);  // another one may answer otherwise
    if (!tool) return tool.error();
    const std::string key = to_hex(store::hash_bytes("follow 1\n" + to_hex(*tool) + to_hex(from.key) + to_hex(recorded_.key) + probes));
    const fs::path kept = workspace_.base() / "placements" / (key + ".followed.json");
    if (const Result<std::string> known = read_file(kept); known && parse_json(*known).is_object()) return parse_json(*known);
    Result<ScratchFolder> scratch = workspace_.scratch("follow");
    if (!scratch) return std::move(scratch).error();
    if (Result<void> written = write_file(scratch->path() / "probes.json", probes); !written) return std::move(written).error();
    const fs::path answer = scratch->path() / "answer";
    const fs::path log = scratch->path() / "log";
    const Result<CallExit> exit = run_call({.argv = {workspace_.places().instrument.string(), "follow", "--from", (from.folder / "reports").string(), "--to", (recorded_.folder / "reports").string(),
                                                     "--probes", (scratch->path() / "probes.json").string()},
                                            .cwd = "/", .environment = current_environment(), .output = log, .answer = answer});
    if (!exit) return exit.error();
    out_.cpu_seconds += exit->cpu_seconds;
    const Result<std::string> text = read_file(answer);
    Json json = parse_json(text ? *text : "");
    if (exit->exit_code != 0 || !json.is_object()) return Error(ErrorKind::kIo, "hindsight-instrument gave no answer: " + last_lines(log, 3));
    static_cast<void>(make_folders(kept.parent_path()));
    static_cast<void>(write_file(kept, *text));  // only time is lost without it
    return json;
  }

  static constexpr double kSure = 0.4;  // the margin by which a counterpart outweighs the probe's own words

  const Workspace& workspace_;
  const store::Store& store_;
  const store::Version& version_;
  const Build& recorded_;
  const std::vector<store::Probe>& probes_;
  const unsigned workers_;
  Progress& progress_;
  std::map<store::ProbeId, const ProbePlacement*> here_;
  Following out_;
};

}  // namespace

Result<Following> follow_probes(const Workspace& workspace, const store::Store& store, const store::Version& version, const Build& recorded,
                                const std::vector<ProbePlacement>& written, const std::vector<store::Probe>& probes, unsigned workers, Progress& progress) {
  if (workspace.places().instrument.empty()) return Following();
  return Follower(workspace, store, version, recorded, probes, workers, progress).run(written);
}

}  // namespace hindsight::replay

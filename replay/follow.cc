#include "replay/follow.h"

#include <algorithm>
#include <utility>

#include "replay/files.h"
#include "replay/json_text.h"
#include "replay/machine.h"
#include "replay/snapshot.h"
#include "replay/text.h"

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
    std::erase_if(open, is_pattern);  // these mean what they say in every version
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
    std::map<store::ProbeId, Spot> start;
    for (const store::Probe& probe : probes) {
      const ProbePlacement& place = *there.at(probe.id);
      Spot& spot = start[probe.id];
      spot.file = place.file;
      spot.offset = place.beside;
      spot.expression = probe.expression;
    }
    Result<std::map<store::ProbeId, Spot>> found = step(start, build.outlines, recorded_.outlines);
    if (!found) return std::move(found).error().context("follow probes from v" + std::to_string(other.number));
    Result<std::map<store::ProbeId, Spot>> stepwise = follow_stepwise(other, build, std::move(start));
    if (!stepwise) return std::move(stepwise).error().context("follow probes from v" + std::to_string(other.number));
    for (const store::Probe& probe : probes) {
      Spot spot = found->at(probe.id);
      if (const auto known = stepwise->find(probe.id); known != stepwise->end()) spot = agreed(std::move(spot), std::move(known->second));
      add(probe, std::move(spot), *there.at(probe.id), other.number);
    }
    return {};
  }

  // Where a probe is in some version.
  struct Spot {
    std::string file;
    std::uint64_t offset = 0;  // of the statement that it stands beside
    std::uint64_t line = 0;
    std::string expression;
    bool is_sure = true;
    std::vector<std::pair<std::string, std::string>> renamed;  // what the origin says, and what that is here
    std::string refused;                                       // empty: it is here
    std::vector<std::string> candidates;
  };

  // From version to version, each of which differs little from the one before. Nothing where none is in between.
  Result<std::map<store::ProbeId, Spot>> follow_stepwise(const store::Version& other, const Build& build, std::map<store::ProbeId, Spot> spots) {
    Result<std::vector<store::Version>> versions = store_.versions();
    if (!versions) return std::move(versions).error();
    const bool is_older = version_.number < other.number;
    std::erase_if(*versions, [&](const store::Version& each) {
      const auto [first, last] = std::minmax(version_.number, other.number);
      return each.number <= first || each.number >= last || each.outlines.empty();
    });
    if (versions->empty()) return std::map<store::ProbeId, Spot>();
    if (is_older) std::reverse(versions->begin(), versions->end());
    std::string at = build.outlines;
    for (const store::Version& each : *versions) {
      if (each.outlines == at) continue;
      Result<std::map<store::ProbeId, Spot>> next = step(spots, at, each.outlines);
      if (!next) return next;
      for (auto& [id, spot] : *next) {
        if (!spot.refused.empty() && spots.at(id).refused.empty()) spot.refused = "on the way through v" + std::to_string(each.number) + ": " + spot.refused;
      }
      spots = std::move(*next);
      at = each.outlines;
    }
    return step(spots, at, recorded_.outlines);
  }

  // Two ways to one place.
  static Spot agreed(Spot direct, Spot stepwise) {
    if (!direct.refused.empty()) return stepwise.refused.empty() ? stepwise : direct;
    if (!stepwise.refused.empty()) return direct;
    const bool agree = direct.file == stepwise.file && direct.offset == stepwise.offset && without_space(direct.expression) == without_space(stepwise.expression);
    direct.is_sure = direct.is_sure || stepwise.is_sure;
    if (agree) return direct;
    direct.refused = "by itself it is `" + direct.expression + "` at " + direct.file + ":" + std::to_string(direct.line) + ", through the versions in between `" + stepwise.expression + "` at " +
                     stepwise.file + ":" + std::to_string(stepwise.line);
    return direct;
  }

  void add(const store::Probe& probe, Spot found, const ProbePlacement& there, std::uint64_t number) {
    Following::From from;
    from.version = number;
    const auto here = here_.find(probe.id);
    const bool is_written = here != here_.end();
    const bool agrees = is_written && here->second->file == found.file && here->second->beside == found.offset && here->second->after == there.after;
    if (!found.refused.empty() && is_written && here->second->function == there.function && here->second->file == there.file) {
      // The same words in the same function, and nowhere else: perhaps they mean something else by now.
      out_.probes[probe.id] = std::move(from);
      return;
    }
    if (!found.refused.empty()) {
      from.refused = "what it stands beside in v" + std::to_string(number) + " is not found in v" + std::to_string(version_.number) + ": " + found.refused;
      from.candidates = std::move(found.candidates);
    } else if (is_written && !agrees && !found.is_sure) {
      // The same words stand elsewhere: one of the two is wrong.
      from.refused = "its statement stands as written at " + here->second->file + ":" + std::to_string(here->second->line) + ", and what does the same as in v" + std::to_string(number) + " at " +
                     found.file + ":" + std::to_string(found.line);
      from.candidates = {here->second->file + ":" + std::to_string(here->second->line) + ": " + here->second->excerpt};
    } else {
      from.is_sure = found.is_sure;
      for (const auto& [is, becomes] : found.renamed) from.renamed.push_back(is + " = " + becomes);
      out_.counterparts[probe.id] = {found.file, found.offset, there.after, found.expression};
    }
    out_.probes[probe.id] = std::move(from);
  }

  // From one version to another. What has been refused stays so.
  Result<std::map<store::ProbeId, Spot>> step(const std::map<store::ProbeId, Spot>& spots, const std::string& from, const std::string& to) {
    Json asked = Json::array();
    for (const auto& [id, spot] : spots) {
      if (spot.refused.empty()) asked.push_back({{"id", to_hex(id.hash)}, {"expression", spot.expression}, {"file", spot.file}, {"offset", spot.offset}});
    }
    std::map<store::ProbeId, Spot> out = spots;
    if (asked.empty()) return out;
    Result<Json> answer = ask(from, to, dump_json({{"probes", asked}}));
    if (!answer) return std::move(answer).error();
    for (const Json& found : member_of(*answer, "followed")) {
      const auto spot = std::find_if(out.begin(), out.end(), [&](const auto& each) { return text_of(found, "id") == to_hex(each.first.hash); });
      if (spot == out.end()) return Error(ErrorKind::kIo, "hindsight-instrument followed a probe that it was not asked for");
      take(found, spot->second);
    }
    return out;
  }
  static void take(const Json& found, Spot& spot) {
    spot.file = text_of(found, "file");
    spot.offset = number_of(found, "offset");
    spot.line = number_of(found, "line");
    spot.expression = text_of(found, "expression");
    spot.is_sure = spot.is_sure && found.value("sure", false);
    spot.refused = text_of(found, "refused");
    spot.candidates = texts_of(found, "candidates");
    for (const Json& each : member_of(found, "renamed")) {
      if (!each.is_array() || each.size() != 2) continue;
      const std::string is = each[0].get<std::string>(), becomes = each[1].get<std::string>();
      const auto known = std::find_if(spot.renamed.begin(), spot.renamed.end(), [&](const auto& pair) { return pair.second == is; });
      if (known != spot.renamed.end()) known->second = becomes;
      else spot.renamed.emplace_back(is, becomes);
    }
    std::erase_if(spot.renamed, [](const auto& pair) { return pair.first == pair.second; });
  }

  // hindsight-instrument, over what the builds of both versions wrote down.
  Result<Json> ask(const std::string& from, const std::string& to, const std::string& probes) {
    const Result<store::Hash> tool = hash_file(workspace_.places().instrument);  // another one may answer otherwise
    if (!tool) return tool.error();
    const std::string key = to_hex(store::hash_bytes("follow 2\n" + to_hex(*tool) + to_hex(store::hash_bytes(from)) + to_hex(store::hash_bytes(to)) + probes));
    const fs::path kept = workspace_.base() / "placements" / (key + ".followed.json");
    if (const Result<std::string> known = read_file(kept); known && parse_json(*known).is_object()) return parse_json(*known);
    Result<ScratchFolder> scratch = workspace_.scratch("follow");
    if (!scratch) return std::move(scratch).error();
    const fs::path folder = scratch->path(), answer = folder / "answer", log = folder / "log";
    for (const auto& [name, text] : {std::pair("probes.json", &probes), std::pair("from.json", &from), std::pair("to.json", &to)}) {
      if (Result<void> written = write_file(folder / name, *text); !written) return std::move(written).error();
    }
    const Result<CallExit> exit = run_call({.argv = {workspace_.places().instrument.string(), "follow", "--from", (folder / "from.json").string(), "--to", (folder / "to.json").string(),
                                                     "--probes", (folder / "probes.json").string()},
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

#include "replay/placer.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>

#include "replay/arithmetic.h"
#include "replay/collect.h"
#include "replay/files.h"
#include "replay/in_parallel.h"
#include "replay/json_text.h"
#include "replay/reports.h"
#include "replay/side_effects.h"
#include "replay/text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

// The text of a unit's main file, as this build saw it.
std::string unit_text(const Build& build, const std::string& unit) {
  for (const fs::path& layer : {build.made, build.sources}) {
    const Result<std::string> text = read_file(fs::path(unit).is_absolute() ? fs::path(unit) : layer / unit);
    if (text) return *text;
  }
  return {};
}

// Can a unit hold the probe, going by its text alone? `files`: the unit and its headers; `squeezed`: their texts without spaces.
bool may_hold(const store::Probe& probe, const Counterparts& counterparts, const std::set<std::string>& files, const std::string& squeezed) {
  if (const auto counterpart = counterparts.find(probe.id); counterpart != counterparts.end()) return files.contains(counterpart->second.file);
  if (!probe.file.empty() && !files.contains(probe.file)) return false;
  if (probe.form != store::Probe::Form::kAfter && probe.form != store::Probe::Form::kBefore) return true;
  std::string statement = without_space(probe.statement);
  while (statement.ends_with(';')) statement.pop_back();
  return squeezed.find(statement) != std::string::npos;
}

// What hindsight-cc said, as JSON, and what it took.
template <class Reports>
struct Dry {
  Reports reports;
  double cpu_seconds = 0;
};

class DryRun {
 public:
  DryRun(const Workspace& workspace, const Build& recorded, const Environment& environment, const std::vector<store::Probe>& probes,
         const Counterparts& counterparts, const fs::path& scratch)
      : workspace_(workspace), recorded_(recorded), environment_(environment), probes_(probes), counterparts_(counterparts), scratch_(scratch) {}

  // Which units to ask: those whose text has what the probes look for, or, for a probe that no text has, all.
  std::set<std::size_t> wanted(const Json& units) const {
    std::set<std::size_t> all;
    std::vector<std::set<std::string>> files;
    std::vector<std::string> texts;
    std::map<std::string, std::string> squeezed;
    for (const Json& unit : units) {
      std::vector<std::string> names = texts_of(unit, "headers");
      names.push_back(text_of(unit, "unit"));
      std::string& text = texts.emplace_back();
      for (const std::string& name : names) {
        const auto [known, is_new] = squeezed.try_emplace(name);
        if (is_new) known->second = without_space(unit_text(recorded_, name));
        text += known->second;
      }
      files.emplace_back(names.begin(), names.end());
    }
    for (const store::Probe& probe : probes_) {
      std::set<std::size_t> hits;
      for (std::size_t i = 0; i < files.size(); ++i) {
        if (may_hold(probe, counterparts_, files[i], texts[i])) hits.insert(i);
      }
      for (std::size_t i = 0; hits.empty() && i < files.size(); ++i) {
        if (probe.file.empty() || files[i].contains(probe.file)) all.insert(i);
      }
      all.insert(hits.begin(), hits.end());
    }
    return all;
  }

  Result<Dry<Json>> unit(const Json& report, std::size_t number) const {
    const fs::path folder = scratch_ / std::to_string(number);
    if (Result<void> made = make_folders(folder / "reports"); !made) return std::move(made).error();
    Result<Area> area = area_on(workspace_, recorded_, folder);
    if (!area) return std::move(area).error();
    Environment environment = compile_environment(workspace_, *area, environment_, folder / "reports", scratch_ / "probes.json", !recorded_.plan.empty());
    environment["HINDSIGHT_CC_DRY"] = "1";
    std::vector<std::string> arguments = texts_of(report, "arguments");
    if (arguments.empty()) return Error(ErrorKind::kCorrupt, "the report of '" + text_of(report, "unit") + "' has no compile call");
    const std::string first = fs::path(arguments.front()).filename();
    if (arguments.size() > 1 && (first == "ccache" || first == "sccache" || first == "distcc")) arguments.erase(arguments.begin());
    if (const std::string compiler = text_of(report, "compiler"); !compiler.empty()) arguments.front() = compiler;
    area->reveal(arguments);
    arguments.insert(arguments.begin(), workspace_.places().compiler_launcher.string());
    const AreaCall call = call_in(workspace_.places(), *area,
                                  {.program = workspace_.places().compiler_launcher, .argv = arguments, .cwd = text_of(report, "cwd")});
    const Result<CallExit> exit = run_call(
        {.argv = call.argv, .cwd = call.cwd, .environment = environment, .output = folder / "log", .answer = {}});
    if (!exit) return exit.error();
    Result<std::string> answer = collect_reports(folder / "reports");
    if (!answer) return std::move(answer).error();
    Json reports = parse_json(*answer);
    if (!reports.is_array() || reports.empty()) {
      return Error(ErrorKind::kIo, "hindsight-cc gave no report on '" + text_of(report, "unit") + "': " + last_lines(folder / "log", 3));
    }
    // A call may compile several units.
    const auto own = std::find_if(reports.begin(), reports.end(), [&](const Json& each) { return text_of(each, "unit") == text_of(report, "unit"); });
    if (own == reports.end()) return Error(ErrorKind::kIo, "hindsight-cc gave no report on '" + text_of(report, "unit") + "', only on other units of the same call");
    return Dry<Json>{std::move(*own), exit->cpu_seconds};
  }

 private:
  const Workspace& workspace_;
  const Build& recorded_;
  const Environment& environment_;
  const std::vector<store::Probe>& probes_;
  const Counterparts& counterparts_;
  const fs::path& scratch_;
};

Result<Dry<std::string>> dry_reports(const Workspace& workspace, const Build& recorded, const Environment& environment,
                                     const std::vector<store::Probe>& probes, const Counterparts& counterparts, unsigned workers, Progress& progress) {
  Json units = parse_json(recorded.unit_reports);
  if (!units.is_array()) return Error(ErrorKind::kCorrupt, "the unit reports of this version cannot be read");
  Result<ScratchFolder> scratch = workspace.scratch("place");
  if (!scratch) return std::move(scratch).error();
  if (Result<void> written = write_file(scratch->path() / "probes.json", probes_file(probes, counterparts)); !written) return std::move(written).error();
  const DryRun dry(workspace, recorded, environment, probes, counterparts, scratch->path());
  const std::set<std::size_t> wanted_set = dry.wanted(units);
  const std::vector<std::size_t> wanted(wanted_set.begin(), wanted_set.end());
  progress.stage("place probes", 0);
  std::mutex mutex;
  std::optional<Error> first;
  std::size_t done = 0;
  double cpu_seconds = 0;
  in_parallel(wanted.size(), workers, [&](std::size_t i) {
    Result<Dry<Json>> answer = dry.unit(units[wanted[i]], i);
    const std::lock_guard<std::mutex> lock(mutex);
    if (answer) {
      units[wanted[i]] = std::move(answer->reports);
      cpu_seconds += answer->cpu_seconds;
    } else if (!first) {
      first = std::move(answer).error();
    }
    progress.advance(static_cast<double>(++done) / static_cast<double>(wanted.size()));
  });
  if (first) return std::move(*first);
  return Dry<std::string>{dump_json(units), cpu_seconds};
}

// A header that is no source of the version is made anew by every build.
void refuse_made_headers(const Build& recorded, Placing& placing) {
  const HeaderProbes in_headers = placing.in_headers;
  for (const HeaderProbe& header : in_headers) {
    std::error_code error;
    if (fs::exists(recorded.sources / header.file, error)) continue;
    for (ProbePlacement& placement : placing.placements) {
      if (placement.probe == header.probe && placement.refused.empty()) placement.refused = header.file + " is a header that the build makes";
    }
    std::erase_if(placing.places, [&](const Placement& place) { return place.probe == header.probe; });
    std::erase_if(placing.in_headers, [&](const HeaderProbe& each) { return each.probe == header.probe; });
  }
}

std::vector<std::string> units_with(const Reports& reports, const std::string& file) {
  std::vector<std::string> units;
  for (const Reports::Unit& unit : reports.units) {
    if (unit.name == file || std::find(unit.headers.begin(), unit.headers.end(), file) != unit.headers.end()) units.push_back(unit.name);
  }
  return units;
}

}  // namespace

Result<Placing> read_placing(const std::string& reports, const std::vector<store::Probe>& probes) {
  Result<Reports> parsed = parse_reports(reports);
  if (!parsed) return std::move(parsed).error();
  const Linked linked(*parsed);
  Placing placing;
  for (const store::Probe& probe : probes) {
    for (ProbeReport& found : is_pattern(probe) ? find_pattern(*parsed, probe) : std::vector{find_probe(*parsed, probe)}) {
      SideEffects effects;
      if (found.refused.empty()) {
        placing.places.push_back(make_placement(*parsed, probe.id, found.place));
        effects = side_effects(linked, found.seen);
      }
      // A source file that another one includes is a header, too.
      const auto as_header = std::find_if(found.seen.begin(), found.seen.end(), [](const auto& each) { return !each.second->insertions.empty(); });
      if (as_header != found.seen.end()) placing.in_headers.push_back({probe.id, found.place.file, as_header->second->insertions, units_with(*parsed, found.place.file)});
      placing.placements.push_back({.probe = probe.id,
                                    .file = found.place.file,
                                    .line = found.place.line,
                                    .function = found.place.function,
                                    .excerpt = found.place.excerpt,
                                    .beside = found.place.beside,
                                    .after = found.place.after,
                                    .from_version = 0,
                                    .is_sure = false,
                                    .renamed = {},
                                    .impure = std::move(effects.impure),
                                    .changes_state = effects.is_certain,
                                    .calls = std::any_of(found.place.calls.begin(), found.place.calls.end(), [](const std::string& each) { return !is_of_library(each); }),
                                    .arithmetic = {},
                                    .volatile_why = std::move(effects.volatile_why),
                                    .refused = std::move(found.refused),
                                    .candidates = std::move(found.candidates)});
    }
  }
  for (const Reports::Unit& unit : parsed->units) {
    const bool has_probe = std::any_of(unit.probes.begin(), unit.probes.end(), [](const Reports::Probe& probe) { return !probe.placed.empty(); });
    if (has_probe) placing.probed.push_back(unit);
  }
  return placing;
}

Result<void> note_arithmetic(const Build& recorded, Placing& placing) {
  Result<Reports> all = parse_reports(recorded.unit_reports);
  if (!all) return std::move(all).error();
  const auto is_linked_late = [](const Reports::Unit& unit) {
    return std::any_of(unit.arguments.begin(), unit.arguments.end(), [](const std::string& each) { return each.starts_with("-flto"); });
  };
  const bool late = std::any_of(all->units.begin(), all->units.end(), is_linked_late);
  std::map<std::string, std::string> of_texts;
  const auto of_text = [&](const std::string& file) {
    const auto [known, is_new] = of_texts.try_emplace(file);
    if (is_new) known->second = loosening_text(unit_text(recorded, file));
    return known->second.empty() ? std::string() : known->second + " in " + file;
  };
  const auto of_unit = [&](const Reports::Unit& unit) {
    std::string why = loosening_option(unit.arguments);
    if (why.empty()) why = of_text(unit.name);
    for (const std::string& header : unit.headers) {
      if (why.empty()) why = of_text(header);
    }
    return why;
  };
  for (const Reports::Unit& unit : all->units) {
    const auto has = [&](const ProbePlacement& each) {
      return each.refused.empty() && each.arithmetic.empty() && (late || unit.name == each.file || std::find(unit.headers.begin(), unit.headers.end(), each.file) != unit.headers.end());
    };
    if (std::none_of(placing.placements.begin(), placing.placements.end(), has)) continue;
    const std::string why = of_unit(unit);
    for (ProbePlacement& each : placing.placements) {
      if (has(each)) each.arithmetic = why;
    }
  }
  return {};
}

Result<Placing> place_probes(const Workspace& workspace, const Build& recorded, const Environment& environment,
                             const std::vector<store::Probe>& probes, const Counterparts& counterparts, unsigned workers, Progress& progress) {
  if (workspace.places().compiler_launcher.empty()) {
    return Error(ErrorKind::kUnsupported, "this installation has no hindsight-cc, so no probe can be placed",
                 "build Hindsight with LLVM 19 (HINDSIGHT_BUILD_INSTRUMENT)");
  }
  const std::string key = to_hex(store::hash_bytes("place 6\n" + to_hex(recorded.key) + probes_file(probes, counterparts)));
  const fs::path kept = workspace.base() / "placements" / (key + ".json");
  if (const Result<std::string> known = read_file(kept); known && parse_json(*known).is_array()) {
    Result<Placing> placing = read_placing(*known, probes);
    if (placing) refuse_made_headers(recorded, *placing);
    return placing;
  }
  const Result<Dry<std::string>> dry = dry_reports(workspace, recorded, environment, probes, counterparts, workers, progress);
  if (!dry) return Error(dry.error()).context("place probes");
  static_cast<void>(make_folders(kept.parent_path()));
  static_cast<void>(write_file(kept, dry->reports));  // only time is lost without it
  Result<Placing> placing = read_placing(dry->reports, probes);
  if (!placing) return placing;
  refuse_made_headers(recorded, *placing);
  placing->cpu_seconds = dry->cpu_seconds;
  return placing;
}

}  // namespace hindsight::replay

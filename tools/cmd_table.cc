#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "replay/where.h"
#include "tools/command.h"
#include "tools/selection.h"
#include "tools/suggest.h"
#include "tools/table.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  std::vector<std::string> names, runs;
  std::string where;
};

// Names given twice are one column; a name that neither a run nor a probe has is a mistake.
Result<std::vector<std::string>> check_names(const std::vector<std::string>& typed, const std::set<std::string>& known) {
  std::vector<std::string> names;
  for (const std::string& name : typed) {
    if (!known.contains(name)) {
      return Error(ErrorKind::kNotFound, fmt::format("no value and no probe is called '{}'", name),
                   did_you_mean(name, {known.begin(), known.end()}, "'hindsight show RUN' lists a run's values, 'hindsight probes' all probes"));
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

int table(Output& out, const Options& options) {
  Result<replay::Where> where = options.where.empty() ? Result<replay::Where>(replay::Where{}) : replay::parse_where(options.where);
  if (!where) return out.fail(where.error());
  Result<Workplace> place = open_to_read(out);
  if (!place) return out.fail(place.error());
  const store::Store& store = place->store;
  Result<Selection> selection = select_runs(store, options.runs);
  if (!selection) return out.fail(selection.error());
  Result<std::vector<store::Probe>> probes = store.probes();
  if (!probes) return out.fail(probes.error());
  if (const Result<void> loops = check_loops(store, selection->all, *where); !loops) return out.fail(loops.error());

  std::set<std::string> known;
  std::set<store::ProbeId> probe_ids;
  for (const store::Probe& probe : *probes) {
    known.insert(probe.name);
    probe_ids.insert(probe.id);
  }
  for (const store::Run& run : selection->all) {
    Result<std::vector<store::SeriesKey>> keys = store.series_keys(run.id);
    if (!keys) return out.fail(keys.error());
    for (const store::SeriesKey& key : *keys) known.insert(key.name);
  }
  Result<std::vector<std::string>> names = check_names(options.names, known);
  if (!names) return out.fail(names.error());

  auto numbers = version_numbers(selection->versions);
  std::vector<Record> records;
  std::set<std::string> elsewhere;  // names that have values in these runs, but perhaps at other positions
  for (const store::Run& run : selection->runs) {
    Result<std::vector<Record>> more = read_records(store, run.id, numbers[run.version], [&](const store::SeriesKey& key) {
      const bool removed = !key.probe.hash.is_zero() && !probe_ids.contains(key.probe);
      return !removed && std::find(names->begin(), names->end(), key.name) != names->end();
    });
    if (!more) return out.fail(more.error());
    for (const Record& record : *more) elsewhere.insert(record.name);
    std::copy_if(std::make_move_iterator(more->begin()), std::make_move_iterator(more->end()), std::back_inserter(records),
                 [&](const Record& record) { return where->empty() || replay::matches(*where, record.position); });
  }
  const Table table = build_table(std::move(records), *names, *probes);

  if (!table.rows.empty()) out.answer(to_text(table, out.verbose()));
  if (out.json()) {
    Result<std::vector<store::Replay>> replays = store.replays();
    if (!replays) return out.fail(replays.error());
    std::map<std::pair<store::ReplayId, std::uint32_t>, const store::SegmentOutcome*> outcomes;
    for (const store::Replay& replay : *replays) {
      for (const store::SegmentOutcome& segment : replay.segments) outcomes[{replay.id, segment.number}] = &segment;
    }
    for (const Record& record : table.records) {
      const auto outcome = outcomes.find({record.replay, record.segment});
      out.object(record_json(record, outcome == outcomes.end() ? nullptr : outcome->second));
    }
  }
  for (const std::string& warning : table.warnings) out.warn(warning);

  std::map<std::string, std::set<store::RunId>> having;
  std::map<store::Status, std::uint64_t> counts;
  for (const Record& record : table.records) {
    having[record.name].insert(record.run);
    ++counts[record.status];
  }
  bool missing = false;
  for (const std::string& name : *names) {
    std::vector<std::string> without;
    for (const store::Run& run : selection->runs) {
      if (!having[name].contains(run.id)) without.push_back(to_text(run.id));
    }
    if (having[name].empty() && elsewhere.contains(name)) {
      out.warn(fmt::format("'{}' has no value at these positions", name));
    } else if (having[name].empty()) {
      missing = true;
      out.warn(fmt::format("'{}' has no value here{}", name,
                           std::any_of(probes->begin(), probes->end(), [&](const auto& p) { return p.name == name; })
                               ? fmt::format(" yet: 'hindsight replay {}' gets them", name) : ""));
    } else if (!without.empty()) {
      out.talk(fmt::format("'{}' has no value in {}", name, joined(without, ", ")));
    }
  }
  json::Object summary("summary");
  summary.number("rows", table.rows.size());
  for (const store::Status status : {store::Status::kRecorded, store::Status::kExact, store::Status::kClose,
                                     store::Status::kUnverified, store::Status::kDiverged, store::Status::kError}) {
    summary.number(name_of(status), counts[status]);
  }
  summary.raw("warnings", json::strings(table.warnings));
  const bool bad = missing || counts[store::Status::kDiverged] > 0;
  return out.done(summary, bad ? ExitCode::kBadAnswer : ExitCode::kDone);
}

}  // namespace

Verb make_table() {
  Verb verb;
  verb.name = "table";
  verb.summary = "Prints values side by side over all versions and runs: a row per position, a column per name. Every value\n"
                 "that was replayed is marked: = exact, ~ close, ? unverified, ! diverged, E the probe threw.";
  verb.usage = "NAME... [--run RUN]... [--where CLAUSES]";
  verb.examples = {{"hindsight table loss grad_norm", "both, for every run"},
                   {"hindsight table grad_norm --run v2 --where 'epoch in 3..5'", "the runs of version v2, epochs 3 to 5"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the store cannot be read"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "a value shown is diverged, a name has no value at all, or the store is damaged"},
                {ExitCode::kNotFound, "no such name, run or loop, no project or no store here"},
                {ExitCode::kBusy, "the store is of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_option("NAME", options->names, "values, recorded or replayed; one column each")->required();
    app.add_option("--run", options->runs, "only this run; v2 for all runs of a version")
        ->type_name("RUN")
        ->allow_extra_args(false);
    app.add_option("--where", options->where, "only these positions: 'epoch in 3..5 and step=7'")->type_name("CLAUSES");
    return [options](Output& out, const std::vector<std::string>&) { return table(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools

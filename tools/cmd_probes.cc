#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "replay/replay.h"
#include "tools/ask.h"
#include "tools/command.h"
#include "tools/describe.h"
#include "tools/ids.h"
#include "tools/layout.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/selection.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  std::vector<std::string> probes, removed;
  bool where = false;
  unsigned workers = 0;
};

int list(Output& out) {
  Result<Workplace> place = open_to_read(out);
  if (!place) return out.fail(place.error());
  Result<std::vector<store::Probe>> probes = place->store.probes();
  if (!probes) return out.fail(probes.error());
  std::vector<std::vector<std::string>> lines = {{"probe", "name", "expression", "place"}};
  for (const store::Probe& probe : *probes) {
    lines.push_back({to_text(probe.id), probe.name, escaped(probe.expression), escaped(place_text(probe))});
    out.object(probe_json(probe));
  }
  if (probes->empty()) {
    out.talk("no probes yet: 'hindsight log NAME=EXPR --after STMT' adds one");
  } else {
    out.answer(lay_out(lines, {Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft}));
  }
  json::Object summary("summary");
  summary.number("probes", probes->size());
  return out.done(summary);
}

// Where the probes go in each version, as its newest run shows it.
int where(Output& out, const std::vector<std::string>& texts, unsigned workers) {
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  Result<std::vector<store::Probe>> known = place->store.probes();
  if (!known) return out.fail(known.error());
  Result<std::vector<store::Probe>> probes = choose_probes(texts, *known);
  if (!probes) return out.fail(probes.error());
  if (probes->empty()) return out.fail(Error(ErrorKind::kNotFound, "there are no probes", "'hindsight log NAME=EXPR --after STMT' adds one"));
  Result<Selection> selection = select_runs(place->store, {});
  if (!selection) return out.fail(selection.error());
  std::map<store::VersionId, store::Run> newest;
  for (const store::Run& run : selection->runs) newest[run.version] = run;
  std::vector<store::Run> runs;
  for (const store::Version& version : selection->versions) {
    if (const auto run = newest.find(version.id); run != newest.end()) runs.push_back(run->second);
  }
  if (runs.empty()) return out.fail(Error(ErrorKind::kNotFound, "no version was recorded yet", "'hindsight record -- PROGRAM' records one"));
  Result<Asks> asks = make_asks(place->store, runs, *probes);
  if (!asks) return out.fail(asks.error());

  std::map<store::ProbeId, std::string> names;
  for (const store::Probe& probe : *probes) names[probe.id] = probe.name;
  std::vector<replay::ReplayRequest> requests;
  for (const Ask& ask : asks->of_runs) {
    if (ask.probes.empty()) continue;
    replay::ReplayRequest& request = requests.emplace_back();
    request.probes = ask.probes;
    request.runs = {ask.run.id};
    request.workers = workers == 0 ? default_workers() : workers;
    request.dry_run = true;
  }
  auto numbers = version_numbers(selection->versions);
  TerminalProgress progress(out);
  static_cast<void>(replay::make_ready(place->store, place->project, requests, progress));
  std::uint64_t placed = 0, refused = 0;
  for (const Ask& ask : asks->of_runs) {
    const auto request = std::find_if(requests.begin(), requests.end(), [&](const auto& each) { return each.runs.front() == ask.run.id; });
    const std::string version = version_text(numbers[ask.run.version]);
    if (request == requests.end()) {
      for (const std::string& sentence : ask.left_out) out.talk(sentence);
      continue;
    }
    Result<std::vector<replay::RunAnswer>> answers = replay::replay(place->store, place->project, *request, progress);
    progress.clear();
    if (!answers) return out.fail(answers.error());
    const replay::RunAnswer& answer = answers->front();
    out.answer(version + (answer.placements.empty() && !answer.refused.empty() ? ": refused: " + answer.refused : "") + "\n" + placements_text(answer.placements, names, true));
    for (const std::string& sentence : ask.left_out) out.talk(sentence);
    for (const replay::ProbePlacement& placement : answer.placements) {
      out.object(placement_json(answer.run, numbers[ask.run.version], names[placement.probe], placement));
      ++(placement.refused.empty() ? placed : refused);
    }
    if (answer.placements.empty()) refused += request->probes.size();
  }
  json::Object summary("summary");
  summary.number("placed", placed).number("refused", refused);
  return out.done(summary, refused > 0 ? ExitCode::kBadAnswer : ExitCode::kDone);
}

int remove(Output& out, const std::vector<std::string>& texts) {
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  Result<std::vector<store::Probe>> probes = place->store.probes();
  if (!probes) return out.fail(probes.error());
  // All are looked up before one is removed: a typing mistake removes nothing.
  std::map<store::ProbeId, store::Probe> chosen;
  for (const std::string& text : texts) {
    Result<std::vector<store::Probe>> found = find_probes(text, *probes);
    if (!found) return out.fail(found.error());
    for (const store::Probe& probe : *found) chosen.emplace(probe.id, probe);
  }
  Result<store::WriteBatch> batch = place->store.write();
  if (!batch) return out.fail(batch.error());
  for (const auto& [id, probe] : chosen) {
    if (const Result<void> removed = batch->remove_probe(id); !removed) return out.fail(removed.error());
  }
  if (const Result<void> committed = batch->commit(); !committed) return out.fail(committed.error());
  for (const auto& [id, probe] : chosen) {
    out.answer(fmt::format("removed {} {} = {}\n", to_text(id), probe.name, probe.expression));
    out.object(probe_json(probe));
  }
  out.talk("the answers it already has stay in the store, and come back with it");
  json::Object summary("summary");
  summary.number("removed", chosen.size());
  return out.done(summary);
}

}  // namespace

Verb make_probes() {
  Verb verb;
  verb.name = "probes";
  verb.summary = "Lists the probes: the values that were asked for after the fact. Or shows where they go, or removes some.";
  verb.usage = "[--where [PROBE...] [-j N] | --remove PROBE...]";
  verb.examples = {{"hindsight probes", "id, name, expression and place of each"},
                   {"hindsight probes --where", "the place of each in every version, with the inserted line, or why there is none"},
                   {"hindsight probes --remove grad_norm", "it is not asked any more; its id works as well as its name"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the store cannot be read or written"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "the store is damaged; with --where, a probe has no place in a version"},
                {ExitCode::kNotFound, "no such probe, no project or no store here"},
                {ExitCode::kBusy, "the store is in use or of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_option("PROBE", options->probes, "with --where: a probe's name, or the beginning of its id; none: all");
    app.add_flag("--where", options->where, "where they go in every version, as a dry run of replay shows it");
    app.add_option("-j,--jobs", options->workers, "versions at once; half of the processors if not given")->type_name("N")->check(CLI::Range(1u, 1024u));
    app.add_option("--remove", options->removed, "a probe's name, or the beginning of its id")
        ->type_name("PROBE")
        ->allow_extra_args(false);
    return [options](Output& out, const std::vector<std::string>&) {
      if (options->where && !options->removed.empty()) return out.fail(Error(ErrorKind::kInvalid, "--where and --remove exclude each other", "see 'hindsight help probes'"));
      if (!options->where && !options->probes.empty()) return out.fail(Error(ErrorKind::kInvalid, "it is not said what to do with '" + options->probes.front() + "'", "--where shows where it goes, --remove takes it off the list"));
      if (options->where) return where(out, options->probes, options->workers);
      return options->removed.empty() ? list(out) : remove(out, options->removed);
    };
  };
  return verb;
}

}  // namespace hindsight::tools

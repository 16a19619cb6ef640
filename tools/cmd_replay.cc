#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "replay/explain.h"
#include "replay/replay.h"
#include "replay/where.h"
#include "tools/ask.h"
#include "tools/command.h"
#include "tools/describe.h"
#include "tools/ids.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/selection.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  std::vector<std::string> probes, runs;
  std::string where;
  unsigned workers = 0;
  bool all = false, dry_run = false, explain = false, assume_state = false, force = false, unsafe_no_sandbox = false, again = false;
};

// Log statements of the working tree that the newest recorded version does not have, stored as probes (not by a dry run).
struct Edits {
  std::vector<store::Probe> probes;
  std::uint64_t refused = 0;
  double build_cpu_seconds = 0;
};
Result<Edits> take_in_edits(Output& out, Workplace& place, const std::vector<store::Probe>& known, bool dry_run) {
  Edits edits;
  Result<std::vector<store::Version>> versions = place.store.versions();
  if (!versions) return std::move(versions).error();
  const auto newest = std::find_if(versions->rbegin(), versions->rend(), [](const auto& v) { return !v.as_built; });
  if (newest == versions->rend()) return edits;
  Result<replay::FoundEdits> found = replay::find_edits(place.store, place.project, newest->id);
  if (!found) return std::move(found).error().context("look for new log statements in the sources");
  edits.build_cpu_seconds = found->build_cpu_seconds;
  for (const std::string& sentence : found->refused) {
    out.warn("a new log statement cannot be asked: " + sentence);
    json::Object object("refused_edit");
    out.object(object.text("message", sentence));
    ++edits.refused;
  }
  std::vector<store::Probe> fresh;
  for (const store::Probe& probe : found->probes) {
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const store::Probe& p) { return p.id == probe.id && !p.foreign; });
    if (!is_known) fresh.push_back(probe);
    edits.probes.push_back(probe);
  }
  if (!fresh.empty() && !dry_run) {
    Result<store::WriteBatch> batch = place.store.write();
    if (!batch) return std::move(batch).error();
    for (const store::Probe& probe : fresh) {
      if (const Result<void> put = batch->put_probe(probe); !put) return put.error();
    }
    if (const Result<void> committed = batch->commit(); !committed) return committed.error();
  }
  for (const store::Probe& probe : fresh) {
    out.talk(fmt::format("found {} = {}, {}", probe.name, escaped(probe.expression), place_text(probe)));
    out.object(probe_json(probe));
  }
  return edits;
}

// The probes that are asked: those named, or all, new log statements of the sources included.
Result<std::vector<store::Probe>> probes_asked(Output& out, Workplace& place, const Options& options, Tally& tally) {
  Result<std::vector<store::Probe>> known = place.store.probes();
  if (!known) return std::move(known).error();
  std::vector<store::Probe> probes = *std::move(known);
  const bool all_known = !options.probes.empty() && std::all_of(options.probes.begin(), options.probes.end(), [&](const auto& text) {
    return find_probes(text, probes).has_value();
  });
  if (!all_known) {
    Result<Edits> edits = take_in_edits(out, place, probes, options.dry_run);
    if (edits) {
      tally.refused = edits->refused;
      tally.build_cpu_seconds = edits->build_cpu_seconds;
      for (const store::Probe& probe : edits->probes) {
        if (std::none_of(probes.begin(), probes.end(), [&](const store::Probe& p) { return p.id == probe.id; })) probes.push_back(probe);
      }
    } else if (probes.empty()) {
      return std::move(edits).error();
    } else {
      // The probes that are known can be asked; that new ones were not found must not pass unsaid.
      out.warn(edits.error().message());
      ++tally.refused;
    }
  }
  return choose_probes(options.probes, probes);
}

// The plan in words; it names iterations by the labels that the run recorded.
Result<std::vector<std::string>> plan_lines(const store::Store& store, const store::Run& run, const replay::Plan& plan,
                                            bool reasons) {
  replay::Recorded recorded;
  recorded.run = run;
  Result<std::vector<store::LoopInstance>> loops = store.loops(run.id);
  if (!loops) return std::move(loops).error();
  Result<std::vector<store::Checkpoint>> checkpoints = store.checkpoints(run.id);
  if (!checkpoints) return std::move(checkpoints).error();
  Result<std::vector<store::SmallDigest>> digests = store.digests(run.id);
  if (!digests) return std::move(digests).error();
  recorded.loops = *std::move(loops);
  recorded.checkpoints = *std::move(checkpoints);
  recorded.digests = *std::move(digests);
  return replay::explain(plan, recorded, reasons);
}

struct Setting {
  const Options& options;
  replay::Where where;
  std::map<store::ProbeId, std::string> names;
};

replay::ReplayRequest request_for(const Ask& ask, const Setting& setting) {
  const Options& options = setting.options;
  replay::ReplayRequest request;
  request.probes = ask.probes;
  request.runs = {ask.run.id};
  request.where = setting.where;
  request.workers = options.workers == 0 ? default_workers() : options.workers;
  request.dry_run = options.dry_run;
  request.assume_state = options.assume_state;
  request.force = options.force;
  request.unsafe_no_sandbox = options.unsafe_no_sandbox;
  request.again = options.again;
  return request;
}

Result<replay::RunAnswer> ask_run(Workplace& place, const replay::ReplayRequest& request, replay::Progress& progress) {
  Result<std::vector<replay::RunAnswer>> answers = replay::replay(place.store, place.project, request, progress);
  if (!answers) return std::move(answers).error();
  if (answers->size() != 1) return Error(ErrorKind::kInvalid, fmt::format("{} answers for one run", answers->size()));
  return std::move(answers->front());
}

Result<void> print_answer(Output& out, const Workplace& place, const Ask& ask, std::uint64_t version, const Setting& setting,
                          const replay::RunAnswer& answer) {
  const Options& options = setting.options;
  ReportStyle style{.dry_run = options.dry_run, .verbose = out.verbose(), .plan = {}};
  const bool show_plan = (options.dry_run || options.explain) && answer.refused.empty();
  if (show_plan && is_all_refused(answer)) {
    style.plan = {"nothing can run: every probe was refused"};
  } else if (show_plan) {
    Result<std::vector<std::string>> lines = plan_lines(place.store, ask.run, answer.plan, options.explain);
    if (!lines) return std::move(lines).error();
    style.plan = *std::move(lines);
  }
  out.answer(answer_text(answer, version, setting.names, style));
  for (const replay::ProbePlacement& placement : answer.placements) {
    const auto name = setting.names.find(placement.probe);
    out.object(placement_json(answer.run, version, name == setting.names.end() ? "" : name->second, placement));
  }
  if (answer.refused.empty()) out.object(plan_json(answer.run, version, answer.plan, options.explain));
  if (!options.dry_run) out.object(answer_json(answer, version));
  return {};
}

int replay_verb(Output& out, const Options& options) {
  Result<replay::Where> where = options.where.empty() ? Result<replay::Where>(replay::Where{}) : replay::parse_where(options.where);
  if (!where) return out.fail(where.error());
  if (options.all && !options.runs.empty()) {
    return out.fail(Error(ErrorKind::kInvalid, "--all and --run exclude each other", "--all is what no --run means"));
  }
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  Result<Selection> selection = select_runs(place->store, options.runs);
  if (!selection) return out.fail(selection.error());
  if (selection->runs.empty()) {
    return out.fail(Error(ErrorKind::kNotFound, "there are no runs to replay", "'hindsight record -- PROGRAM' makes one"));
  }
  if (const Result<void> loops = check_loops(place->store, selection->all, *where); !loops) return out.fail(loops.error());

  Tally tally;
  Result<std::vector<store::Probe>> probes = probes_asked(out, *place, options, tally);
  if (!probes) return out.fail(probes.error());
  if (probes->empty()) {
    constexpr char kHint[] = "'hindsight log NAME=EXPR --after STMT' adds a probe, or write hindsight::log(...) into the sources";
    if (tally.refused > 0) {
      return out.fail(Error(ErrorKind::kInvalid, "none of the new log statements can be asked", kHint), ExitCode::kBadAnswer);
    }
    return out.fail(Error(ErrorKind::kNotFound, "there is nothing to ask: no probes, and no new log statements in the sources", kHint));
  }
  Result<Asks> asks = make_asks(place->store, selection->runs, *probes);
  if (!asks) return out.fail(asks.error());
  for (const std::string& sentence : asks->unasked) out.warn(sentence);
  tally.unanswered += asks->unasked.size();

  auto numbers = version_numbers(selection->versions);
  Setting setting{options, *where, {}};
  for (const store::Probe& probe : *probes) setting.names[probe.id] = probe.name;
  bool interrupted = false;
  TerminalProgress progress(out);
  std::vector<replay::ReplayRequest> requests;
  for (const Ask& ask : asks->of_runs) {
    if (!ask.probes.empty()) requests.push_back(request_for(ask, setting));
  }
  const std::map<store::RunId, replay::Ready> ready = replay::make_ready(place->store, place->project, requests, progress);
  for (const Ask& ask : asks->of_runs) {
    for (const std::string& sentence : ask.left_out) out.talk(sentence);
    if (ask.probes.empty() || interrupted) continue;
    Result<replay::RunAnswer> answer = ask_run(*place, request_for(ask, setting), progress);
    progress.clear();
    if (!answer) {
      const ErrorKind kind = answer.error().kind();
      const bool failed = kind == ErrorKind::kInvalid || kind == ErrorKind::kUnsupported;
      return out.fail(answer.error(), failed ? std::optional(ExitCode::kFailed) : std::nullopt);
    }
    if (const auto known = ready.find(ask.run.id); known != ready.end()) {
      answer->build_cpu_seconds += known->second.build_cpu_seconds;
      answer->built = answer->built || known->second.built;
    }
    if (const Result<void> printed = print_answer(out, *place, ask, numbers[ask.run.version], setting, *answer); !printed) {
      return out.fail(printed.error());
    }
    tally.add(*answer);
    interrupted = was_interrupted(*answer);
  }
  if (!options.dry_run && tally.runs > 1) out.answer(total_text(tally));
  if (interrupted) {
    return out.fail(Error(ErrorKind::kInvalid, "interrupted; what was answered by then is kept",
                          "the same command goes on from there"),
                    ExitCode::kInterrupted);
  }
  if (tally.diverged > 0 && probes->size() > 1) {
    out.talk("one probe that disturbs the training spoils the answers of all that are asked with it: ask them one at a time");
  }
  return out.done(summary_json(tally, options.dry_run), is_bad(tally) ? ExitCode::kBadAnswer : ExitCode::kDone);
}

}  // namespace

Verb make_replay() {
  Verb verb;
  verb.name = "replay";
  verb.summary = "Gets the values of probes: builds every version with them, restores, runs only what is needed, and checks what\n"
                 "was logged before against what is logged again. Without PROBE: all probes, and new hindsight::log statements\n"
                 "in the sources, which become probes. Without --run: all runs. What is answered exactly is not run again.";
  verb.usage = "[PROBE...] [--run RUN]... [--where CLAUSES] [-j N] [--dry-run] [--explain]";
  verb.examples = {{"hindsight replay --dry-run", "where every probe goes in every version, and what would run"},
                   {"hindsight replay grad_norm --run r3 --where 'epoch in 3..5'", "one probe, one run, three epochs"}};
  verb.codes = {{ExitCode::kDone, "every value asked for is there, and none differs from the recording"},
                {ExitCode::kFailed, "nothing can be replayed here (no sandbox, a full disk)"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "a replay diverged, a probe was refused or threw, or something stayed unanswered"},
                {ExitCode::kNotFound, "no such probe, run or loop, nothing to ask, no project or no store here"},
                {ExitCode::kBusy, "the store is in use or of a newer format"},
                {ExitCode::kInterrupted, "interrupted; what was answered by then is kept"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_option("PROBE", options->probes, "a probe's name, or the beginning of its id; none: all");
    app.add_option("--run", options->runs, "only this run; v2 for all runs of a version")
        ->type_name("RUN")
        ->allow_extra_args(false);
    app.add_flag("--all", options->all, "all runs (also what no --run means)");
    app.add_option("--where", options->where, "only these positions: 'epoch in 3..5 and step=7'")->type_name("CLAUSES");
    app.add_option("-j,--jobs", options->workers, "workers at once; half of the processors if not given")
        ->type_name("N")
        ->check(CLI::Range(1u, 1024u));
    app.add_flag("--dry-run", options->dry_run, "show placements and plan; build and run nothing");
    app.add_flag("--explain", options->explain, "say why each iteration runs");
    app.add_flag("--again", options->again, "run also what has been answered already");
    app.add_flag("--assume-state", options->assume_state,
                 "enter and skip loops whose state is not shown complete; every value is then unverified");
    app.add_flag("--force", options->force, "ask also probes that change the program's state; no value is exact then");
    app.add_flag("--unsafe-no-sandbox", options->unsafe_no_sandbox,
                 "run where no sandbox is to be had; the program may then change your files");
    return [options](Output& out, const std::vector<std::string>&) { return replay_verb(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools

// hindsight verify: the proof that a run's state was complete.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "replay/replay.h"
#include "replay/where.h"
#include "tools/command.h"
#include "tools/describe.h"
#include "tools/progress.h"
#include "tools/selection.h"
#include "tools/text.h"
#include "tools/verify.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  std::vector<std::string> runs;
  std::string where;
  bool unsafe_no_sandbox = false;
};

int verify(Output& out, const Options& options) {
  Result<replay::Where> where = options.where.empty() ? Result<replay::Where>(replay::Where{}) : replay::parse_where(options.where);
  if (!where) return out.fail(where.error());
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  Result<Selection> selection = select_runs(place->store, options.runs);
  if (!selection) return out.fail(selection.error());
  if (selection->runs.empty()) return out.fail(Error(ErrorKind::kNotFound, "there are no runs to verify", "'hindsight record -- PROGRAM' makes one"));
  if (const Result<void> loops = check_loops(place->store, selection->all, *where); !loops) return out.fail(loops.error());
  bool all_good = true;
  for (const store::Run& run : selection->runs) {
    Result<Verdict> verdict = verify_run(out, *place, run.id, *where, options.unsafe_no_sandbox);
    if (!verdict) return out.fail(verdict.error(), ExitCode::kFailed);
    out.answer(verdict->text + "\n");
    out.object(verdict->json);
    all_good = all_good && verdict->equal;
  }
  return out.done(json::Object("summary"), all_good ? ExitCode::kDone : ExitCode::kBadAnswer);
}

}  // namespace

Result<Verdict> verify_run(Output& out, Workplace& place, store::RunId run, const replay::Where& where, bool unsafe_no_sandbox) {
  replay::ReplayRequest request;
  request.runs = {run};
  request.where = where;
  request.verify = true;
  request.unsafe_no_sandbox = unsafe_no_sandbox;
  Result<std::vector<replay::RunAnswer>> answers = [&] {
    TerminalProgress progress(out);
    return replay::replay(place.store, place.project, request, progress);
  }();
  if (!answers) return std::move(answers).error();
  const replay::RunAnswer& answer = answers->front();
  Verdict verdict;
  std::string position;
  for (const replay::Clause& clause : answer.verified) {
    position += (position.empty() ? "" : " and ") + clause.loop + (clause.first == clause.last ? fmt::format("={}", clause.first) : fmt::format(" in {}..{}", clause.first, clause.last));
  }
  std::uint64_t values = 0, leaves = 0, bytes = 0;
  std::string problem = answer.refused, last;
  bool entered = false;
  if (answer.replay) {
    for (const store::SegmentOutcome& segment : answer.replay->segments) {
      values += segment.compared_values;
      leaves += segment.compared_leaves;
      bytes += segment.compared_bytes;
      last = segment.last_compared;
      if (problem.empty()) problem = segment.problem;
    }
    for (const replay::Segment& segment : answer.plan.segments) entered = entered || !segment.enters.empty();
  } else if (problem.empty()) {
    problem = "there is nothing that could be run";
  }
  const std::string name = to_text(run);
  if (!problem.empty()) verdict.text = fmt::format("{}: not verified: {}", name, escaped(problem));
  else if (!answer.first_difference.empty()) verdict.text = fmt::format("{}: {} differs: {}", name, position, escaped(answer.first_difference));
  else if (values + leaves == 0) verdict.text = fmt::format("{}: not verified: nothing was compared at {}", name, position);
  else if (!entered) verdict.text = fmt::format("{}: {} was run from the start and is equal, but no state was restored: 'hindsight replay --dry-run --explain' says why", name, position);
  else verdict.equal = true, verdict.text = fmt::format("{}: verified: entered at {}, equal to the recording: {} and {} compared, last at {}", name, position, count_text(leaves, "leaf", "leaves"), count_text(values, "value", "values"), last);
  verdict.json = json::Object("verification");
  verdict.json.text("run", name).text("where", position).flag("equal", verdict.equal).flag("entered", entered).number("leaves", leaves).number("values", values).number("bytes", bytes)
      .text_or_null("problem", problem).text_or_null("first_difference", answer.first_difference);
  return verdict;
}

Verb make_verify() {
  Verb verb;
  verb.name = "verify";
  verb.summary = "Proves that the state of a run was complete: enters one of its iterations, drawn at random, in a new process, runs it\n"
                 "whole, and compares everything up to the next checkpoint with the recording.";
  verb.usage = "[RUN...] [--where CLAUSES]";
  verb.examples = {{"hindsight verify r3", "one iteration of run 3"}, {"hindsight verify r3 --where epoch=5", "that one"}};
  verb.codes = {{ExitCode::kDone, "all that was compared is equal"},
                {ExitCode::kFailed, "nothing can be replayed here"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "something differs, or nothing could be verified"},
                {ExitCode::kNotFound, "no such run or loop, no project or no store here"},
                {ExitCode::kBusy, "the store is in use or of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_option("RUN", options->runs, "which runs; none: all");
    app.add_option("--where", options->where, "this iteration: 'epoch=5'")->type_name("CLAUSES");
    app.add_flag("--unsafe-no-sandbox", options->unsafe_no_sandbox, "run where no sandbox is to be had; the program may then change your files");
    return [options](Output& out, const std::vector<std::string>&) { return verify(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools

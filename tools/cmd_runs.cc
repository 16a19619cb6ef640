#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "tools/command.h"
#include "tools/describe.h"
#include "tools/layout.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

std::string skipped_text(const store::Run& run) {
  return run.skipped == 0 ? std::to_string(run.checkpoints)
                          : fmt::format("{} ({} skipped)", run.checkpoints, run.skipped);
}

int runs(Output& out) {
  Result<Workplace> place = open_to_read(out);
  if (!place) return out.fail(place.error());
  Result<std::vector<store::Run>> all = read_runs(place->store);
  if (!all) return out.fail(all.error());
  Result<std::vector<store::Version>> versions = place->store.versions();
  if (!versions) return out.fail(versions.error());
  auto numbers = version_numbers(*versions);

  std::vector<std::vector<std::string>> lines = {
      {"run", "version", "started (UTC)", "took", "status", "records", "checkpoints", "command"}};
  for (const store::Run& run : *all) {
    const std::int64_t took = run.ended_ns - run.started_ns;
    lines.push_back({to_text(run.id), version_text(numbers[run.version]), when_text(run.started_ns),
                     run.ended_ns == 0 ? "-" : duration_text(static_cast<double>(took) / 1e9), status_text(run),
                     run.dropped == 0 ? std::to_string(run.records)
                                      : fmt::format("{} ({} lost)", run.records, run.dropped),
                     skipped_text(run), shell_text(run.argv)});
    out.object(run_json(run, numbers[run.version]));
  }
  if (all->empty()) {
    out.talk("no runs yet: 'hindsight record -- PROGRAM' makes one");
  } else {
    out.answer(lay_out(lines, {Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft, Align::kRight,
                               Align::kRight, Align::kLeft}));
  }
  json::Object summary("summary");
  summary.number("runs", all->size()).number("versions", versions->size());
  return out.done(summary);
}

}  // namespace

Verb make_runs() {
  Verb verb;
  verb.name = "runs";
  verb.summary = "Lists the runs: id, version, when, how they ended, what was kept, and the command.";
  verb.examples = {{"hindsight runs", "one line per run, oldest first"},
                   {"hindsight runs --json", "the same for scripts, with arguments and notes"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the store cannot be read"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "the store is damaged"},
                {ExitCode::kNotFound, "no project or no store here"},
                {ExitCode::kBusy, "the store is of a newer format"}};
  verb.declare = [](CLI::App&) -> Verb::Action {
    return [](Output& out, const std::vector<std::string>&) { return runs(out); };
  };
  return verb;
}

}  // namespace hindsight::tools

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "replay/record.h"
#include "tools/command.h"
#include "tools/describe.h"
#include "tools/loop_options.h"
#include "tools/probe_text.h"
#include "tools/progress.h"
#include "tools/suggest.h"
#include "tools/text.h"
#include "tools/verify.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  bool as_built = false;
  bool verify = false;
  std::vector<std::string> every, set;
  double overhead = 2;  // percent
  replay::LoopRequest loops;
};

Result<replay::RecordRequest> request_of(const Options& options, const std::vector<std::string>& command) {
  replay::RecordRequest request;
  request.command = command;
  request.as_built = options.as_built;
  request.loops = options.loops;
  if (std::optional<Error> mistake = mistake_in(options.loops)) return *std::move(mistake);
  if (options.as_built && !options.loops.empty()) {
    return Error(ErrorKind::kInvalid, "--as-built builds nothing, so no loops can be chosen", "take away --loop, --never and --no-insert");
  }
  std::error_code problem;
  request.cwd = std::filesystem::current_path(problem);
  if (problem) return Error(ErrorKind::kIo, "the current folder cannot be read: " + problem.message());
  for (const std::string& text : options.every) {
    Result<NamedCount> every = parse_every(text);
    if (!every) return std::move(every).error();
    if (!request.every.emplace(every->name, every->count).second) {
      return Error(ErrorKind::kInvalid, fmt::format("--every is given twice for loop '{}'", every->name));
    }
  }
  if (!(options.overhead > 0 && options.overhead <= 100)) {
    return Error(ErrorKind::kInvalid, fmt::format("--overhead {} is not a percentage above 0 and up to 100", options.overhead), "2 is what it is without it");
  }
  request.overhead = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(options.overhead * 10'000));
  for (const std::string& text : options.set) {
    Result<NamedText> set = parse_setting(text, "--set lr=0.1");
    if (!set) return std::move(set).error();
    if (!request.arguments.emplace(set->name, set->text).second) {
      return Error(ErrorKind::kInvalid, fmt::format("--set is given twice for '{}'", set->name));
    }
  }
  return request;
}

// Loops and arguments that were named on the command line and that no run has: most often a typing mistake.
void warn_of_unknown_names(Output& out, const store::Store& store, const replay::RecordRequest& request,
                           const std::vector<store::Run>& runs) {
  std::set<std::string> loops, arguments;
  for (const store::Run& run : runs) {
    if (const auto instances = store.loops(run.id)) {
      for (const store::LoopInstance& loop : *instances) loops.insert(loop.loop);
    }
    if (const auto keys = store.series_keys(run.id)) {
      for (const store::SeriesKey& key : *keys) {
        if (key.is_argument) arguments.insert(key.name);
      }
    }
  }
  const auto hint = [](const std::string& name, const std::set<std::string>& known) {
    const std::string meant = did_you_mean(name, {known.begin(), known.end()}, "");
    return meant.empty() ? meant : "; " + meant;
  };
  for (const auto& [loop, count] : request.every) {
    if (!loops.contains(loop)) {
      out.warn(fmt::format("--every {}={}: no loop with state of that name ran{}", loop, count, hint(loop, loops)));
    }
  }
  for (const auto& [name, value] : request.arguments) {
    if (!arguments.contains(name)) {
      out.warn(fmt::format("--set {}={}: the program never asked for hindsight::arg(\"{}\"){}", name, value, name,
                           hint(name, arguments)));
    }
  }
}

std::string summary_line(const store::Run& run, std::uint64_t version) {
  std::string line = fmt::format("recorded {} ({}): {}, {}, {}", to_text(run.id), version_text(version), status_text(run),
                                 count_text(run.records, "value", "values"),
                                 count_text(run.checkpoints, "checkpoint", "checkpoints"));
  if (run.dropped > 0) line += fmt::format(", {} lost", count_text(run.dropped, "value", "values"));
  if (run.skipped > 0) line += fmt::format(", {} skipped", count_text(run.skipped, "checkpoint", "checkpoints"));
  return line;
}

// While the training runs, the terminal is its own.
class UntilTheTraining final : public TerminalProgress {
 public:
  using TerminalProgress::TerminalProgress;
  void stage(std::string_view what, double seconds) override {
    if (what.starts_with("record ")) {
      clear();
    } else {
      TerminalProgress::stage(what, seconds);
    }
  }
};

int status_of(const host::ProcessExit& exit) { return exit.signal != 0 ? 128 + exit.signal : exit.exit_code; }

int record(Output& out, const Options& options, const std::vector<std::string>& command) {
  Result<replay::RecordRequest> request = request_of(options, command);
  if (!request) return out.fail(request.error());
  Result<Workplace> place = open_to_write(out, IfMissing::kCreate);
  if (!place) return out.fail(place.error());

  Result<replay::RecordOutcome> outcome = [&] {
    UntilTheTraining progress(out);
    return replay::record(place->store, place->project, *request, progress);
  }();
  if (!outcome) {
    // A build that failed or a command that cannot be recorded is no wrong use of this command's flags.
    const ErrorKind kind = outcome.error().kind();
    const bool failed = kind == ErrorKind::kInvalid || kind == ErrorKind::kUnsupported;
    return out.fail(outcome.error(), failed ? std::optional(ExitCode::kFailed) : std::nullopt);
  }
  if (outcome->refused) return out.fail(*outcome->refused);
  const int status = status_of(outcome->exit);
  for (const std::string& problem : outcome->exit.problems) out.warn(escaped(problem));
  if (outcome->runs.empty() && outcome->exit.problems.empty()) {
    return out.fail(
        Error(ErrorKind::kInvalid,
              fmt::format("nothing was recorded: no process of '{}' is linked with hindsight's runtime (it ended with {})",
                          shell_text(request->command.empty() ? place->project.recipe.run_command : request->command), status),
              "if the build calls its compiler by a full path, let it call it by name (CXX = g++); a program that calls hindsight itself is to be linked "
              "with hindsight::runtime"),
        ExitCode::kBadAnswer);
  }
  if (!outcome->runs.empty()) {
    // Whatever cannot be said of the runs, the training's status is.
    const Result<std::vector<store::Version>> versions = place->store.versions();
    if (!versions) out.warn("what was recorded cannot be shown in full: " + escaped(versions.error().message()));
    auto numbers = versions ? version_numbers(*versions) : std::map<store::VersionId, std::uint64_t>();
    for (const store::Run& run : outcome->runs) {
      const std::uint64_t version = numbers[run.version];
      out.talk(summary_line(run, version));
      for (const std::string& note : run.notes) out.talk("  " + escaped(note));
      out.object(run_json(run, version));
    }
    warn_of_unknown_names(out, place->store, *request, outcome->runs);
    // The training's status stays what the caller is told.
    for (const store::Run& run : outcome->runs) {
      if (!options.verify) break;
      const Result<Verdict> verdict = verify_run(out, *place, run.id, {}, false);
      if (!verdict) {
        out.warn("not verified: " + escaped(verdict.error().message()));
        continue;
      }
      if (verdict->equal) out.talk(verdict->text);
      else out.warn(verdict->text);
      out.object(verdict->json);
    }
  }
  json::Object summary("summary");
  summary.number("runs", outcome->runs.size())
      .real("build_cpu_seconds", outcome->build_seconds)
      .real("cpu_seconds", outcome->exit.cpu_seconds)
      .signed_number("code", status);
  out.object(summary);
  return status;
}

}  // namespace

Verb make_record() {
  Verb verb;
  verb.name = "record";
  verb.summary = "Trains, and keeps what a replay needs: snapshots the sources, builds them as hindsight.toml says, runs the\n"
                 "program in the current folder, and stores its values and states. A store is made where there is none.\n"
                 "Without CMD, what [run] command in hindsight.toml says is run.";
  verb.usage = "[--as-built] [--verify] [--every LOOP=N]... [--overhead PERCENT] [--set NAME=VALUE]... [--loop NAME|FILE:LINE]... [--never NAME|FILE:LINE]...\n"
               "                        [--no-insert] [--] [CMD...]";
  verb.examples = {{"hindsight record -- ./train --epochs 20", "CMD is one of the programs that the recipe builds"},
                   {"hindsight record --every epoch=5 --set lr=0.01 -- ./train", "a checkpoint every 5 epochs; lr for hindsight::arg"}};
  verb.takes_command = true;
  verb.codes = {{ExitCode::kDone, "the training's own exit status is passed on (128 + signal if it was killed); and"},
                {ExitCode::kFailed, "it cannot be built or started; no run is kept"},
                {ExitCode::kUsage, "also: --loop or --never for a program that says itself what its loops are"},
                {ExitCode::kBadAnswer, "the command started no process that is linked with hindsight; or the store is damaged"},
                {ExitCode::kNotFound, "no project here, no such program, or no loop is named so"},
                {ExitCode::kBusy, "the store is in use or of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_flag("--as-built", options->as_built, "run CMD as it is, without building; replays of it are marked so");
    app.add_flag("--verify", options->verify, "afterwards enter one of its iterations in a new process, and compare: as 'hindsight verify'");
    app.add_option("--every", options->every, "keep a checkpoint of this loop every N iterations, whatever that costs")
        ->type_name("LOOP=N")
        ->allow_extra_args(false);
    app.add_option("--overhead", options->overhead, "what keeping states of the other loops may cost, of the training's time (2)")
        ->type_name("PERCENT");
    app.add_option("--set", options->set, "what hindsight::arg(NAME, ...) gives the program")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    add_loop_options(app, options->loops);
    app.add_flag("--no-insert", options->loops.no_insert, "put no loops into the program, also where it does not call hindsight itself");
    return [options](Output& out, const std::vector<std::string>& words) { return record(out, *options, words); };
  };
  return verb;
}

}  // namespace hindsight::tools

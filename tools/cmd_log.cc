#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "replay/replay.h"
#include "tools/command.h"
#include "tools/describe.h"
#include "tools/probe_text.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string what;
  std::string after, before, in, at;
  std::string on_call, on_assign, each_loop;
  std::string with;
};

Error usage(std::string message, std::string hint = "see 'hindsight help log'") {
  return Error(ErrorKind::kInvalid, std::move(message), std::move(hint));
}

// Puts file and line of --at into the probe, and the text of that line and of those around it: in another version the line is
// found by its text, since its number means nothing there.
Result<void> place_at(store::Probe& probe, const std::string& at, const fs::path& root) {
  Result<FileLine> place = parse_file_line(at);
  if (!place) return std::move(place).error();
  std::error_code problem;
  fs::path file = fs::canonical(place->file, problem);
  if (problem) file = fs::canonical(root / place->file, problem);
  if (problem) return Error(ErrorKind::kNotFound, fmt::format("no file '{}'", place->file), "give it relative to here or to the project");
  const fs::path relative = file.lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") {
    return usage(fmt::format("{} is not in the project {}", file.string(), root.string()),
                 "probes go into the project's own files");
  }
  constexpr std::size_t kMostLines = 100;  // above: what tells lines apart that stand between the same ones
  std::ifstream text(file);
  std::string line;
  std::uint32_t number = 0;
  while (number < place->line && std::getline(text, line)) {
    if (++number < place->line && !tidy_statement(line).empty()) probe.nest.push_back(tidy_statement(line));
  }
  if (!probe.nest.empty()) probe.previous = probe.nest.back();
  if (probe.nest.size() > kMostLines) probe.nest.erase(probe.nest.begin(), probe.nest.end() - kMostLines);
  if (number < place->line) {
    return usage(fmt::format("{} has {}, so none is {}", relative.string(), count_text(number, "line", "lines"), place->line));
  }
  probe.form = store::Probe::Form::kAt;
  probe.file = relative.generic_string();
  probe.line = place->line;
  probe.statement = tidy_statement(line);
  if (probe.statement.empty()) return usage(fmt::format("{}:{} is an empty line", probe.file, probe.line), "name the line of a statement");
  while (probe.next.empty() && std::getline(text, line)) probe.next = tidy_statement(line);
  return {};
}

// Puts the text of --with into the probe: what the expression needs is kept with it.
Result<void> bring_along(store::Probe& probe, const std::string& file) {
  if (file.empty()) return {};
  std::ifstream in(file);
  if (!in) return Error(ErrorKind::kNotFound, fmt::format("cannot read '{}'", file), "--with takes a header with what the expression needs");
  std::ostringstream text;
  text << in.rdbuf();
  probe.helper = text.str();
  probe.helper_name = fs::path(file).filename().string();
  if (tidy_statement(probe.helper).empty()) return usage(fmt::format("'{}' is empty", file));
  return {};
}

Result<store::Probe> make_probe(const Options& options, const fs::path& root) {
  Result<NamedText> what = parse_probe(options.what);
  if (!what) return std::move(what).error();
  using Form = store::Probe::Form;
  const std::pair<const std::string&, Form> places[] = {{options.after, Form::kAfter},     {options.before, Form::kBefore},     {options.at, Form::kAt},
                                                        {options.on_call, Form::kOnCall}, {options.on_assign, Form::kOnAssign}, {options.each_loop, Form::kEachLoop}};
  const auto is_given = [](const auto& place) { return !place.first.empty(); };
  const auto given = std::count_if(std::begin(places), std::end(places), is_given);
  if (given != 1) {
    return usage(given == 0 ? "it is not said where to log it" : "only one place can be given",
                 "give one of --after STMT, --before STMT, --at FILE:LINE, --on-call CALL, --on-assign VARIABLE, --each-loop LOOP");
  }
  const auto& [text, form] = *std::find_if(std::begin(places), std::end(places), is_given);
  store::Probe probe;
  probe.name = what->name;
  probe.expression = what->text;
  if (const Result<void> read = bring_along(probe, options.with); !read) return read.error();
  if (!options.at.empty()) {
    if (!options.in.empty()) return usage("--in does not go with --at");
    if (const Result<void> placed = place_at(probe, options.at, root); !placed) return placed.error();
  } else {
    probe.form = form;
    probe.statement = tidy_statement(text);
    probe.function = options.in;
    if (probe.statement.empty()) return usage("the statement is empty");
  }
  probe.id = replay::probe_id(probe);
  probe.created_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch()).count();
  return probe;
}

// The runs whose program logs this name itself. All of them: an error, since there is none to ask.
Result<std::vector<std::string>> recorders_of(const store::Store& store, const std::string& name) {
  Result<std::vector<store::Run>> runs = store.runs();
  if (!runs) return std::move(runs).error();
  std::vector<std::string> found;
  for (const store::Run& run : *runs) {
    Result<std::vector<store::SeriesKey>> keys = store.series_keys(run.id);
    if (!keys) return std::move(keys).error();
    for (const store::SeriesKey& key : *keys) {
      if (key.name == name && key.replay.number == 0) {
        found.push_back(to_text(run.id));
        break;
      }
    }
  }
  if (!found.empty() && found.size() == runs->size()) {
    return usage(fmt::format("every run recorded '{}' itself, so none can be asked for it", name),
                 fmt::format("'hindsight table {}' shows what they recorded; take another name for another value", name));
  }
  return found;
}

int log(Output& out, const Options& options) {
  Result<Workplace> place = open_to_write(out);
  if (!place) return out.fail(place.error());
  Result<store::Probe> made = make_probe(options, place->project.root);
  if (!made) return out.fail(made.error());
  store::Probe probe = *std::move(made);

  Result<std::vector<store::Probe>> known = place->store.probes();
  if (!known) return out.fail(known.error());
  const auto summary = [&](bool added) {
    out.object(probe_json(probe));
    return out.done(json::Object("summary").flag("added", added));
  };
  for (const store::Probe& other : *known) {
    if (other.id == probe.id) {
      // The name is only a label; under a new one, the answers that are there would seem to be missing.
      out.answer(fmt::format("{} {} = {}, {}: is there already\n", to_text(other.id), other.name, escaped(other.expression),
                             escaped(place_text(other))));
      if (other.name != probe.name) {
        out.warn(fmt::format("it keeps its name '{}'; to call it '{}', first 'hindsight probes --remove {}'", other.name,
                             probe.name, to_text(other.id)));
      }
      probe = other;
      return summary(false);
    }
    if (other.name == probe.name) {
      out.warn(fmt::format("'{}' is also the name of probe {} ({}, {}); 'hindsight probes --remove {}' takes that one away",
                           probe.name, to_text(other.id), escaped(other.expression), escaped(place_text(other)),
                           to_text(other.id)));
    }
  }
  const Result<std::vector<std::string>> recorders = recorders_of(place->store, probe.name);
  if (!recorders) return out.fail(recorders.error());
  if (!recorders->empty()) {
    const bool one = recorders->size() == 1;
    out.warn(fmt::format("{} recorded '{}' {} and will not be asked for it; take another name to ask {} too",
                         joined(*recorders, ", "), probe.name, one ? "itself" : "themselves", one ? "it" : "them"));
  }

  Result<store::WriteBatch> batch = place->store.write();
  if (!batch) return out.fail(batch.error());
  if (const Result<void> put = batch->put_probe(probe); !put) return out.fail(put.error());
  if (const Result<void> committed = batch->commit(); !committed) return out.fail(committed.error());
  out.answer(fmt::format("{} {} = {}, {}\n", to_text(probe.id), probe.name, escaped(probe.expression),
                         escaped(place_text(probe))));
  out.talk("'hindsight replay --dry-run' shows where it goes in each version; 'hindsight replay' gets its values");
  return summary(true);
}

}  // namespace

Verb make_log() {
  Verb verb;
  verb.name = "log";
  verb.summary = "Adds a probe: a value to log after the fact, in every version that has the statement. Nothing is built or\n"
                 "run yet. STMT is one whole statement, as it stands in the sources; spaces do not matter.";
  verb.usage = "NAME=EXPR (--after STMT | --before STMT | --at FILE:LINE | --on-call CALL | --on-assign VARIABLE | --each-loop LOOP)\n"
               "                  [--in FUNCTION] [--with FILE]";
  verb.examples = {{"hindsight log 'grad_norm = hindsight::norm(w.grad())' --after 'loss.backward()'",
                    "the gradient's norm after each backward pass"},
                   {"hindsight log 'first = weights[0]' --at src/train.cc:41", "before the statement on that line"},
                   {"hindsight log 'rate = opt.lr' --on-call 'opt.step()'", "after every statement that calls it, in every version"}};
  verb.codes = {{ExitCode::kDone, "the probe is there, also if it was before"},
                {ExitCode::kFailed, "the store cannot be written"},
                {ExitCode::kUsage, "no name, expression or place, two places, or a name that every run recorded itself"},
                {ExitCode::kBadAnswer, "the store is damaged"},
                {ExitCode::kNotFound, "no such file, no project or no store here"},
                {ExitCode::kBusy, "the store is in use or of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_option("NAME=EXPR", options->what, "what to call the value, and the C++ expression that computes it")->required();
    app.add_option("--after", options->after, "log it after this statement")->type_name("STMT");
    app.add_option("--before", options->before, "log it before this statement")->type_name("STMT");
    app.add_option("--in", options->in, "only in this function, where the statement occurs in several")->type_name("FUNCTION");
    app.add_option("--at", options->at, "log it before the statement on this line of today's file")->type_name("FILE:LINE");
    app.add_option("--on-call", options->on_call, "log it after every statement that calls this: 'opt.step()'")->type_name("CALL");
    app.add_option("--on-assign", options->on_assign, "log it after every statement that assigns to this variable")->type_name("VARIABLE");
    app.add_option("--each-loop", options->each_loop, "log it at the end of every iteration of the loops with this name")->type_name("LOOP");
    app.add_option("--with", options->with, "a header that the expression needs; its text is kept with the probe")->type_name("FILE");
    return [options](Output& out, const std::vector<std::string>&) { return log(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools

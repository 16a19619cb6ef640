#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "replay/instrument.h"
#include "tools/command.h"
#include "tools/loop_options.h"
#include "tools/progress.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

struct Options {
  bool explain = false, diff = false, apply = false;
  replay::LoopRequest loops;
};

std::string or_nothing(const std::vector<std::string>& names) { return names.empty() ? "nothing" : escaped(joined(names, ", ")); }

std::string line_of(const replay::InstrumentedLoop& loop) {
  const std::string head = fmt::format("{}:{}: {} ({}): ", escaped(loop.file), loop.line, escaped(loop.name), loop.level == 0 ? "main loop" : "inner loop");
  if (!loop.refused.empty()) return head + "refused: " + escaped(loop.refused);
  return head + fmt::format("{}; state {}", escaped(loop.why), or_nothing(loop.state));
}

// Behind the loop's line: what --explain says of it.
std::string reasons_of(const replay::InstrumentedLoop& loop) {
  if (!loop.refused.empty()) return fmt::format("    it was chosen since {}\n", escaped(loop.why));
  std::string text;
  for (const std::string& each : loop.left_out) text += fmt::format("    not in its state: {}\n", escaped(each));
  for (const replay::Gate::Missing& each : loop.missing) {
    text += fmt::format("    neither entered nor skipped, because of {}: {}\n", escaped(each.variable), escaped(each.why));
  }
  return loop.missing.empty() ? text + "    can be entered and skipped\n" : text;
}

std::string explanation(const replay::Instrumented& found) {
  std::string text;
  for (const replay::OtherLoop& each : found.others) {
    text += fmt::format("not chosen: {}:{}: {} in {}()\n", escaped(each.file), each.line, escaped(each.name), escaped(each.function));
  }
  for (const replay::UnitAsItIs& each : found.units) text += fmt::format("compiled as it is: {}: {}\n", escaped(each.unit), escaped(each.why));
  for (const std::string& note : found.gate_notes) text += fmt::format("note: {}\n", escaped(note));
  return text;
}

void put_objects(Output& out, const replay::Instrumented& found, const Options& options) {
  for (const replay::InstrumentedLoop& loop : found.loops) {
    std::vector<std::string> missing;
    for (const replay::Gate::Missing& each : loop.missing) missing.push_back(json::Object().text("variable", each.variable).text("why", each.why).str());
    json::Object object("chosen_loop");
    out.object(object.text("file", loop.file).number("line", loop.line).text("name", loop.name).number("level", loop.level).text("why", loop.why)
                   .text_or_null("refused", loop.refused).raw("state", json::strings(loop.state)).raw("left_out", json::strings(loop.left_out))
                   .raw("missing", json::array(missing)));
  }
  if (options.explain) {
    for (const replay::OtherLoop& each : found.others) {
      json::Object object("other_loop");
      out.object(object.text("file", each.file).number("line", each.line).text("name", each.name).text("function", each.function));
    }
    for (const replay::UnitAsItIs& each : found.units) {
      json::Object object("unit_as_it_is");
      out.object(object.text("unit", each.unit).text("why", each.why));
    }
    for (const std::string& note : found.gate_notes) {
      json::Object object("gate_note");
      out.object(object.text("message", note));
    }
  }
  if (options.diff) {
    for (const replay::EditedFile& each : found.files) {
      json::Object object("diff");
      out.object(object.text("file", each.file).text("diff", replay::unified_diff(each)));
    }
  }
}

json::Object summary_of(const replay::Instrumented& found, std::size_t written, std::size_t applied) {
  json::Object summary("summary");
  summary.text("version", version_text(found.version))
      .flag("calls_hindsight", !found.hindsight_user.empty())
      .number("loops", written)
      .number("refused", found.loops.size() - written)
      .number("files", found.files.size())
      .number("applied", applied)
      .real("build_cpu_seconds", found.build_cpu_seconds);
  return summary;
}

// Nothing is put into such a program.
int leave_alone(Output& out, const replay::Instrumented& found, const Options& options) {
  const std::string why = !found.hindsight_user.empty() && !found.switched_off
                              ? fmt::format("the program says itself what its loops are ({} includes hindsight)", escaped(found.hindsight_user))
                              : "[instrument] in hindsight.toml says auto = false";
  if (options.apply) return out.fail(Error(ErrorKind::kInvalid, "nothing to apply: " + why));
  out.answer(fmt::format("nothing is put into the sources: {}\n", why));
  return out.done(summary_of(found, 0, 0));
}

constexpr char kFromNowOn[] =
    "from now on your own build needs hindsight:\n"
    "  pkg-config  $(pkg-config --cflags --libs hindsight) $(pkg-config --variable=heap_flags hindsight)\n"
    "  CMake       find_package(hindsight REQUIRED), and link hindsight::runtime and hindsight::heap\n"
    "heap_flags and hindsight::heap are for states with raw pointers: with them the extent of what is allocated is known";

int instrument(Output& out, const Options& options) {
  if (const std::optional<Error> mistake = mistake_in(options.loops)) return out.fail(*mistake);
  Result<Workplace> place = open_to_write(out, IfMissing::kCreate);
  if (!place) return out.fail(place.error());
  Result<replay::Instrumented> found = [&] {
    TerminalProgress progress(out);
    return replay::instrument(place->store, place->project, options.loops, progress);
  }();
  if (!found) {
    const ErrorKind kind = found.error().kind();
    const bool failed = kind == ErrorKind::kInvalid || kind == ErrorKind::kUnsupported;
    return out.fail(found.error(), failed ? std::optional(ExitCode::kFailed) : std::nullopt);
  }
  if (!found->hindsight_user.empty() || found->switched_off) return leave_alone(out, *found, options);

  if (options.explain || !options.diff) {
    for (const replay::InstrumentedLoop& loop : found->loops) out.answer(line_of(loop) + "\n" + (options.explain ? reasons_of(loop) : ""));
  }
  if (options.explain) out.answer(explanation(*found));
  if (options.diff) {
    for (const replay::EditedFile& each : found->files) out.answer(replay::unified_diff(each));
  }
  put_objects(out, *found, options);
  if (found->other_loops) {
    out.warn(fmt::format("{} is recorded already, with other loops, and keeps those; [instrument] in hindsight.toml makes it another version",
                         version_text(found->version)));
  }
  const auto written = static_cast<std::size_t>(
      std::count_if(found->loops.begin(), found->loops.end(), [](const replay::InstrumentedLoop& loop) { return loop.refused.empty(); }));
  if (written == 0) {
    constexpr char kNone[] = "'hindsight instrument --explain' lists the loops that there are; --loop chooses one";
    return out.fail(found->loops.empty() ? Error(ErrorKind::kNotFound, "no loop was found that trains", kNone)
                                         : Error(ErrorKind::kNotFound, "no loop could be instrumented", "--loop FILE:LINE chooses another one"));
  }
  if (options.apply) {
    if (const Result<void> applied = replay::apply_to_sources(place->project, found->files); !applied) return out.fail(applied.error(), ExitCode::kFailed);
    for (const replay::EditedFile& each : found->files) {
      out.answer(fmt::format("wrote {}\n", escaped(each.file)));
      json::Object object("applied");
      out.object(object.text("file", each.file));
    }
    out.talk(kFromNowOn);
  }
  return out.done(summary_of(*found, written, options.apply ? found->files.size() : 0));
}

}  // namespace

Verb make_instrument() {
  Verb verb;
  verb.name = "instrument";
  verb.summary = "Shows which loops of a program that does not call hindsight get positions and state when it is recorded, and\n"
                 "why: makes the build that 'hindsight record' makes, and keeps it for that. Your sources stay as they are,\n"
                 "unless --apply is given. [instrument] in hindsight.toml says lastingly what --loop and --never say.";
  verb.usage = "[--explain] [--diff] [--apply] [--loop NAME|FILE:LINE]... [--never NAME|FILE:LINE]...";
  verb.examples = {{"hindsight instrument --explain", "the loops, their states, what is left out, and what was not chosen"},
                   {"hindsight instrument --loop src/train.cc:41 --diff", "what would be written at that loop"}};
  verb.codes = {{ExitCode::kDone, "the loops are shown; or the program calls hindsight itself, which is said"},
                {ExitCode::kFailed, "it cannot be built, or a source cannot be written"},
                {ExitCode::kUsage, "also: --apply to a program that calls hindsight itself"},
                {ExitCode::kBadAnswer, "the store is damaged"},
                {ExitCode::kNotFound, "no loop was found to instrument, no loop is named so, or no project here"},
                {ExitCode::kBusy, "the store is in use or of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto options = std::make_shared<Options>();
    app.add_flag("--explain", options->explain, "also what each state leaves out, what cannot be entered or skipped, and other loops");
    app.add_flag("--diff", options->diff, "what is put into the sources, as a unified diff");
    app.add_flag("--apply", options->apply, "write it into your sources; from then on they call hindsight");
    add_loop_options(app, options->loops);
    return [options](Output& out, const std::vector<std::string>&) { return instrument(out, *options); };
  };
  return verb;
}

}  // namespace hindsight::tools

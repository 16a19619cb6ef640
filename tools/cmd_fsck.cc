#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "tools/command.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

int fsck(Output& out) {
  Result<Workplace> place = open_to_read(out);
  if (!place) return out.fail(place.error());
  Result<store::Store::Findings> findings = place->store.check();
  if (!findings) return out.fail(findings.error());
  for (const std::string& problem : findings->problems) {
    out.answer(out.red(problem) + "\n");
    json::Object object("problem");
    object.text("message", problem);
    out.object(object);
  }
  const std::string read = fmt::format("{}, {} read", count_text(findings->values_checked, "entry", "entries"),
                                       bytes_text(findings->bytes_checked));
  out.answer(findings->problems.empty()
                 ? fmt::format("no damage: {}\n", read)
                 : fmt::format("{}: {}\n", count_text(findings->problems.size(), "problem", "problems"), read));
  json::Object summary("summary");
  summary.number("problems", findings->problems.size())
      .number("entries", findings->values_checked)
      .number("bytes", findings->bytes_checked);
  return out.done(summary, findings->problems.empty() ? ExitCode::kDone : ExitCode::kBadAnswer);
}

}  // namespace

Verb make_fsck() {
  Verb verb;
  verb.name = "fsck";
  verb.summary = "Reads everything in the store and checks every checksum and every rule of its format. Changes nothing.";
  verb.examples = {{"hindsight fsck", "lists what is damaged, one sentence each"},
                   {"hindsight fsck --json | tail -1", "how much was read, and how many problems"}};
  verb.codes = {{ExitCode::kDone, "nothing is damaged"},
                {ExitCode::kFailed, "the store cannot be read"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "something is damaged"},
                {ExitCode::kNotFound, "no project or no store here"},
                {ExitCode::kBusy, "the store is of a newer format"}};
  verb.declare = [](CLI::App&) -> Verb::Action {
    return [](Output& out, const std::vector<std::string>&) { return fsck(out); };
  };
  return verb;
}

}  // namespace hindsight::tools

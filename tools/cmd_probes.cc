#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/command.h"
#include "tools/describe.h"
#include "tools/ids.h"
#include "tools/layout.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {
namespace {

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
  verb.summary = "Lists the probes: the values that were asked for after the fact. Or removes some.";
  verb.usage = "[--remove PROBE]...";
  verb.examples = {{"hindsight probes", "id, name, expression and place of each"},
                   {"hindsight probes --remove grad_norm", "it is not asked any more; its id works as well as its name"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "the store cannot be read or written"},
                {ExitCode::kUsage, ""},
                {ExitCode::kBadAnswer, "the store is damaged"},
                {ExitCode::kNotFound, "no such probe, no project or no store here"},
                {ExitCode::kBusy, "the store is in use or of a newer format"}};
  verb.declare = [](CLI::App& app) -> Verb::Action {
    auto removed = std::make_shared<std::vector<std::string>>();
    app.add_option("--remove", *removed, "a probe's name, or the beginning of its id")
        ->type_name("PROBE")
        ->allow_extra_args(false);
    return [removed](Output& out, const std::vector<std::string>&) {
      return removed->empty() ? list(out) : remove(out, *removed);
    };
  };
  return verb;
}

}  // namespace hindsight::tools

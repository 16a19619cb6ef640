#include "tools/ask.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tools/ids.h"
#include "tools/text.h"

namespace hindsight::tools {

Result<std::vector<store::Probe>> choose_probes(const std::vector<std::string>& texts, const std::vector<store::Probe>& known) {
  std::vector<store::Probe> chosen;
  if (texts.empty()) {
    std::copy_if(known.begin(), known.end(), std::back_inserter(chosen), [](const store::Probe& probe) { return !probe.foreign; });
    return chosen;
  }
  for (const std::string& text : texts) {
    Result<std::vector<store::Probe>> found = find_probes(text, known);
    if (!found) return std::move(found).error();
    for (const store::Probe& probe : *found) {
      if (probe.foreign) {
        return Error(ErrorKind::kInvalid, fmt::format("probe '{}' came in a bundle, and is not put into programs here", text),
                     fmt::format("look at it ('hindsight probes'), then ask it yourself: hindsight log '{} = {}' ...", probe.name, probe.expression));
      }
      if (std::none_of(chosen.begin(), chosen.end(), [&](const auto& p) { return p.id == probe.id; })) chosen.push_back(probe);
    }
  }
  return chosen;
}

Result<Asks> make_asks(const store::Store& store, const std::vector<store::Run>& runs,
                       const std::vector<store::Probe>& probes) {
  Asks asks;
  std::set<store::ProbeId> asked;
  for (const store::Run& run : runs) {
    Ask ask{run, {}, {}};
    if (run.state == store::RunState::kRecording) {
      asks.unasked.push_back(fmt::format("{} is still being recorded: not asked", to_text(run.id)));
      asks.of_runs.push_back(std::move(ask));
      continue;
    }
    Result<std::vector<store::SeriesKey>> keys = store.series_keys(run.id);
    if (!keys) return std::move(keys).error();
    std::set<std::string> own;
    for (const store::SeriesKey& key : *keys) {
      if (key.probe.hash.is_zero()) own.insert(key.name);
    }
    for (const store::Probe& probe : probes) {
      if (own.contains(probe.name)) {
        ask.left_out.push_back(fmt::format("{} records '{}' itself: not asked", to_text(run.id), probe.name));
      } else {
        ask.probes.push_back(probe);
        asked.insert(probe.id);
      }
    }
    asks.of_runs.push_back(std::move(ask));
  }
  for (const store::Probe& probe : probes) {
    if (!asked.contains(probe.id)) asks.unasked.push_back(fmt::format("'{}' is asked of no run", probe.name));
  }
  return asks;
}

}  // namespace hindsight::tools

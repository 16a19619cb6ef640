#include "tools/ask.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "tools/ids.h"
#include "tools/text.h"

namespace hindsight::tools {

Result<std::vector<store::Probe>> choose_probes(const std::vector<std::string>& texts, const std::vector<store::Probe>& known) {
  if (texts.empty()) return known;
  std::vector<store::Probe> chosen;
  for (const std::string& text : texts) {
    Result<std::vector<store::Probe>> found = find_probes(text, known);
    if (!found) return std::move(found).error();
    for (const store::Probe& probe : *found) {
      if (std::none_of(chosen.begin(), chosen.end(), [&](const auto& p) { return p.id == probe.id; })) chosen.push_back(probe);
    }
  }
  return chosen;
}

Result<std::vector<Ask>> make_asks(const store::Store& store, const std::vector<store::Run>& runs,
                                   const std::vector<store::Probe>& probes) {
  std::vector<Ask> asks;
  std::map<std::vector<store::ProbeId>, std::size_t> by_probes;
  std::set<std::string> asked;
  for (const store::Run& run : runs) {
    if (run.state == store::RunState::kRecording) {
      asks.push_back({{}, {}, {fmt::format("{} is still being recorded: not asked", to_text(run.id))}, true});
      continue;
    }
    Result<std::vector<store::SeriesKey>> keys = store.series_keys(run.id);
    if (!keys) return std::move(keys).error();
    std::set<std::string> own;
    for (const store::SeriesKey& key : *keys) {
      if (key.probe.hash.is_zero()) own.insert(key.name);
    }
    Ask ask;
    std::vector<store::ProbeId> ids;
    for (const store::Probe& probe : probes) {
      if (own.contains(probe.name)) {
        ask.left_out.push_back(fmt::format("{} records '{}' itself: not asked", to_text(run.id), probe.name));
      } else {
        ask.probes.push_back(probe);
        ids.push_back(probe.id);
        asked.insert(probe.name);
      }
    }
    const auto [place, is_new] = by_probes.emplace(ids, asks.size());
    if (is_new) asks.emplace_back();
    Ask& group = asks[place->second];
    group.runs.push_back(run.id);
    group.probes = std::move(ask.probes);
    group.left_out.insert(group.left_out.end(), ask.left_out.begin(), ask.left_out.end());
  }
  // A probe that no run at all is asked for has no answer, and that is no success.
  for (const store::Probe& probe : probes) {
    if (asked.contains(probe.name) || asks.empty()) continue;
    asks.back().left_out.push_back(fmt::format("'{}' is asked of no run", probe.name));
    asks.back().left_out_bad = true;
  }
  return asks;
}

}  // namespace hindsight::tools

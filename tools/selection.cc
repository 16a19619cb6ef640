#include "tools/selection.h"

#include <fmt/format.h>

#include <set>
#include <string>

#include "tools/ids.h"
#include "tools/suggest.h"
#include "tools/text.h"
#include "tools/workplace.h"

namespace hindsight::tools {

Result<Selection> select_runs(const store::Store& store, const std::vector<std::string>& texts) {
  Result<std::vector<store::Version>> versions = store.versions();
  if (!versions) return std::move(versions).error();
  Result<std::vector<store::Run>> all = read_runs(store);
  if (!all) return std::move(all).error();
  Result<std::vector<store::Run>> runs = find_all_runs(texts, *all, *versions);
  if (!runs) return std::move(runs).error();
  return Selection{*std::move(versions), *std::move(all), *std::move(runs)};
}

Result<void> check_loops(const store::Store& store, const std::vector<store::Run>& runs, const replay::Where& where) {
  if (where.empty()) return {};
  std::set<std::string> loops;
  for (const store::Run& run : runs) {
    Result<std::vector<store::LoopInstance>> instances = store.loops(run.id);
    if (!instances) return std::move(instances).error();
    for (const store::LoopInstance& loop : *instances) loops.insert(loop.loop);
    Result<std::vector<store::SeriesKey>> keys = store.series_keys(run.id);
    if (!keys) return std::move(keys).error();
    for (const store::SeriesKey& key : *keys) loops.insert(key.nest.begin(), key.nest.end());
  }
  const std::vector<std::string> known(loops.begin(), loops.end());
  for (const replay::Clause& clause : where) {
    if (loops.contains(clause.loop)) continue;
    return Error(ErrorKind::kNotFound, fmt::format("no run has a loop '{}'", clause.loop),
                 did_you_mean(clause.loop, known, known.empty() ? "no loops were recorded" : "the loops are: " + joined(known, ", ")));
  }
  return {};
}

}  // namespace hindsight::tools

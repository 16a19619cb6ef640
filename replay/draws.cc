#include "replay/draws.h"

#include <algorithm>
#include <iterator>

#include "replay/linked.h"
#include "runtime/wire.h"

namespace hindsight::replay {
namespace {

constexpr std::size_t kNone = wire::kDraws;

std::size_t source_of(const std::string& name) {
  return static_cast<std::size_t>(std::find(std::begin(wire::kDrawNames), std::end(wire::kDrawNames), name) - std::begin(wire::kDrawNames));
}

}  // namespace

std::string Draws::why_not(const std::string& source) const {
  if (source_of(source) == kNone) return kNotRecorded;
  if (!unseen.empty()) return unseen;
  const auto found = lost.find(source);
  return found == lost.end() ? "" : found->second;
}

Draws draws_of(const store::Run& run, const std::vector<store::Series>& series, const std::string& shared_library) {
  Draws draws;
  draws.numbers.resize(wire::kDraws);
  if (!run.draws_kept) {
    draws.unseen = "the program was not linked with Hindsight's flags";
  } else if (!shared_library.empty()) {
    draws.unseen = "the calls in " + shared_library + ", a shared library, are not seen";
  } else if (run.dropped > 0) {
    draws.unseen = "the recording lost " + std::to_string(run.dropped) + " values";
  }
  // By source, in the order in which they were drawn.
  std::vector<std::map<std::uint64_t, std::uint64_t>> ordered(wire::kDraws);
  for (const store::Series& each : series) {
    const std::size_t source = source_of(each.key.name);
    if (source == kNone) continue;
    if (each.key.thread != 0) {
      draws.lost[each.key.name] = "another thread than the main one called it, too";
      continue;
    }
    for (std::size_t row = 0; row < each.columns.size(); ++row) ordered[source][each.columns.order[row]] = each.columns.scalars[row];
  }
  for (std::size_t source = 0; source < wire::kDraws; ++source) {
    for (const auto& [order, number] : ordered[source]) draws.numbers[source].push_back(number);
    if (draws.numbers[source].size() < wire::kMostDraws) continue;
    draws.lost.emplace(wire::kDrawNames[source], "it was called more than " + std::to_string(wire::kMostDraws) + " times");
  }
  return draws;
}

void leave_process_numbers(Draws& draws) {
  for (const wire::Draw source : {wire::Draw::kGetpid, wire::Draw::kGetppid}) {
    draws.numbers[static_cast<std::size_t>(source)].clear();
    draws.lost[wire::kDrawNames[static_cast<std::size_t>(source)]] = "the process runs without a sandbox, beside others";
  }
}

bool is_random(const std::string& source) { return source_of(source) < wire::kRandomDraws; }

std::set<std::string> deciding_draws(const Draws& draws, const Reports& reports) {
  const Linked linked(reports);
  std::set<std::string> sources;
  for (std::size_t source = 0; source < wire::kRandomDraws; ++source) sources.insert(wire::kDrawNames[source]);
  for (const Reports::Unit& unit : reports.units) {
    for (const Reports::Outside& use : unit.outside) {
      if (use.kind != "clock") continue;
      if (use.condition.empty()) sources.insert(use.what);
      else sources.merge(linked.times_of(unit, use.condition));
    }
  }
  std::erase_if(sources, [&](const std::string& source) { return !draws.why_not(source).empty(); });
  return sources;
}

}  // namespace hindsight::replay

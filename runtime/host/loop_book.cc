#include "runtime/host/loop_book.h"

#include <algorithm>

namespace hindsight::host {
namespace {

// A gap in the ordinals means that records were lost; one of this size means that they say nonsense.
constexpr std::uint64_t kLargestGap = 1 << 20;

}  // namespace

LoopBook::Entry& LoopBook::enter(Key key) {
  const auto [at, entered] = instances_.try_emplace(std::move(key));
  if (entered) {
    store::LoopInstance& instance = at->second.instance;
    instance.number = next_++;
    std::tie(instance.thread, instance.enclosing, instance.loop, instance.entry) = at->first;
  }
  return at->second;
}

void LoopBook::begin_iteration(const IterationEvent& event, const store::Site& site) {
  if (event.position.empty()) return;
  store::Position enclosing = event.position;
  const store::Level level = std::move(enclosing.back());
  enclosing.pop_back();
  store::LoopInstance& instance = enter({event.thread, std::move(enclosing), level.loop, level.entry}).instance;
  instance.site = site;
  if (level.ordinal > instance.labels.size() + kLargestGap) return;
  if (level.ordinal >= instance.labels.size()) {
    instance.labels.resize(level.ordinal + 1);
    instance.started_ns.resize(level.ordinal + 1);
  }
  instance.labels[level.ordinal] = level.label;
  instance.started_ns[level.ordinal] = event.clock_ns;
}

void LoopBook::end_loop(const LoopEndEvent& event) {
  Entry& entry = enter({event.point.thread, event.point.enclosing, event.point.loop, event.point.entry});
  entry.instance.ended_ns = event.clock_ns;
  entry.instance.end = event.how == wire::LoopEndKind::kAbandoned ? store::LoopInstance::End::kAbandoned
                                                                  : store::LoopInstance::End::kFinished;
  entry.ended = true;
}

bool LoopBook::Entry::worth_storing(bool all) const {
  const std::size_t iterations = instance.labels.size();
  if (ended || !ever_stored) return true;
  return all ? iterations > stored : iterations > stored + stored / 4;
}

std::vector<store::LoopInstance> LoopBook::changed(bool all) const {
  std::vector<store::LoopInstance> result;
  for (const auto& [key, entry] : instances_) {
    if (entry.worth_storing(all)) result.push_back(entry.instance);
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return result;
}

void LoopBook::taken(bool all) {
  for (auto at = instances_.begin(); at != instances_.end();) {
    Entry& entry = at->second;
    if (entry.worth_storing(all)) {
      entry.stored = entry.instance.labels.size();
      entry.ever_stored = true;
      if (entry.ended) {
        at = instances_.erase(at);
        continue;
      }
    }
    ++at;
  }
}

}  // namespace hindsight::host

#include "replay/cost.h"

#include <algorithm>
#include <cstdint>

namespace hindsight::replay {
namespace {

using store::LoopInstance;

// Making a view, starting a process and loading its libraries; what happens after that is in the recorded prologue.
constexpr double kStartSeconds = 0.15;
// Asking, and copying a state in and out of memory: 40 MB take about 16 ms.
constexpr double kRestoreSeconds = 20e-6;
constexpr double kRestoreSecondsPerByte = 0.4e-9;

double seconds_between(std::int64_t from, std::int64_t to) {
  return from <= 0 || to <= from ? 0.0 : static_cast<double>(to - from) * 1e-9;
}

std::int64_t start_of(const LoopInstance& instance) {
  return instance.started_ns.empty() ? instance.ended_ns : instance.started_ns.front();
}

// Takes the time of skipped nested loops out of the iterations that they lie in.
void leave_out_nested(const Course& course, const std::set<Gate::Loop>& skip_nested, std::vector<double>& slots) {
  std::set<InstanceKey> skipped;
  const auto lies_in_skipped = [&](const store::Position& position) {
    InstanceKey key;
    for (const store::Level& level : position) {
      key.loop = level.loop;
      key.entry = level.entry;
      if (skipped.contains(key)) return true;
      key.enclosing.push_back(level);
    }
    return false;
  };
  for (const LoopInstance& instance : course.recorded().loops) {
    if (instance.thread != 0 || !skip_nested.contains(loop_of(instance)) || lies_in_skipped(instance.enclosing)) continue;
    const std::optional<std::size_t> slot = course.find_slot(instance.enclosing);
    const store::Checkpoint* exit = course.find_exit(key_of(instance));
    if (!slot || *slot >= slots.size() || exit == nullptr || !exit->kept) continue;
    skipped.insert(key_of(instance));
    const double saved = seconds_between(start_of(instance), instance.ended_ns);
    slots[*slot] = std::max(0.0, slots[*slot] - saved) + restore_seconds(*exit);
  }
}

}  // namespace

double restore_seconds(const store::Checkpoint& checkpoint) {
  double bytes = 0;
  for (const store::Leaf& leaf : checkpoint.leaves) bytes += static_cast<double>(leaf.bytes);
  return kRestoreSeconds + bytes * kRestoreSecondsPerByte;
}

Costs make_costs(const Course& course, const std::set<Gate::Loop>& skip_nested) {
  const store::Run& run = course.recorded().run;
  Costs costs;
  costs.start = kStartSeconds;
  costs.slots.assign(course.size(), 0.0);
  const auto& loops = course.loops();
  costs.slots[0] = seconds_between(run.started_ns, loops.empty() ? run.ended_ns : start_of(*loops.front().instance));
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const LoopInstance& instance = *loops[i].instance;
    const std::int64_t next = i + 1 < loops.size() ? start_of(*loops[i + 1].instance) : run.ended_ns;
    const std::int64_t ended = instance.ended_ns != 0 ? instance.ended_ns : next;
    const auto started = [&](std::uint64_t k) { return k < instance.started_ns.size() ? instance.started_ns[k] : ended; };
    for (std::uint64_t k = 0; k < loops[i].iterations(); ++k) {
      costs.slots[course.slot_of(i, k)] = seconds_between(started(k), started(k + 1));
    }
    if (loops[i].after_slot < course.size()) costs.slots[loops[i].after_slot] = seconds_between(ended, next);
  }
  double sum = 0;
  for (const double slot : costs.slots) sum += slot;
  costs.full_run = std::max(seconds_between(run.started_ns, run.ended_ns), sum);
  leave_out_nested(course, skip_nested, costs.slots);
  return costs;
}

}  // namespace hindsight::replay

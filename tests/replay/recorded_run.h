// Recorded runs for tests, written down as they happened.
//
//   RecordedRun run;
//   run.main_loop("epoch", 4).heads({0, 2}).exit();
//   run.nested("step", 3);          // in every epoch
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/plan.h"

namespace hindsight::replay {

class RecordedRun {
 public:
  static constexpr std::int64_t kSecond = 1'000'000'000;

  RecordedRun() {
    recorded.run.id = {7};
    recorded.run.state = store::RunState::kFinished;
    recorded.run.started_ns = now = 1000 * kSecond;
    pass(1);
  }

  // Time goes by outside of loops (or in the iteration that was begun last).
  RecordedRun& pass(double seconds) {
    now += static_cast<std::int64_t>(seconds * static_cast<double>(kSecond));
    recorded.run.ended_ns = now;
    return *this;
  }

  // A main loop; `seconds` per iteration, the i-th taking (1 + i/8) times as long.
  RecordedRun& main_loop(const std::string& name, std::uint64_t iterations, double seconds = 1, store::Position enclosing = {}) {
    store::LoopInstance loop;
    loop.number = recorded.loops.size();
    loop.enclosing = std::move(enclosing);
    loop.loop = name;
    for (const store::LoopInstance& other : recorded.loops) {
      if (other.loop == name && other.enclosing == loop.enclosing) ++loop.entry;
    }
    for (std::uint64_t i = 0; i < iterations; ++i) {
      loop.labels.push_back(static_cast<std::int64_t>(i));
      loop.started_ns.push_back(now);
      pass(seconds * (1 + static_cast<double>(i) / 8));
    }
    loop.ended_ns = now;
    loop.end = store::LoopInstance::End::kFinished;
    recorded.loops.push_back(loop);
    main = recorded.loops.size() - 1;
    pass(0.5);
    return *this;
  }

  // In every iteration of the newest main loop: a nested loop that takes nine tenths of its time, with its exit kept.
  RecordedRun& nested(const std::string& name, std::uint64_t iterations, bool exit_kept = true) {
    const store::LoopInstance outer = recorded.loops[main];
    for (std::uint64_t k = 0; k < outer.labels.size(); ++k) {
      const std::int64_t end = k + 1 < outer.labels.size() ? outer.started_ns[k + 1] : outer.ended_ns;
      store::LoopInstance loop;
      loop.number = recorded.loops.size();
      loop.enclosing = outer.enclosing;
      loop.enclosing.push_back({outer.loop, outer.entry, k, outer.labels[k]});
      loop.loop = name;
      loop.labels.assign(iterations, std::nullopt);
      loop.started_ns.assign(iterations, outer.started_ns[k]);
      loop.ended_ns = outer.started_ns[k] + (end - outer.started_ns[k]) * 9 / 10;
      loop.end = store::LoopInstance::End::kFinished;
      recorded.loops.push_back(loop);
      checkpoint(loop, store::PointKind::kHead, 0, false);
      checkpoint(loop, store::PointKind::kExit, iterations, exit_kept);
    }
    return *this;
  }

  RecordedRun& heads(const std::vector<std::uint64_t>& ordinals, bool kept = true) {
    for (const std::uint64_t ordinal : ordinals) checkpoint(recorded.loops[main], store::PointKind::kHead, ordinal, kept);
    return *this;
  }
  RecordedRun& exit(bool kept = true) {
    const store::LoopInstance& loop = recorded.loops[main];
    checkpoint(loop, store::PointKind::kExit, loop.labels.size(), kept);
    return *this;
  }

  void checkpoint(const store::LoopInstance& loop, store::PointKind kind, std::uint64_t ordinal, bool kept) {
    store::Checkpoint checkpoint;
    checkpoint.number = recorded.checkpoints.size();
    checkpoint.point = {loop.enclosing, loop.loop, loop.entry, ordinal, kind, loop.thread};
    checkpoint.kept = kept;
    checkpoint.leaves = {{"net.weight", store::DType::kF32, {250}, 1000, {1, checkpoint.number + 1}}};
    recorded.checkpoints.push_back(checkpoint);
  }

  Recorded recorded;
  std::int64_t now = 0;
  std::size_t main = 0;  // index of the newest main loop
};

// A probe that the loops named can reach.
inline Placement probe_in(std::set<std::string> loops) {
  Placement placement;
  placement.probe = {{1, 2}};
  placement.nest.assign(loops.begin(), loops.end());
  placement.reached_from = std::move(loops);
  return placement;
}

// A probe in main, outside every loop.
inline Placement probe_outside() {
  Placement placement = probe_in({});
  placement.before_first_loop = placement.after_last_loop = true;
  return placement;
}

inline Gate complete(const std::vector<std::string>& loops) {
  Gate gate;
  for (const std::string& loop : loops) gate.loops[{loop}];
  return gate;
}

}  // namespace hindsight::replay

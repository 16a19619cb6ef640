// The planner against all plans there are, over all small runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "replay/cost.h"
#include "replay/course.h"
#include "replay/plan.h"
#include "tests/replay/recorded_run.h"

namespace hindsight::replay {
namespace {

using store::Checkpoint;
using store::Coverage;
using store::PointKind;
using Mask = std::uint32_t;  // of slots: before, iterations, after, iterations, after

// What a worker does at head 0 of one main loop.
struct Choice {
  enum class Kind { kRun, kEnter, kSkip } kind = Kind::kRun;
  std::uint64_t head = 0;
};

// A run of one or two main loops, walked by its own rules: no code is shared with the planner but the prices.
class Model {
 public:
  Model(const Recorded& recorded, bool may_jump) : recorded_(recorded), may_jump_(may_jump), costs_(make_costs(Course(recorded), {})) {}

  std::size_t slots() const {
    std::size_t count = 1;
    for (const store::LoopInstance& loop : recorded_.loops) count += loop.labels.size() + 1;
    return count;
  }

  const Checkpoint* find(std::size_t loop, PointKind kind, std::uint64_t ordinal) const {
    for (const Checkpoint& checkpoint : recorded_.checkpoints) {
      const bool same_loop = checkpoint.point.loop == recorded_.loops[loop].loop;
      if (same_loop && checkpoint.point.kind == kind && checkpoint.point.ordinal == ordinal) return &checkpoint;
    }
    return nullptr;
  }

  std::vector<Choice> choices(std::size_t loop) const {
    std::vector<Choice> all = {{}};
    const std::uint64_t iterations = recorded_.loops[loop].labels.size();
    for (std::uint64_t head = 1; may_jump_ && head < iterations; ++head) {
      const Checkpoint* state = find(loop, PointKind::kHead, head);
      if (state != nullptr && state->kept) all.push_back({Choice::Kind::kEnter, head});
    }
    const Checkpoint* exit = find(loop, PointKind::kExit, iterations);
    if (may_jump_ && exit != nullptr && exit->kept) all.push_back({Choice::Kind::kSkip, 0});
    return all;
  }

  // Can a worker end before this slot, or at the process's end?
  bool can_end(std::size_t boundary) const {
    if (boundary == slots()) return true;
    std::size_t first = 1;
    for (std::size_t i = 0; i < recorded_.loops.size(); ++i) {
      const std::uint64_t iterations = recorded_.loops[i].labels.size();
      if (first <= boundary && boundary < first + iterations) return find(i, PointKind::kHead, boundary - first) != nullptr;
      if (boundary == first + iterations) return find(i, PointKind::kExit, iterations) != nullptr;
      first += iterations + 1;
    }
    return false;
  }

  struct Worker {
    Mask ran = 0;
    double cost = 0;
    bool possible = true;
  };
  Worker walk(const std::vector<Choice>& made, std::size_t end) const {
    Worker worker{.ran = 0, .cost = costs_.start};
    const auto run = [&](std::size_t slot) {
      if (slot >= end) return;
      worker.ran |= Mask{1} << slot;
      worker.cost += costs_.slots[slot];
    };
    run(0);
    std::size_t first = 1;
    for (std::size_t i = 0; i < recorded_.loops.size(); ++i) {
      const std::uint64_t iterations = recorded_.loops[i].labels.size();
      std::uint64_t from = 0;
      if (made[i].kind != Choice::Kind::kRun) {
        const bool skip = made[i].kind == Choice::Kind::kSkip;
        from = skip ? iterations : made[i].head;
        const Checkpoint* state = find(i, skip ? PointKind::kExit : PointKind::kHead, from);
        if (state == nullptr || !state->kept || !may_jump_) return {.possible = false};
        // A jump across the point where the worker is to end leads past it.
        if (first < end && end < first + from) return {.possible = false};
        if (first < end) worker.cost += restore_seconds(*state);
      }
      for (std::uint64_t k = from; k < iterations; ++k) run(first + k);
      run(first + iterations);
      first += iterations + 1;
    }
    return worker;
  }

  std::vector<Worker> all_workers() const {
    std::vector<Worker> workers;
    std::vector<std::vector<Choice>> made = {{}};
    for (std::size_t i = 0; i < recorded_.loops.size(); ++i) {
      std::vector<std::vector<Choice>> longer;
      for (const auto& head : made) {
        for (const Choice& choice : choices(i)) {
          longer.push_back(head);
          longer.back().push_back(choice);
        }
      }
      made = longer;
    }
    for (const auto& each : made) {
      for (std::size_t end = 1; end <= slots(); ++end) {
        if (!can_end(end)) continue;
        const Worker worker = walk(each, end);
        if (worker.possible) workers.push_back(worker);
      }
    }
    return workers;
  }

  // The least cost of answering each set of slots, by any workers whatever.
  std::vector<double> cheapest() const {
    const std::vector<Worker> workers = all_workers();
    std::vector<double> best(std::size_t{1} << slots(), std::numeric_limits<double>::infinity());
    best[0] = 0;
    for (Mask wanted = 1; wanted < best.size(); ++wanted) {
      for (const Worker& worker : workers) {
        if ((worker.ran & wanted) != 0) best[wanted] = std::min(best[wanted], worker.cost + best[wanted & ~worker.ran]);
      }
    }
    return best;
  }

  Mask mask_of(const Stretch& stretch) const {
    if (stretch.loop_instance == Coverage::kNoLoop) return stretch.first == 0 ? 1 : Mask{1} << (slots() - 1);
    std::size_t first = 1;
    for (const store::LoopInstance& loop : recorded_.loops) {
      if (loop.number == stretch.loop_instance) break;
      first += loop.labels.size() + 1;
    }
    Mask mask = 0;
    for (std::uint64_t k = stretch.first; k < stretch.last; ++k) mask |= Mask{1} << (first + k);
    return mask;
  }

  // What a segment does, read from its fields.
  Worker follow(const Segment& segment, Mask asked) const {
    std::vector<Choice> made;
    for (const store::LoopInstance& loop : recorded_.loops) {
      Choice choice;
      if (segment.skip_instances.contains(loop.number)) choice.kind = Choice::Kind::kSkip;
      if (const auto enter = segment.enters.find(loop.number); enter != segment.enters.end()) {
        if (choice.kind == Choice::Kind::kSkip) return {.possible = false};
        choice = {Choice::Kind::kEnter, enter->second};
      }
      made.push_back(choice);
    }
    std::size_t end = 1;
    while (asked >> end != 0 || !can_end(end)) ++end;
    return walk(made, end);
  }

 private:
  const Recorded& recorded_;
  bool may_jump_;
  Costs costs_;
};

// The answers that are there already leave exactly `wanted` to be asked.
Question question_for(const Recorded& recorded, Mask wanted) {
  Placement probe = probe_outside();
  probe.reached_from.reset();
  Question question{.probes = {probe}, .where = {}, .answered = {}, .enter = false};
  const auto answer = [&](std::uint64_t loop, std::uint64_t k) {
    question.answered.push_back({recorded.run.id, probe.probe, loop, k, k + 1, {1}, true});
  };
  std::size_t slot = 0;
  if ((wanted >> slot++ & 1) == 0) answer(Coverage::kNoLoop, 0);
  for (const store::LoopInstance& loop : recorded.loops) {
    for (std::uint64_t k = 0; k <= loop.labels.size(); ++k, ++slot) {
      if ((wanted >> slot & 1) != 0) continue;
      const bool last = k == loop.labels.size() && loop.number + 1 == recorded.loops.size();
      last ? answer(Coverage::kNoLoop, 1) : answer(loop.number, k);
    }
  }
  return question;
}

std::size_t checked = 0;

void check_all_wants(const Recorded& recorded, bool may_jump) {
  const Model model(recorded, may_jump);
  const Gate gate = may_jump ? complete({"a", "b"}) : Gate{};
  const std::vector<double> best = model.cheapest();
  for (Mask wanted = 0; wanted < best.size(); ++wanted) {
    const Question question = question_for(recorded, wanted);
    for (const unsigned workers : {1U, 3U}) {
      SCOPED_TRACE(::testing::Message() << "wanted " << wanted << ", workers " << workers);
      const Plan plan = make_plan(question, recorded, gate, workers);
      Mask covered = 0;
      double total = 0;
      double longest = 0;
      for (const Segment& segment : plan.segments) {
        Mask asked = 0;
        for (const Stretch& stretch : segment.asked) {
          ASSERT_EQ(asked & model.mask_of(stretch), 0U) << "asked twice within a segment";
          asked |= model.mask_of(stretch);
        }
        ASSERT_EQ(covered & asked, 0U) << "asked of two segments";
        covered |= asked;
        const Model::Worker worker = model.follow(segment, asked);
        ASSERT_TRUE(worker.possible) << "enters or skips without a kept state";
        ASSERT_EQ(asked & ~worker.ran, 0U) << "asked for but not run";
        ASSERT_NEAR(segment.estimated_seconds, worker.cost, 1e-9);
        total += worker.cost;
        longest = std::max(longest, worker.cost);
      }
      ASSERT_EQ(covered, wanted);
      if (workers == 1) {
        ASSERT_NEAR(total, best[wanted], 1e-9) << "there is a cheaper plan";
      } else {
        ASSERT_LE(longest, best[wanted] + 1e-9) << "more workers take longer than one";
        ASSERT_LE(plan.segments.size(), std::max<std::size_t>(workers, static_cast<std::size_t>(std::popcount(wanted))));
      }
      ++checked;
    }
  }
}

TEST(PlanBruteForce, NoPlanIsCheaperOverAllRunsOfOneLoop) {
  for (const double seconds : {0.02, 0.1, 2.0}) {
    for (std::uint64_t iterations = 0; iterations <= 6; ++iterations) {
      const std::uint64_t heads = iterations == 0 ? 0 : iterations - 1;  // besides head 0
      for (std::uint64_t kept = 0; kept < std::uint64_t{1} << heads; ++kept) {
        for (const int exit : {0, 1, 2}) {  // none, hashes, kept
          RecordedRun run;
          run.main_loop("a", iterations, seconds);
          if (iterations > 0) run.heads({0});
          for (std::uint64_t k = 0; k < heads; ++k) {
            if ((kept >> k & 1) != 0) run.heads({k + 1});
          }
          if (exit > 0 && iterations > 0) run.exit(exit == 2);
          SCOPED_TRACE(::testing::Message() << iterations << " iterations, kept heads " << kept << ", exit " << exit);
          ASSERT_NO_FATAL_FAILURE(check_all_wants(run.recorded, true));
        }
      }
    }
  }
  EXPECT_GT(checked, 50'000U);
}

TEST(PlanBruteForce, NoPlanIsCheaperWhenNothingMayBeJumped) {
  for (std::uint64_t iterations = 1; iterations <= 5; ++iterations) {
    RecordedRun run;
    run.main_loop("a", iterations, 0.1);
    for (std::uint64_t k = 0; k < iterations; ++k) run.heads({k});
    run.exit();
    ASSERT_NO_FATAL_FAILURE(check_all_wants(run.recorded, false));
  }
}

TEST(PlanBruteForce, NoPlanIsCheaperOverRunsOfTwoLoops) {
  for (const double seconds : {0.05, 1.0}) {
    for (std::uint64_t first = 1; first <= 3; ++first) {
      for (std::uint64_t second = 1; second <= 2; ++second) {
        for (std::uint64_t code = 0; code < 64; ++code) {
          RecordedRun run;
          run.main_loop("a", first, seconds).heads({0});
          for (std::uint64_t k = 1; k < first; ++k) {
            if ((code >> (k - 1) & 1) != 0) run.heads({k}, (code & 32) == 0);
          }
          if ((code & 4) != 0) run.exit();
          run.main_loop("b", second, seconds).heads({0});
          if ((code & 8) != 0 && second > 1) run.heads({1});
          if ((code & 16) != 0) run.exit();
          SCOPED_TRACE(::testing::Message() << first << " and " << second << " iterations, code " << code);
          ASSERT_NO_FATAL_FAILURE(check_all_wants(run.recorded, true));
        }
      }
    }
  }
}

}  // namespace
}  // namespace hindsight::replay

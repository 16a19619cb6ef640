#include "replay/added.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replay/recorded_run.h"

namespace hindsight::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const std::string kNote = "not in the state of loop 'epoch', but changed while it ran, and is part of it from there on: ";

std::vector<std::size_t> kept(const Recorded& recorded) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < recorded.checkpoints.size(); ++i) {
    if (recorded.checkpoints[i].kept) numbers.push_back(i);
  }
  return numbers;
}

TEST(Added, IsWhatTheNotesSayOnce) {
  store::Run run;
  run.notes = {"something else", kNote + "'rate'", kNote + "'this->it's'", kNote + "'rate'", kNote + "'one whose name was cut sh"};
  EXPECT_THAT(added_to_states(run), ElementsAre(Pair("epoch", "rate"), Pair("epoch", "this->it's"), Pair("epoch", "one whose name was cut sh")));
}

TEST(Added, OnlyStatesThatHaveItAreEnteredAndSkippedBy) {
  RecordedRun run;
  run.main_loop("epoch", 4).heads({0, 1, 2, 3}).exit();
  run.nested("step", 3);
  run.main_loop("tune", 2).heads({0}).exit();
  Gate gate = complete({"epoch", "step", "tune"});
  // Heads 2 and 3, the exit, and the exit of the last nested loop (0..4 are the heads and the exit, 5..12 the nested ones, 13 and 14 the other loop).
  const auto add = [&](std::size_t number, const char* path) { run.recorded.checkpoints[number].leaves.push_back({path, store::DType::kF64, {}, 8, {1, 1}}); };
  add(2, "rate.(added)");
  add(3, "rate.(added).0.x");
  add(4, "*rate.(added).to");
  add(12, "rate.(added)");
  add(1, "rates.(added)");
  add(0, "rate");
  leave_incomplete_states({{"epoch", "rate"}}, run.recorded, gate);
  EXPECT_THAT(kept(run.recorded), ElementsAre(2, 3, 4, 12, 13, 14));
  EXPECT_THAT(*gate.missing({"epoch"}), IsEmpty());
}

TEST(Added, WhatNoStateHasIsMissing) {
  RecordedRun run;
  run.main_loop("epoch", 4).heads({0, 1, 2, 3});
  run.main_loop("tune", 2).heads({0});
  Gate gate = complete({"epoch", "tune"});
  leave_incomplete_states({{"epoch", "rate"}}, run.recorded, gate);
  EXPECT_THAT(kept(run.recorded), ElementsAre(4));
  ASSERT_EQ(gate.missing({"epoch"})->size(), 1u);
  EXPECT_EQ(gate.missing({"epoch"})->front().variable, "rate");
  EXPECT_THAT(*gate.missing({"tune"}), IsEmpty());
}

}  // namespace
}  // namespace hindsight::replay

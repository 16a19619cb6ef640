// What the recorder keeps account of, without a store: notes, loops, how runs ended, how much memory states may take.
#include <gtest/gtest.h>

#include "runtime/host/loop_book.h"
#include "runtime/host/notes.h"
#include "runtime/host/outcome.h"
#include "runtime/host/pool_limit.h"

namespace hindsight::host::testing {
namespace {

using Lines = std::vector<std::string>;

store::Point head(std::uint64_t ordinal) {
  return {
      .enclosing = {}, .loop = "epoch", .entry = 0, .ordinal = ordinal, .kind = store::PointKind::kHead, .thread = 0};
}

TEST(Notes, AreSaidOnceAndCounted) {
  Lines notes = {"first"};
  add_note(notes, "first");
  add_note(notes, "fir");
  for (int i = 0; i < 3; ++i) add_note(notes, "first");
  EXPECT_EQ(notes, (Lines{"first (5 times)", "fir"}));
}

TEST(Notes, SkippedStatesAreCountedByReason) {
  Lines notes;
  add_skipped(notes, head(3), "pool full");
  EXPECT_EQ(notes, (Lines{"1 state was not captured, at " + to_string(head(3)) + ": pool full"}));
  for (std::uint64_t i = 4; i < 15; ++i) add_skipped(notes, head(i), "pool full");
  add_skipped(notes, head(9), "another: pool full");
  add_skipped(notes, head(20), "pool full");
  EXPECT_EQ(notes, (Lines{"13 states were not captured, the first at " + to_string(head(3)) + ": pool full",
                          "1 state was not captured, at " + to_string(head(9)) + ": another: pool full"}));
}

TEST(Notes, DoNotGrowForEver) {
  Lines notes;
  for (int i = 0; i < 10'000; ++i) add_note(notes, "reason " + std::to_string(i));
  EXPECT_LT(notes.size(), 300u);
  EXPECT_EQ(notes.back(), "further notes were left out");
}

// ---- loops ---------------------------------------------------------------------------------------------------------

struct LoopBookTest : ::testing::Test {
  LoopBook book;
  void iterate(store::Position position, std::int64_t clock = 0) {
    IterationEvent event;
    event.position = std::move(position);
    event.clock_ns = clock;
    book.begin_iteration(event, {"train.cc", 3});
  }
  void end(store::Position enclosing, std::string loop, wire::LoopEndKind how = wire::LoopEndKind::kFinished) {
    LoopEndEvent event;
    event.point.enclosing = std::move(enclosing);
    event.point.loop = std::move(loop);
    event.point.kind = store::PointKind::kExit;
    event.how = how;
    event.clock_ns = 99;
    book.end_loop(event);
  }
  static store::Level level(std::string loop, std::uint64_t ordinal, std::int64_t label = 7) {
    return {std::move(loop), 0, ordinal, label};
  }
};

TEST_F(LoopBookTest, NumbersInstancesInOrderOfEntry) {
  iterate({level("epoch", 0, 10)}, 5);
  iterate({level("epoch", 0), level("step", 0)});
  end({level("epoch", 0)}, "step");
  iterate({level("epoch", 1, 11)}, 6);
  iterate({level("epoch", 1), level("step", 0)});
  const auto loops = book.changed(true);
  ASSERT_EQ(loops.size(), 3u);
  EXPECT_EQ(loops[0].loop, "epoch");
  EXPECT_EQ(loops[0].labels, (std::vector<std::optional<std::int64_t>>{10, 11}));
  EXPECT_EQ(loops[0].started_ns, (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(loops[0].end, store::LoopInstance::End::kRunning);
  EXPECT_EQ(loops[1].number, 1u);
  EXPECT_EQ(loops[1].end, store::LoopInstance::End::kFinished);
  EXPECT_EQ(loops[1].ended_ns, 99);
  EXPECT_EQ(loops[2].number, 2u);
  EXPECT_EQ(loops[2].enclosing.front().ordinal, 1u);
}

TEST_F(LoopBookTest, KnowsALoopThatDidNotGoRoundAtAll) {
  end({}, "epoch", wire::LoopEndKind::kAbandoned);
  const auto loops = book.changed(false);
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_TRUE(loops[0].labels.empty());
  EXPECT_EQ(loops[0].end, store::LoopInstance::End::kAbandoned);
}

TEST_F(LoopBookTest, ForgetsWhatEndedAndWasStored) {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    iterate({level("epoch", i)});
    iterate({level("epoch", i), level("step", 0)});
    end({level("epoch", i)}, "step");
    book.changed(false);
    book.taken(false);
  }
  EXPECT_EQ(book.open(), 1u);
}

TEST_F(LoopBookTest, GivesALongLoopOnlyAsItGrows) {
  std::size_t given = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    iterate({level("epoch", i)});
    given += book.changed(false).size();
    book.taken(false);
  }
  EXPECT_LT(given, 60u);
  const auto last = book.changed(true);
  ASSERT_LE(last.size(), 1u);
  end({}, "epoch");
  ASSERT_EQ(book.changed(false).size(), 1u);
  EXPECT_EQ(book.changed(false)[0].labels.size(), 10'000u);
}

TEST_F(LoopBookTest, ANonsensicalOrdinalTakesNoMemory) {
  iterate({level("epoch", std::uint64_t{1} << 60)});
  EXPECT_TRUE(book.changed(true).at(0).labels.empty());
}

// ---- ends ----------------------------------------------------------------------------------------------------------

struct Ending {
  const char* name;
  bool is_the_program;
  const char* ended;
  std::size_t runs;
  int exit_code;
  int signal;
  store::RunState state;
  int run_exit_code;
  int run_signal;
};

struct Outcome : ::testing::TestWithParam<Ending> {};

TEST_P(Outcome, IsSettled) {
  const Ending& ending = GetParam();
  store::Run run;
  run.host[kProcessId] = ending.is_the_program ? "100" : "101";
  run.host[kEnded] = ending.ended;
  ProcessExit exit;
  exit.pid = 100;
  exit.exit_code = ending.exit_code;
  exit.signal = ending.signal;
  const store::Run settled = settle(run, exit, ending.runs);
  EXPECT_EQ(settled.state, ending.state);
  EXPECT_EQ(settled.exit_code, ending.run_exit_code);
  EXPECT_EQ(settled.signal, ending.run_signal);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, Outcome,
    ::testing::Values(Ending{"ReturnsFromMain", true, kInOrder, 1, 0, 0, store::RunState::kFinished, 0, 0},
                      Ending{"ExitsWithACode", true, kInOrder, 1, 3, 0, store::RunState::kFinished, 3, 0},
                      Ending{"LeavesByUnderscoreExit", true, kAbruptly, 1, 4, 0, store::RunState::kFinished, 4, 0},
                      Ending{"IsKilled", true, kAbruptly, 1, 0, 9, store::RunState::kCrashed, 0, 9},
                      Ending{"IsKilledAfterItsEnd", true, kInOrder, 1, 0, 9, store::RunState::kCrashed, 0, 9},
                      Ending{"BehindAWrapper", false, kInOrder, 1, 5, 0, store::RunState::kFinished, 5, 0},
                      Ending{"KilledBehindAShell", false, kAbruptly, 1, 137, 0, store::RunState::kCrashed, 137, 9},
                      Ending{"OneOfSeveralInOrder", false, kInOrder, 3, 0, 0, store::RunState::kFinished, 0, 0},
                      Ending{"OneOfSeveralThatVanished", false, kAbruptly, 3, 0, 0, store::RunState::kCrashed, 0, 0}),
    [](const auto& way) { return way.param.name; });

// ---- memory --------------------------------------------------------------------------------------------------------

TEST(PoolLimit, IsAQuarterOfWhatIsFreeUnderEveryBound) {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  EXPECT_EQ(choose_pool_limit(8 * kGiB, {}), 2 * kGiB);
  EXPECT_EQ(choose_pool_limit(8 * kGiB, {{.limit = 5 * kGiB, .usage = kGiB}}), kGiB);
  EXPECT_EQ(choose_pool_limit(8 * kGiB, {{.limit = 100 * kGiB, .usage = kGiB}, {.limit = 5 * kGiB, .usage = kGiB}}),
            kGiB);
  EXPECT_EQ(choose_pool_limit(8 * kGiB, {{.limit = kGiB, .usage = 2 * kGiB}}), kLeastPool);
  EXPECT_EQ(choose_pool_limit(0, {}), kLeastPool);
}

TEST(PoolLimit, ReadsWhatTheKernelSays) {
  EXPECT_EQ(available_memory("MemTotal:  100 kB\nMemAvailable:   24 kB\nSwapFree: 1 kB\n"), std::uint64_t{24 * 1024});
  EXPECT_EQ(available_memory("MemTotal: 100 kB\n"), std::nullopt);
  EXPECT_EQ(available_memory("MemAvailable:"), std::nullopt);
  EXPECT_GE(measure_pool_limit(), kLeastPool);
}

}  // namespace
}  // namespace hindsight::host::testing

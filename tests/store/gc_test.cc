#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "store/retention.h"
#include "store/state_history.h"
#include "store/store.h"
#include "tests/store/support.h"

namespace hindsight::store {
namespace {

using test::Draw;
using test::need;

// Runs of one loop, whose states change little from one to the next, so that they are stored as chains of differences.
class Gc : public ::testing::Test {
 protected:
  Gc() : store_(need(Store::create(folder_ / "store"))) {}

  RunId record(int states) {
    WriteBatch batch = need(store_.write());
    store::Run run;
    run.state = RunState::kFinished;
    run.checkpoints = static_cast<std::uint64_t>(states);
    const RunId id = need(batch.put_run(run));
    StateHistory history(64 << 20);
    std::string weights = draw_.noise(300'000), small = draw_.noise(5'000);
    for (std::size_t i = 0; i < weights.size(); i += 4) weights[i + 3] = '\x3c';
    Series series;
    series.key.name = "loss";
    for (int i = 0; i < states; ++i) {
      Checkpoint checkpoint;
      checkpoint.point = {.enclosing = {}, .loop = "epoch", .entry = 0, .ordinal = static_cast<std::uint64_t>(i), .kind = PointKind::kHead, .thread = 0};
      if (i + 1 == states) checkpoint.point.kind = PointKind::kExit;
      const std::vector<LeafBytes> leaves = {{.path = "w", .dtype = DType::kF32, .shape = {75'000}, .bytes = weights},
                                             {.path = "b", .dtype = DType::kF32, .shape = {1'250}, .bytes = small}};
      checkpoint = need(batch.put_checkpoint(id, checkpoint, leaves, history));
      kept_.push_back({id, checkpoint, {weights, small}});
      for (std::size_t at = 0; at < weights.size(); at += 4) weights[at] = static_cast<char>(weights[at] + static_cast<char>(draw_.number(3)));
      small[draw_.number(small.size())] ^= 1;
      series.columns.append({}, 0, static_cast<std::uint64_t>(i), Status::kRecorded, 0, {.dtype = DType::kF64, .is_vector = false, .bytes = std::string(8, 'x')});
    }
    LoopInstance loop;
    loop.loop = "epoch";
    loop.labels.resize(static_cast<std::size_t>(states));
    loop.started_ns.resize(static_cast<std::size_t>(states));
    need(batch.put_loops(id, std::vector<LoopInstance>{loop}));
    need(batch.append_series(id, series));
    need(batch.commit());
    return id;
  }
  // Everything that was not given up comes back, and the rest still has its hashes.
  void expect_whole(const Unwanted& gone) {
    EXPECT_EQ(need(store_.check()).problems, std::vector<std::string>());
    for (const Kept& kept : kept_) {
      if (std::find(gone.runs.begin(), gone.runs.end(), kept.run) != gone.runs.end()) continue;
      const Checkpoint now = need(store_.checkpoints(kept.run))[kept.checkpoint.number];
      EXPECT_EQ(now.leaves, kept.checkpoint.leaves);
      EXPECT_EQ(now.digest, kept.checkpoint.digest);
      const bool is_gone = std::find(gone.checkpoints.begin(), gone.checkpoints.end(), std::pair(kept.run, kept.checkpoint.number)) != gone.checkpoints.end();
      EXPECT_EQ(now.kept, !is_gone);
      if (is_gone) continue;
      std::size_t next = 0;
      need(store_.read_state(kept.run, kept.checkpoint, [&](const Leaf&, std::string_view bytes) -> Result<void> {
        EXPECT_TRUE(bytes == kept.arrays[next]);
        ++next;
        return {};
      }));
    }
  }

  struct Kept {
    RunId run;
    Checkpoint checkpoint;
    std::vector<std::string> arrays;
  };
  test::TemporaryFolder folder_{true};
  Store store_;
  Draw draw_{test::seed()};
  std::vector<Kept> kept_;
};

TEST_F(Gc, WhateverIsGivenUpTheRestIsWhole) {
  for (int i = 0; i < 3; ++i) record(20);
  Unwanted gone;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 8; ++i) {
      const Kept& kept = kept_[draw_.number(kept_.size())];
      gone.checkpoints.emplace_back(kept.run, kept.checkpoint.number);
    }
    const std::uint64_t used = need(store_.used_bytes());
    const Collected freed = need(store_.collect(gone, false));
    EXPECT_LE(need(store_.used_bytes()), used + freed.bytes_added);
    expect_whole(gone);
  }
}

TEST_F(Gc, ToLookChangesNothing) {
  record(10);
  const std::uint64_t used = need(store_.used_bytes());
  const Unwanted unwanted{.checkpoints = {{RunId{1}, 0}, {RunId{1}, 3}}, .runs = {}};
  EXPECT_EQ(need(store_.collect(unwanted, true)).checkpoints, 2U);
  EXPECT_EQ(need(store_.used_bytes()), used);
  expect_whole({});
}

TEST_F(Gc, APurgedRunTakesItsValuesAndStatesWithItAndNothingOfOthers) {
  const RunId first = record(10), second = record(10);
  const Unwanted gone{.checkpoints = {}, .runs = {first}};
  const std::uint64_t used = need(store_.used_bytes());
  EXPECT_EQ(need(store_.collect(gone, false)).runs, 1U);
  EXPECT_LT(need(store_.used_bytes()), used * 6 / 10);
  expect_whole(gone);
  EXPECT_TRUE(need(store_.read_run(first)).purged);
  EXPECT_TRUE(need(store_.series_keys(first)).empty());
  EXPECT_TRUE(need(store_.checkpoints(first)).empty());
  EXPECT_EQ(need(store_.series_keys(second)).size(), 1U);
  EXPECT_EQ(need(store_.collect(gone, false)).runs, 0U) << "a second time there is nothing to do";
}

TEST_F(Gc, WhatAnUnfinishedBatchLeftBehindIsFreed) {
  record(3);
  const std::uint64_t used = need(store_.used_bytes());
  {
    // More than is held back: chunks are committed before the batch is.
    StateHistory history(1 << 30);
    WriteBatch batch = need(store_.write());
    const std::string bytes = draw_.noise(80 << 20);
    need(batch.put_checkpoint(RunId{1}, {}, std::vector<LeafBytes>{{.path = "x", .dtype = DType::kF32, .shape = {}, .bytes = bytes}}, history));
  }
  EXPECT_GT(need(store_.used_bytes()), used + (50 << 20));
  EXPECT_GT(need(store_.collect({}, false)).chunks, 50U);
  EXPECT_LT(need(store_.used_bytes()), used + (1 << 20));
  expect_whole({});
}

TEST_F(Gc, ARunThatIsRecordedOrNotThereIsRefused) {
  record(3);
  WriteBatch batch = need(store_.write());
  const RunId recording = need(batch.put_run({}));
  need(batch.commit());
  EXPECT_EQ(store_.collect({.checkpoints = {}, .runs = {recording}}, false).error().kind(), ErrorKind::kInvalid);
  EXPECT_FALSE(store_.collect({.checkpoints = {}, .runs = {RunId{9}}}, false));
  EXPECT_FALSE(store_.collect({.checkpoints = {{RunId{1}, 99}}, .runs = {}}, false));
  expect_whole({});
}

TEST_F(Gc, CompactingMakesTheFileSmallerAndLosesNothing) {
  const RunId first = record(30);
  record(5);
  const Unwanted gone{.checkpoints = {}, .runs = {first}};
  need(store_.collect(gone, false));
  const std::filesystem::path file = folder_ / "store" / "data.mdb";
  const std::uintmax_t before = std::filesystem::file_size(file);
  EXPECT_EQ(Store::compact(folder_ / "store").error().kind(), ErrorKind::kBusy) << "it is open";
  expect_whole(gone);
  { const Store closed = std::move(store_); }
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  need(Store::compact(folder_ / "store"));
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_LT(std::filesystem::file_size(file), before / 2);
  store_ = need(Store::open(folder_ / "store", Store::Access::kWrite));
  expect_whole(gone);
  record(5);
  expect_whole(gone);
}

TEST(Retention, GeometricSpacingKeepsTheFirstTheLastAndFewBetween) {
  std::vector<Checkpoint> checkpoints;
  LoopInstance epoch, step;
  epoch.loop = "epoch";
  step.loop = "step";
  for (std::uint64_t i = 0; i < 100; ++i) {
    Checkpoint head{.number = 2 * i, .point = {.enclosing = {}, .loop = "epoch", .entry = 0, .ordinal = i, .kind = PointKind::kHead, .thread = 0}, .kept = true, .leaves = {}, .digest = 0, .captured_ns = 0, .capture_cost_ns = 0};
    checkpoints.push_back(head);
    head.number = 2 * i + 1;
    head.point = {.enclosing = {{.loop = "epoch", .entry = 0, .ordinal = i, .label = {}}}, .loop = "step", .entry = 0, .ordinal = 10, .kind = PointKind::kExit, .thread = 0};
    checkpoints.push_back(head);
  }
  Checkpoint exit = checkpoints.front();
  exit.number = 200;
  exit.point.kind = PointKind::kExit;
  exit.point.ordinal = 100;
  checkpoints.push_back(exit);
  const auto stay = [&](Thinning how) {
    std::set<std::uint64_t> numbers;
    for (const Checkpoint& checkpoint : checkpoints) numbers.insert(checkpoint.number);
    for (const std::uint64_t number : find_thinned(checkpoints, {epoch, step}, how)) numbers.erase(number);
    return numbers;
  };
  EXPECT_EQ(stay(Thinning::kSpaced), (std::set<std::uint64_t>{0, 2 * 35, 2 * 67, 2 * 83, 2 * 91, 2 * 95, 2 * 97, 2 * 98, 2 * 99, 200}));
  EXPECT_EQ(stay(Thinning::kEnds), (std::set<std::uint64_t>{0, 200}));
  EXPECT_TRUE(find_thinned({}, {}, Thinning::kSpaced).empty());
}

}  // namespace
}  // namespace hindsight::store

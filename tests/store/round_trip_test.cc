#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <thread>

#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class RoundTrip : public testing::Test {
 protected:
  void SetUp() override { store_.emplace(need(Store::create(folder_ / "s"))); }
  void reopen() {
    store_.reset();
    store_.emplace(need(Store::open(folder_ / "s", Store::Access::kWrite)));
  }
  RunId a_run() {
    WriteBatch batch = need(store_->write());
    const RunId run = need(batch.put_run({}));
    need(batch.commit());
    return run;
  }
  void expect_clean() {
    const Store::Findings findings = need(store_->check());
    EXPECT_THAT(findings.problems, IsEmpty());
  }
  TemporaryFolder folder_;
  std::optional<Store> store_;
  Draw draw_{seed()};
};

Value f64(double number) {
  Value value{.dtype = DType::kF64, .is_vector = false, .bytes = std::string(8, '\0')};
  std::memcpy(value.bytes.data(), &number, 8);
  return value;
}

TEST_F(RoundTrip, ANewStoreIsEmptyAndClean) {
  EXPECT_THAT(need(store_->versions()), IsEmpty());
  EXPECT_THAT(need(store_->runs()), IsEmpty());
  EXPECT_THAT(need(store_->probes()), IsEmpty());
  EXPECT_THAT(need(store_->replays()), IsEmpty());
  expect_clean();
}

TEST_F(RoundTrip, VersionsComeBackAsTheyWerePut) {
  std::vector<Version> put;
  std::set<VersionId> known;
  while (put.size() < 20) {
    const Version drawn = draw_.version();
    if (!known.insert(drawn.id).second) continue;  // extreme ids are drawn often, and one id is one version
    WriteBatch batch = need(store_->write());
    put.push_back(need(batch.put_version(drawn)));
    need(batch.commit());
  }
  reopen();
  EXPECT_EQ(need(store_->versions()), put);
  for (const Version& version : put) EXPECT_EQ(need(store_->read_version(version.id)), version);
  expect_clean();
}

TEST_F(RoundTrip, AVersionPutAgainKeepsItsNumberAndTakesTheNewReports) {
  Version version = draw_.version();
  version.id = {};
  WriteBatch batch = need(store_->write());
  const Version first = need(batch.put_version(version));
  EXPECT_EQ(first.id, version_id(version));
  version.unit_reports = "[1]";
  version.build = {1, 2};
  version.created_ns = first.created_ns + 1;
  const Version again = need(batch.put_version(version));
  need(batch.commit());
  EXPECT_EQ(again.number, first.number);
  EXPECT_EQ(again.unit_reports, "[1]");
  EXPECT_EQ(again.created_ns, first.created_ns);
  EXPECT_EQ(need(store_->versions()), std::vector{again});
  expect_clean();
}

TEST_F(RoundTrip, RunsComeBackAsTheyWerePutAndReplaced) {
  std::vector<store::Run> put;
  for (int i = 0; i < 20; ++i) {
    WriteBatch batch = need(store_->write());
    store::Run run = draw_.run({});
    run.id = need(batch.put_run(run));
    EXPECT_EQ(run.id.number, static_cast<std::uint64_t>(i) + 1);
    put.push_back(run);
    store::Run& changed = put[draw_.number(put.size())];
    const RunId id = changed.id;
    changed = draw_.run({});
    changed.id = id;
    EXPECT_EQ(need(batch.put_run(changed)), id);
    need(batch.commit());
  }
  reopen();
  EXPECT_EQ(need(store_->runs()), put);
  EXPECT_EQ(need(store_->read_run(RunId{7})), put[6]);
  expect_clean();
}

TEST_F(RoundTrip, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(store_->read_run(RunId{1}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->loops(RunId{1}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->series_keys(RunId{0}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->read_version({{1, 2}}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(store_->read_blob({1, 2}).error().kind(), ErrorKind::kNotFound);
  WriteBatch batch = need(store_->write());
  store::Run run;
  run.id = {9};
  EXPECT_EQ(batch.put_run(run).error().kind(), ErrorKind::kNotFound);
  run = {};
  run.version = {{1, 2}};
  EXPECT_EQ(batch.put_run(run).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(batch.append_series(RunId{1}, {{}, draw_.columns({}, 1)}).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(batch.remove_probe({{1, 2}}).error().kind(), ErrorKind::kNotFound);
}

TEST_F(RoundTrip, SeriesAppendedInAnyPortionsComeBackJoinedInOrder) {
  const RunId run = a_run();
  std::map<SeriesKey, SeriesColumns> expected;
  std::vector<SeriesKey> keys;
  for (int i = 0; i < 12; ++i) {
    keys.push_back(draw_.series_key());
    keys.back().name += std::to_string(i);
  }
  for (int round = 0; round < 40; ++round) {
    WriteBatch batch = need(store_->write());
    for (std::uint64_t i = draw_.number(4); i > 0; --i) {
      const SeriesKey& key = keys[draw_.number(keys.size())];
      const SeriesColumns rows = draw_.columns(key, draw_.number(draw_.coin() ? 4 : 200));
      need(batch.append_series(run, {key, rows}));
      if (rows.size() == 0) continue;
      SeriesColumns& all = expected[key];
      for (std::size_t row = 0; row < rows.size(); ++row) {
        all.append(rows.position(row, key.nest), rows.seq[row], rows.order[row], rows.status[row], rows.segment[row],
                   rows.value(row, key));
      }
    }
    need(batch.commit());
  }
  reopen();
  const std::vector<Series> all = need(store_->read_series(run, nullptr));
  ASSERT_EQ(all.size(), expected.size());
  for (const Series& series : all) EXPECT_EQ(series.columns, expected.at(series.key)) << series.key.name;
  const SeriesKey wanted = all[0].key;
  const std::vector<Series> one = need(store_->read_series(run, [&](const SeriesKey& key) { return key == wanted; }));
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].columns, expected.at(wanted));
  expect_clean();
}

TEST_F(RoundTrip, FloatingPointBitsSurviveWhateverTheyMean) {
  const RunId run = a_run();
  const SeriesKey key{.name = "x", .nest = {}, .thread = 0, .dtype = DType::kF64, .is_vector = false, .site = {},
                      .is_argument = false, .is_draw = false, .replay = {}, .probe = {}};
  double payload;
  const std::uint64_t signalling = 0x7ff0'0000'dead'beefULL;
  std::memcpy(&payload, &signalling, 8);
  SeriesColumns rows;
  for (const double number : {0.0, -0.0, std::nan(""), -std::nan("7"), HUGE_VAL, -HUGE_VAL, payload, 1e-310}) {
    rows.append({}, 0, 0, Status::kRecorded, 0, f64(number));
  }
  WriteBatch batch = need(store_->write());
  need(batch.append_series(run, {key, rows}));
  need(batch.commit());
  EXPECT_EQ(need(store_->read_series(run, nullptr))[0].columns.scalars, rows.scalars);
}

TEST_F(RoundTrip, UnevenColumnsAreRefused) {
  const RunId run = a_run();
  const SeriesKey key{.name = "x", .nest = {"epoch"}, .thread = 0, .dtype = DType::kF32, .is_vector = false, .site = {},
                      .is_argument = false, .is_draw = false, .replay = {}, .probe = {}};
  WriteBatch batch = need(store_->write());
  SeriesColumns good = draw_.columns(key, 5);
  const auto refused = [&](auto change) {
    SeriesColumns rows = good;
    change(rows);
    Result<void> done = batch.append_series(run, {key, rows});
    return !done && done.error().kind() == ErrorKind::kInvalid;
  };
  EXPECT_TRUE(refused([](SeriesColumns& rows) { rows.order.pop_back(); }));
  EXPECT_TRUE(refused([](SeriesColumns& rows) { rows.levels.clear(); }));
  EXPECT_TRUE(refused([](SeriesColumns& rows) { rows.levels[0].label.push_back(1); }));
  EXPECT_TRUE(refused([](SeriesColumns& rows) { rows.scalars.clear(); }));
  EXPECT_TRUE(refused([](SeriesColumns& rows) { rows.scalars[2] = 1ULL << 40; }));
  EXPECT_TRUE(refused([](SeriesColumns& rows) { rows.append({{"epoch", 0, 1, {}}}, 0, 0, {}, 0, f64(1)), rows.scalars.pop_back(); }));
  EXPECT_TRUE(refused([](SeriesColumns& rows) {
    rows.append({{"epoch", 0, 1, {}}}, 0, 0, Status::kRecorded, 0, {.dtype = DType::kF32, .is_vector = false, .bytes = "ab"});
  }));
  EXPECT_TRUE(batch.append_series(run, {key, good}));
}

TEST_F(RoundTrip, LoopsAreReplacedByNumber) {
  const RunId run = a_run();
  std::map<std::uint64_t, LoopInstance> expected;
  for (int round = 0; round < 10; ++round) {
    std::vector<LoopInstance> put;
    for (std::uint64_t i = 0; i < 5; ++i) {
      put.push_back(draw_.loop(draw_.number(12)));
      expected[put.back().number] = put.back();
    }
    WriteBatch batch = need(store_->write());
    need(batch.put_loops(run, put));
    need(batch.commit());
  }
  reopen();
  std::vector<LoopInstance> all;
  for (const auto& [number, loop] : expected) all.push_back(loop);
  EXPECT_EQ(need(store_->loops(run)), all);
  expect_clean();
}

TEST_F(RoundTrip, CheckpointsComeBackWithEveryByte) {
  const RunId run = a_run();
  struct Put {
    Checkpoint checkpoint;
    std::vector<OwnedLeaf> leaves;
  };
  std::vector<Put> put;
  std::vector<OwnedLeaf> leaves = draw_leaves(draw_, 20, 2 << 20);
  leaves.push_back({.path = "exactly one chunk", .dtype = DType::kU8, .shape = {}, .bytes = draw_.bytes(256 << 10)});
  leaves.push_back({.path = "one more byte", .dtype = DType::kU8, .shape = {}, .bytes = draw_.bytes((256 << 10) + 1)});
  leaves.push_back({.path = "inline", .dtype = DType::kU8, .shape = {}, .bytes = draw_.bytes(512)});
  leaves.push_back({.path = "empty", .dtype = DType::kF32, .shape = {0, 3}, .bytes = {}});
  for (int i = 0; i < 6; ++i) {
    for (int change = 0; change < 4; ++change) {
      std::string& bytes = leaves[draw_.number(leaves.size())].bytes;
      if (!bytes.empty()) bytes[draw_.number(bytes.size())] ^= 1;
    }
    WriteBatch batch = need(store_->write());
    put.push_back({need(batch.put_checkpoint(run, draw_.checkpoint(), borrow(leaves))), leaves});
    EXPECT_EQ(put.back().checkpoint.number, static_cast<std::uint64_t>(i));
    need(batch.commit());
  }
  reopen();
  const std::vector<Checkpoint> all = need(store_->checkpoints(run));
  ASSERT_EQ(all.size(), put.size());
  for (std::size_t i = 0; i < put.size(); ++i) {
    EXPECT_EQ(all[i], put[i].checkpoint);
    std::size_t next = 0;
    const auto sink = [&](const Leaf& leaf, std::string_view bytes) -> Result<void> {
      EXPECT_EQ(leaf, put[i].checkpoint.leaves[next]);
      EXPECT_EQ(leaf.hash, hash_bytes(bytes));
      EXPECT_TRUE(bytes == put[i].leaves[next].bytes) << leaf.path;
      ++next;
      return {};
    };
    Result<void> read = store_->read_state(run, all[i], sink);
    EXPECT_EQ(read.has_value(), all[i].kept);
    EXPECT_EQ(next, all[i].kept ? leaves.size() : 0);
    EXPECT_TRUE(read || read.error().kind() == ErrorKind::kInvalid);
  }
  expect_clean();
}

TEST_F(RoundTrip, AnErrorOfTheSinkEndsReadingAState) {
  const RunId run = a_run();
  const std::vector<OwnedLeaf> leaves = draw_leaves(draw_, 4, 1000);
  WriteBatch batch = need(store_->write());
  const Checkpoint checkpoint = need(batch.put_checkpoint(run, {}, borrow(leaves)));
  need(batch.commit());
  int calls = 0;
  Result<void> read = store_->read_state(run, checkpoint, [&](const Leaf&, std::string_view) -> Result<void> {
    return ++calls == 2 ? Result<void>(Error(ErrorKind::kBusy, "enough")) : Result<void>();
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), ErrorKind::kBusy);
  EXPECT_EQ(calls, 2);
  Checkpoint other = checkpoint;
  other.point.ordinal = 77;
  EXPECT_EQ(store_->read_state(run, other, nullptr).error().kind(), ErrorKind::kInvalid);
}

TEST_F(RoundTrip, DigestsComeBackInTheOrderOfTheirCapture) {
  const RunId run = a_run();
  std::vector<SmallDigest> expected;
  for (int round = 0; round < 8; ++round) {
    std::vector<SmallDigest> put;
    for (std::uint64_t i = draw_.number(100); i > 0; --i) put.push_back({draw_.point(), draw_.bits()});
    WriteBatch batch = need(store_->write());
    need(batch.put_digests(run, put));
    need(batch.commit());
    expected.insert(expected.end(), put.begin(), put.end());
  }
  EXPECT_EQ(need(store_->digests(run)), expected);
  expect_clean();
}

TEST_F(RoundTrip, ProbesAreListedByCreationAndARemovedOneKeepsItsAnswers) {
  const RunId run = a_run();
  std::vector<Probe> put;
  std::set<ProbeId> known;
  while (put.size() < 10) {
    const Probe drawn = draw_.probe();
    if (known.insert(drawn.id).second) put.push_back(drawn);
  }
  WriteBatch batch = need(store_->write());
  for (const Probe& probe : put) need(batch.put_probe(probe));
  const ReplayId replay = need(batch.put_replay(draw_.replay(run, {put[3].id})));
  const Coverage coverage{.run = run, .probe = put[3].id, .loop_instance = 0, .first = 0, .last = 9, .replay = replay, .exact = true};
  need(batch.put_coverage(coverage));
  need(batch.remove_probe(put[3].id));
  EXPECT_EQ(batch.remove_probe(put[3].id).error().kind(), ErrorKind::kNotFound);
  need(batch.commit());
  std::vector<Probe> left = put;
  left.erase(left.begin() + 3);
  EXPECT_EQ(need(store_->probes()), left);
  EXPECT_EQ(need(store_->coverage(run, put[3].id)), std::vector{coverage});
  batch = need(store_->write());
  need(batch.put_probe(put[3]));
  need(batch.commit());
  EXPECT_EQ(need(store_->probes()), put);
  expect_clean();
}

TEST_F(RoundTrip, ReplaysAndCoverageComeBackAsTheyWerePut) {
  const RunId run = a_run();
  const Probe probe = draw_.probe();
  std::vector<Replay> replays;
  std::vector<Coverage> stretches;
  for (int i = 0; i < 6; ++i) {
    WriteBatch batch = need(store_->write());
    need(batch.put_probe(probe));
    replays.push_back(draw_.replay(run, {probe.id}));
    replays.back().id = need(batch.put_replay(replays.back()));
    stretches.push_back({.run = run, .probe = probe.id, .loop_instance = draw_.bits(), .first = draw_.bits(), .last = draw_.bits(),
                         .replay = replays.back().id, .exact = draw_.coin()});
    need(batch.put_coverage(stretches.back()));
    need(batch.commit());
  }
  EXPECT_EQ(need(store_->replays()), replays);
  EXPECT_EQ(need(store_->coverage(run, probe.id)), stretches);
  EXPECT_THAT(need(store_->coverage(run, {{5, 6}})), IsEmpty());
  expect_clean();
}

TEST_F(RoundTrip, AReferenceToWhatIsNotThereIsRefused) {
  const RunId run = a_run();
  WriteBatch batch = need(store_->write());
  EXPECT_EQ(batch.put_replay(draw_.replay({5}, {})).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(batch.put_replay(draw_.replay(run, {{{1, 1}}})).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(batch.put_coverage({.run = run, .probe = {{1, 1}}, .replay = {1}}).error().kind(), ErrorKind::kInvalid);
  SeriesKey key = draw_.series_key();
  key.replay = {3};
  EXPECT_EQ(batch.append_series(run, {key, draw_.columns(key, 1)}).error().kind(), ErrorKind::kInvalid);
}

TEST_F(RoundTrip, NothingOfABatchIsSeenBeforeItIsCommitted) {
  {
    WriteBatch batch = need(store_->write());
    const RunId run = need(batch.put_run({}));
    need(batch.put_checkpoint(run, {}, borrow(draw_leaves(draw_, 5, 100000))));
    EXPECT_THAT(need(store_->runs()), IsEmpty());
  }
  EXPECT_THAT(need(store_->runs()), IsEmpty());
  EXPECT_EQ(a_run(), RunId{1});
  expect_clean();
}

TEST_F(RoundTrip, AnEndedBatchRefusesEverything) {
  WriteBatch batch = need(store_->write());
  need(batch.commit());
  EXPECT_EQ(batch.put_run({}).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(batch.commit().error().kind(), ErrorKind::kInvalid);
}

TEST_F(RoundTrip, ASecondBatchOfTheSameThreadIsRefusedRatherThanWaitedForForever) {
  WriteBatch batch = need(store_->write());
  EXPECT_EQ(store_->write().error().kind(), ErrorKind::kBusy);
  need(batch.commit());
  EXPECT_TRUE(store_->write());
}

TEST_F(RoundTrip, BatchesOfManyThreadsQueue) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 10; ++i) {
        a_run();
        EXPECT_TRUE(store_->runs());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(need(store_->runs()).size(), 40u);
  expect_clean();
}

TEST_F(RoundTrip, AStoreOpenedForReadingRefusesToWrite) {
  Store reading = need(Store::open(folder_ / "s", Store::Access::kRead));
  EXPECT_EQ(reading.write().error().kind(), ErrorKind::kInvalid);
}

TEST_F(RoundTrip, TwoOpensOfOneStoreInOneProcessShareIt) {
  Store second = need(Store::open(folder_ / "s", Store::Access::kWrite));
  const RunId run = a_run();
  EXPECT_EQ(need(second.read_run(run)).id, run);
  store_.reset();
  WriteBatch batch = need(second.write());
  need(batch.put_run({}));
  need(batch.commit());
  EXPECT_EQ(need(second.runs()).size(), 2u);
}

TEST_F(RoundTrip, AFilledStoreIsCleanAndReadsTheSameTwice) {
  fill(*store_, seed());
  const Contents before = read_contents(*store_);
  EXPECT_THAT(before.errors, IsEmpty());
  reopen();
  EXPECT_EQ(read_contents(*store_).parts, before.parts);
  const Store::Findings findings = need(store_->check());
  EXPECT_THAT(findings.problems, IsEmpty());
  EXPECT_GT(findings.values_checked, 50u);
}

TEST(Text, PositionsAndPointsShowLabelsAndRepeatedEntries) {
  const Position position = {{"epoch", 0, 3, 30}, {"step", 1, 120, {}}};
  EXPECT_EQ(to_string(position), "epoch=30/step@1=120");
  EXPECT_EQ(to_string(Position{}), "");
  EXPECT_EQ(to_string(Point{.enclosing = {}, .loop = "epoch", .entry = 0, .ordinal = 3}), "head of epoch=3");
  EXPECT_EQ(to_string(Point{.enclosing = {{"epoch", 0, 3, {}}}, .loop = "step", .entry = 2, .ordinal = 9, .kind = PointKind::kExit}),
            "exit of epoch=3/step@2");
}

TEST(Text, HashesSurviveTheirHexForm) {
  Draw draw(seed());
  for (int i = 0; i < 100; ++i) {
    const Hash hash = draw.hash();
    EXPECT_EQ(hash_from_hex(to_hex(hash)), hash);
  }
  EXPECT_EQ(hash_from_hex("123"), std::nullopt);
  EXPECT_EQ(hash_from_hex(std::string(31, '0') + "g"), std::nullopt);
}

}  // namespace
}  // namespace hindsight::store::test

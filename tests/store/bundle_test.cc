#include "store/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>

#include "store/carry.h"
#include "store/state_history.h"
#include "tests/store/support.h"

namespace hindsight::store {
namespace {

using test::Draw;
using test::need;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Bundle : public ::testing::Test {
 public:
  Bundle() : from_(need(Store::create(folder_ / "from"))), to_(need(Store::create(folder_ / "to"))) {}

  FileEntry put_source(WriteBatch& batch, const std::string& path, const std::string& text, std::uint32_t mode = S_IFREG | 0644) {
    return {.path = path, .mode = mode, .size = text.size(), .hash = need(batch.put_blob(text)), .mtime_ns = 0, .kept = true};
  }
  // A run with two series, one of them a probe's, states and a replay.
  RunId record(Tree (*sources)(Bundle&, WriteBatch&) = nullptr) {
    WriteBatch batch = need(from_.write());
    Version version;
    version.sources = sources != nullptr ? sources(*this, batch) : Tree{put_source(batch, "main.cc", draw_.noise(100))};
    version.recipe = "[build]\ncommand = \"make\"\n";
    version = need(batch.put_version(std::move(version)));
    store::Run run;
    run.uid = draw_.hash();
    run.version = version.id;
    run.state = RunState::kFinished;
    run.inputs = {{.path = "data.bin", .mode = S_IFREG | 0644, .size = 5'000'000'000, .hash = draw_.hash(), .mtime_ns = 0, .kept = false}};
    const RunId id = need(batch.put_run(run));
    Probe probe;
    probe.id = {draw_.hash()};
    probe.name = "norm";
    probe.expression = "norm(w)";
    need(batch.put_probe(probe));
    Replay replay;
    replay.run = id;
    replay.probes = {probe.id};
    const ReplayId replay_id = need(batch.put_replay(replay));
    Coverage coverage;
    coverage.run = id;
    coverage.probe = probe.id;
    coverage.replay = replay_id;
    coverage.exact = true;
    need(batch.put_coverage(coverage));
    for (const bool is_probe : {false, true}) {
      Series series;
      series.key.name = is_probe ? "norm" : "loss";
      if (is_probe) {
        series.key.replay = replay_id;
        series.key.probe = probe.id;
      }
      for (std::uint64_t i = 0; i < 100; ++i) series.columns.append({}, i, i, is_probe ? Status::kExact : Status::kRecorded, 0, {.dtype = DType::kF64, .is_vector = false, .bytes = draw_.noise(8)});
      need(batch.append_series(id, series));
    }
    LoopInstance loop;
    loop.loop = "epoch";
    need(batch.put_loops(id, std::vector<LoopInstance>{loop}));
    StateHistory history(64 << 20);
    std::string weights = draw_.noise(400'000);
    for (std::size_t i = 0; i < weights.size(); i += 4) weights[i + 3] = '\x3c';
    for (std::uint64_t i = 0; i < 12; ++i) {
      Checkpoint checkpoint;
      checkpoint.point.loop = "epoch";
      checkpoint.point.ordinal = i;
      checkpoint.kept = i % 4 != 3;
      need(batch.put_checkpoint(id, checkpoint, std::vector<LeafBytes>{{.path = "w", .dtype = DType::kF32, .shape = {100'000}, .bytes = weights}}, history));
      for (std::size_t at = 0; at < weights.size(); at += 4) weights[at] = static_cast<char>(weights[at] + static_cast<char>(draw_.number(3)));
    }
    need(batch.put_digests(id, std::vector<SmallDigest>{{.point = {}, .digest = 77}}));
    need(batch.commit());
    return id;
  }
  Carried write(const std::vector<RunId>& runs) { return need(write_bundle(from_, runs, file_, folder_ / "scratch")); }
  Result<Carried> read() { return read_bundle(file_, to_, folder_ / "scratch"); }

  std::string state_of(const Store& store, RunId run, const Checkpoint& checkpoint) {
    std::string all;
    need(store.read_state(run, checkpoint, [&](const Leaf&, std::string_view bytes) -> Result<void> {
      all += bytes;
      return {};
    }));
    return all;
  }
  void expect_same(RunId here, RunId there) {
    const std::vector<Checkpoint> ours = need(from_.checkpoints(here));
    EXPECT_EQ(need(to_.checkpoints(there)), ours);
    for (const Checkpoint& checkpoint : ours) {
      EXPECT_TRUE(!checkpoint.kept || state_of(from_, here, checkpoint) == state_of(to_, there, checkpoint));
    }
    const auto all = [](const SeriesKey&) { return true; };
    const std::vector<Series> a = need(from_.read_series(here, all)), b = need(to_.read_series(there, all));
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].columns, b[i].columns);
    EXPECT_EQ(need(to_.loops(there)), need(from_.loops(here)));
    EXPECT_EQ(need(to_.digests(there)), need(from_.digests(here)));
    EXPECT_THAT(need(to_.check()).problems, IsEmpty());
  }

  test::TemporaryFolder folder_{true};
  Store from_, to_;
  std::filesystem::path file_ = folder_ / "x.bundle";
  Draw draw_{test::seed()};
};

TEST_F(Bundle, WhatWasWrittenIsReadElsewhereUnderOtherNumbers) {
  const RunId first = record(), second = record();
  const Carried written = write({second});
  EXPECT_THAT(written.left_out, testing::ElementsAre(HasSubstr("'data.bin' (5000000000 bytes)")));
  const Carried taken = need(read());
  ASSERT_THAT(taken.runs, SizeIs(1));
  EXPECT_EQ(taken.runs[0].number, 1U);
  expect_same(second, taken.runs[0]);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "scratch"));
  write({first, second});
  const Carried more = need(read());
  EXPECT_THAT(more.known, SizeIs(1));
  ASSERT_THAT(more.runs, SizeIs(1));
  expect_same(first, more.runs[0]);
}

TEST_F(Bundle, WhatComesFromElsewhereIsForeignUntilItIsTrustedAndItsProbesAreNotAsked) {
  const RunId run = record();
  write({run});
  need(read());
  const Version version = need(to_.versions()).at(0);
  EXPECT_TRUE(version.foreign);
  Probe probe = need(to_.probes()).at(0);
  EXPECT_TRUE(probe.foreign);
  EXPECT_FALSE(need(from_.probes()).at(0).foreign);
  probe.foreign = false;  // somebody here asks it
  WriteBatch batch = need(to_.write());
  need(batch.trust_version(version.id));
  need(batch.put_probe(probe));
  need(batch.commit());
  EXPECT_FALSE(need(to_.versions()).at(0).foreign);
  EXPECT_FALSE(need(to_.probes()).at(0).foreign);
  EXPECT_THAT(need(to_.check()).problems, IsEmpty());
}

TEST_F(Bundle, AnyDamageIsSeenAndNothingIsTakenIn) {
  write({record()});
  const std::string whole = test::read_file(file_);
  for (int i = 0; i < 60; ++i) {
    std::string damaged = whole;
    if (i % 3 == 0) {
      damaged.resize(draw_.number(whole.size()));
    } else {
      damaged[draw_.number(i % 3 == 1 ? 8192 : damaged.size())] ^= static_cast<char>(1 << draw_.number(8));
    }
    test::write_file(file_, damaged);
    const Result<Carried> taken = read();
    ASSERT_FALSE(taken) << i;
    EXPECT_THAT(need(to_.runs()), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(folder_ / "scratch"));
  }
  EXPECT_EQ(read_bundle(folder_ / "none", to_, folder_ / "scratch").error().kind(), ErrorKind::kNotFound);
}

TEST_F(Bundle, PathsThatLeadOutOfTheProjectAreRefused) {
  using Sources = Tree (*)(Bundle&, WriteBatch&);
  const Sources cases[] = {
      [](Bundle& self, WriteBatch& batch) { return Tree{self.put_source(batch, "../../home/x/.bashrc", "evil")}; },
      [](Bundle& self, WriteBatch& batch) { return Tree{self.put_source(batch, "/etc/cron.d/x", "evil")}; },
      [](Bundle& self, WriteBatch& batch) { return Tree{self.put_source(batch, "a/../../x", "evil")}; },
      [](Bundle& self, WriteBatch& batch) { return Tree{self.put_source(batch, "", "evil")}; },
      [](Bundle& self, WriteBatch& batch) {
        return Tree{self.put_source(batch, "a", "/etc", S_IFLNK | 0777), self.put_source(batch, "a/passwd", "evil")};
      },
      [](Bundle& self, WriteBatch& batch) {
        return Tree{self.put_source(batch, "a", "/etc", S_IFLNK | 0777), self.put_source(batch, "./a/passwd", "evil")};
      },
      [](Bundle& self, WriteBatch& batch) {
        return Tree{self.put_source(batch, "a", "/etc/passwd", S_IFLNK | 0777), self.put_source(batch, "a", "evil")};
      },
  };
  for (const Sources sources : cases) {
    const RunId run = record(sources);
    // As nobody of ours would write it.
    const Result<Carried> refused = write_bundle(from_, std::vector<RunId>{run}, file_, folder_ / "scratch");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message(), HasSubstr("of a source"));
    EXPECT_EQ(to_.carry(from_, std::vector<RunId>{run}, true).error().kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(need(to_.runs()), IsEmpty());
  }
  const Tree fine = {{.path = "a..b/c", .mode = S_IFREG, .size = 0, .hash = {}, .mtime_ns = 0, .kept = true}, {.path = "link", .mode = S_IFLNK, .size = 0, .hash = {}, .mtime_ns = 0, .kept = true}};
  EXPECT_EQ(find_unsafe_path(fine, {}), std::nullopt);
}

TEST_F(Bundle, AnInputThatLiesBehindALinkOfTheSourcesIsRefused) {
  const Tree sources = {{.path = "data", .mode = S_IFLNK | 0777, .size = 0, .hash = {}, .mtime_ns = 0, .kept = true}};
  for (const char* path : {"data", "data/x", "data/../data/x"}) {
    const Tree inputs = {{.path = path, .mode = S_IFREG | 0644, .size = 0, .hash = {}, .mtime_ns = 0, .kept = true}};
    EXPECT_NE(find_unsafe_path(inputs, sources), std::nullopt) << path;
  }
  const RunId run = record([](Bundle& self, WriteBatch& batch) { return Tree{self.put_source(batch, "data.bin", "/etc/passwd", S_IFLNK | 0777)}; });
  EXPECT_EQ(to_.carry(from_, std::vector<RunId>{run}, true).error().kind(), ErrorKind::kCorrupt) << "the run has an input 'data.bin'";
  EXPECT_THAT(need(to_.runs()), IsEmpty());
}

TEST_F(Bundle, WhatWasPurgedHereCanComeBack) {
  const RunId run = record();
  write({run});
  const RunId first = need(read()).runs.at(0);
  need(to_.collect({.checkpoints = {}, .runs = {first}}, false));
  const Carried again = need(read());
  ASSERT_THAT(again.runs, SizeIs(1));
  EXPECT_NE(again.runs[0], first);
  expect_same(run, again.runs[0]);
}

TEST_F(Bundle, AFileThatIsNoBundleIsNotOverwritten) {
  const RunId run = record();
  test::write_file(file_, "int main() {}");
  const Result<Carried> refused = write_bundle(from_, std::vector<RunId>{run}, file_, folder_ / "scratch");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(test::read_file(file_), "int main() {}");
  std::filesystem::remove(file_);
  write({run});
  write({run});
}

TEST_F(Bundle, ARunThatIsBeingRecordedIsRefused) {
  WriteBatch batch = need(from_.write());
  const RunId run = need(batch.put_run({}));
  need(batch.commit());
  EXPECT_EQ(write_bundle(from_, std::vector<RunId>{run}, file_, folder_ / "scratch").error().kind(), ErrorKind::kInvalid);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(Bundle, DifferencesFromChunksThatAreDeeperHereAreStoredWhole) {
  // The same states in both, but stored in another order, so that their chunks hang together otherwise.
  const RunId run = record();
  const std::vector<Checkpoint> checkpoints = need(from_.checkpoints(run));
  WriteBatch batch = need(to_.write());
  const RunId other = need(batch.put_run({}));
  StateHistory history(64 << 20);
  for (std::size_t i = checkpoints.size(); i-- > 0;) {
    if (!checkpoints[i].kept || i % 2 == 1) continue;
    const std::string bytes = state_of(from_, run, checkpoints[i]);
    need(batch.put_checkpoint(other, {}, std::vector<LeafBytes>{{.path = "w", .dtype = DType::kF32, .shape = {}, .bytes = bytes}}, history));
  }
  need(batch.commit());
  write({run});
  const Carried taken = need(read());
  expect_same(run, taken.runs.at(0));
}

}  // namespace
}  // namespace hindsight::store

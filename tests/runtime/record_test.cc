// What a program that is linked with the client tells a host while it is recorded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cmath>
#include <filesystem>

#include "runtime/client/pace.h"
#include "tests/runtime/fake_host.h"

namespace hindsight::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Report record(const std::string& what, Setup setup = {}) { return run({RUNTIME_PROGRAMS, what}, setup); }

TEST(Client, WithoutAHostEvaluatesNothingAndRunsAsIfItWereNotThere) {
  const Report report = run_alone({RUNTIME_PROGRAMS, "inert"});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.errors, "");
}

TEST(Client, AttachesAndEndsInOrder) {
  const Report report = record("exit3");
  EXPECT_TRUE(report.attached);
  EXPECT_TRUE(report.ended);
  EXPECT_TRUE(report.closed);
  EXPECT_EQ(report.exit_code, 3);
  EXPECT_EQ(report.torn, 0u);
  EXPECT_THAT(report.texts("static_destructor"), testing::SizeIs(1)) << "what static objects log at the end is kept";
}

TEST(Client, EveryKindOfValueArrivesBitForBit) {
  const Report report = record("values");
  EXPECT_EQ(report.exit_code, 0) << "errno or a floating-point flag was changed";
  std::map<std::string, const Value*> by_name;
  for (const Value& value : report.values) by_name[value.name] = &value;
  const auto scalar = [&](const char* name, wire::DType dtype, std::uint64_t bits) {
    ASSERT_TRUE(by_name.contains(name)) << name;
    EXPECT_EQ(by_name[name]->dtype, static_cast<int>(dtype)) << name;
    EXPECT_FALSE(by_name[name]->vector) << name;
    EXPECT_EQ(as<std::uint64_t>(by_name[name]->bytes), bits) << name;
  };
  scalar("int", wire::DType::kI32, 0xfffffffbu);
  scalar("u8", wire::DType::kU8, 200);
  scalar("i64", wire::DType::kI64, std::uint64_t{1} << 62);
  scalar("bool", wire::DType::kBool, 1);
  scalar("f32", wire::DType::kF32, 0x3dcccccd);
  scalar("f64", wire::DType::kF64, 0x3fb999999999999a);
  scalar("nan", wire::DType::kF64, 0x7ff8000000000123);
  scalar("inf", wire::DType::kF64, 0xfff0000000000000);
  scalar("enum", wire::DType::kU8, 9);
  scalar("macro", wire::DType::kI32, 2);
  scalar("dynamic1", wire::DType::kI32, 1);
  scalar("dynamic2", wire::DType::kI32, 2);
  scalar("norm", wire::DType::kF64, std::bit_cast<std::uint64_t>(5.0));
  scalar("mean", wire::DType::kF64, std::bit_cast<std::uint64_t>(1.5));
  scalar("max", wire::DType::kF64, std::bit_cast<std::uint64_t>(3.0));
  const auto text = [&](const char* name, const std::string& expected) {
    ASSERT_TRUE(by_name.contains(name)) << name;
    EXPECT_EQ(by_name[name]->dtype, static_cast<int>(wire::DType::kText)) << name;
    EXPECT_EQ(by_name[name]->bytes, expected) << name;
  };
  text("literal", "text\xff");
  text("string", std::string("with\0zero", 9));
  text("view", "view");
  text("null", "");
  const auto vector = [&](const char* name, wire::DType dtype, std::size_t bytes) {
    ASSERT_TRUE(by_name.contains(name)) << name;
    EXPECT_EQ(by_name[name]->dtype, static_cast<int>(dtype)) << name;
    EXPECT_TRUE(by_name[name]->vector) << name;
    EXPECT_EQ(by_name[name]->bytes.size(), bytes) << name;
  };
  vector("empty", wire::DType::kF32, 0);
  vector("array", wire::DType::kF32, 12);
  vector("vector", wire::DType::kF64, 16);
  vector("span", wire::DType::kF32, 8);
  vector("bools", wire::DType::kBool, 3);
  vector("list", wire::DType::kI16, 4);
  EXPECT_EQ(by_name["bools"]->bytes, std::string("\1\0\1", 3));
  EXPECT_THAT(by_name["int"]->file, HasSubstr("programs.cc"));
  EXPECT_EQ(by_name["u8"]->line, by_name["int"]->line + 1);
}

TEST(Client, PositionsSayLoopEntryAndOrdinal) {
  const Report report = record("positions");
  std::vector<std::string> where;
  for (const Value& value : report.values) where.push_back(value.name + " " + value.position + " " + value.label);
  EXPECT_THAT(where, ElementsAre("v outer=0/inner=0 10", "v outer=0/inner=1 20", "v outer=0/inner=2 20", "again outer=0/inner@1=0 0",
                                 "after outer=0 0", "v outer=1/inner=0 10", "v outer=1/inner=1 20", "v outer=1/inner=2 20",
                                 "again outer=1/inner@1=0 0", "after outer=1 1", "second outer@1=0 0", "in_while while=0 10",
                                 "in_while while=2 12", "outside  ", "after_break  ", "static_destructor  "));
  EXPECT_THAT(report.iterations, ElementsAre("while=0", "while=1", "while=2", "break=0", "break=1"))
      << "a head whose condition failed is no iteration";
  EXPECT_THAT(report.ends, ElementsAre("finished while=3", "finished break=2"));
}

TEST(Client, ALoopLeftByReturnOrThrowIsAbandonedAndHasNoExit) {
  const Report report = record("leaving");
  EXPECT_THAT(report.ends, ElementsAre("abandoned returned=2", "abandoned thrown=2"));
  for (const Capture& capture : report.captures) EXPECT_THAT(capture.point, testing::StartsWith("head"));
  EXPECT_THAT(report.texts("x"), testing::SizeIs(1));
}

TEST(Client, CheckpointsAreTakenWhereTheyBelong) {
  const Report report = record("train");
  std::vector<std::string> kept, hashed;
  for (const Capture& capture : report.captures) {
    (capture.purpose == wire::Purpose::kCheckpoint ? kept : hashed).push_back(capture.point);
  }
  std::vector<std::string> expected_kept, expected_hashed;
  for (int e = 0; e < 4; ++e) {
    const std::string epoch = "epoch=" + std::to_string(e);
    expected_kept.push_back("head " + epoch);
    expected_kept.push_back("exit " + epoch + "/step=5");
    expected_hashed.push_back("head " + epoch + "/step=0");
    for (int s = 1; s < 5; ++s) EXPECT_TRUE(report.digests.contains("head " + epoch + "/step=" + std::to_string(s)));
  }
  expected_kept.push_back("exit epoch=4");
  EXPECT_EQ(kept, expected_kept);
  EXPECT_EQ(hashed, expected_hashed);
  EXPECT_THAT(report.skipped, IsEmpty());
}

TEST(Client, ReadingTheStateOfDrand48ChangesNothing) {
  const Report report = record("own_multiplier");
  EXPECT_EQ(report.captures.size(), 6u);
  EXPECT_EQ(report.exit_code, 0);
}

TEST(Client, EveryNamesTheIterationsThatAreKept) {
  const Report report = record("train", {.settings = "every epoch 3\nevery step 2\n"});
  std::vector<std::string> kept;
  for (const Capture& capture : report.captures) {
    if (capture.point.find("epoch=0/") != std::string::npos || capture.point.find('/') == std::string::npos) kept.push_back(capture.point);
  }
  EXPECT_THAT(kept, ElementsAre("head epoch=0", "head epoch=0/step=0", "head epoch=0/step=2", "head epoch=0/step=4", "exit epoch=0/step=5",
                                "head epoch=3", "exit epoch=4"));
  EXPECT_TRUE(report.digests.contains("head epoch=1"));
}

TEST(Client, LeavesAreNamedOnceAndAmbientStateComesFirst) {
  const Report report = record("train");
  const Capture* exit = report.find("exit epoch=1/step=5");
  ASSERT_NE(exit, nullptr);
  std::vector<std::string> paths;
  for (const Leaf& leaf : leaves_of(exit->state)) paths.push_back(leaf.path);
  EXPECT_THAT(paths, testing::IsSupersetOf({"ambient.rand", "ambient.drand48", "ambient.fenv", "model.weights", "model.moments", "model.steps",
                                            "rng", "noise", "seen.keys", "total", "loss"}));
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(std::adjacent_find(paths.begin(), paths.end()), paths.end()) << "a path twice";
  for (const Leaf& leaf : leaves_of(exit->state)) {
    if (leaf.path == "model.weights") {
      EXPECT_FALSE(leaf.small);
    }
    if (leaf.path == "rng" || leaf.path == "loss" || leaf.path == "ambient.rand") {
      EXPECT_TRUE(leaf.small) << leaf.path;
    }
  }
}

TEST(Client, TheSameTrainingGivesTheSameStatesAndDigests) {
  const Report one = record("train"), two = record("train");
  ASSERT_EQ(one.captures.size(), two.captures.size());
  for (std::size_t i = 0; i < one.captures.size(); ++i) {
    EXPECT_EQ(one.captures[i].state, two.captures[i].state) << one.captures[i].point;
    EXPECT_EQ(one.captures[i].digest, two.captures[i].digest) << one.captures[i].point;
  }
  EXPECT_EQ(one.digests, two.digests);
  EXPECT_EQ(one.texts(), two.texts());
}

TEST(Client, RecordingChangesNoNumber) {
  // Recorded without any state, so that no capture can have helped.
  const Report with = record("train"), without = record("train", {.pool_limit = 0});
  EXPECT_EQ(with.texts(), without.texts());
  EXPECT_THAT(without.captures, IsEmpty());
  EXPECT_TRUE(without.digests.contains("head epoch=2"));
  EXPECT_TRUE(without.digests.contains("exit epoch=4"));
}

TEST(Client, AStateThatCannotBeCapturedIsSkippedWithItsReason) {
  const Report report = record("refused");
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_THAT(report.captures, IsEmpty());
  ASSERT_TRUE(report.skipped.contains("head epoch=0"));
  EXPECT_EQ(report.skipped.at("head epoch=0"), "bad has a live graph");
  EXPECT_EQ(report.texts("x").size(), 2u);
}

TEST(Client, AFullPoolSkipsHeadsAndKeepsRoomForTheExit) {
  // Room for two states of 3 MiB, and a host that never gives one back.
  const Report report = record("big", {.pool_limit = 8 << 20, .free_slots = false});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_NE(report.find("head epoch=0"), nullptr);
  EXPECT_NE(report.find("exit epoch=6"), nullptr);
  for (int e = 1; e < 6; ++e) {
    const std::string head = "head epoch=" + std::to_string(e);
    EXPECT_EQ(report.find(head), nullptr) << head;
    EXPECT_EQ(report.skipped.at(head), "pool full");
    EXPECT_TRUE(report.digests.contains(head)) << "a skipped state still has a digest";
  }
}

TEST(Client, AnArgumentIsReadAsItsTypeAndLogged) {
  const Report report = record("arguments", {.settings = "arg i -7\narg u 8\narg d 1e-3\narg f 0.1\narg b true\narg s a b \narg c x\n"
                                                         "arg small 200\narg spaces  two words\n"});
  const auto bits = [&](const char* name) { return as<std::uint64_t>(report.text_of(name)); };
  EXPECT_EQ(static_cast<std::int32_t>(bits("i")), -7);
  EXPECT_EQ(bits("u"), 8u);
  EXPECT_EQ(bits("d"), std::bit_cast<std::uint64_t>(1e-3));
  EXPECT_EQ(bits("f"), std::bit_cast<std::uint32_t>(0.1f));
  EXPECT_EQ(bits("b"), 1u);
  EXPECT_EQ(report.text_of("s"), "a b ");
  EXPECT_EQ(report.text_of("c"), "x");
  EXPECT_EQ(report.output, " two words\n");
  EXPECT_EQ(bits("small"), 3u) << "200 does not fit, so the default stands";
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("argument 'small': '200' is not an integer of its type")));
  EXPECT_THAT(report.errors, HasSubstr("'200' is not an integer"));
  for (const Value& value : report.values) {
    if (value.name != "static_destructor") {
      EXPECT_EQ(value.kind, wire::SiteKind::kArgument);
    }
  }
}

TEST(Client, AProbeThatThrowsLeavesAnErrorAndTheProgramGoesOn) {
  const Report report = record("throwing_probe");
  EXPECT_EQ(report.exit_code, 0);
  ASSERT_EQ(report.values.size(), 4u);
  EXPECT_EQ(report.values[0].dtype, static_cast<int>(wire::DType::kError));
  EXPECT_EQ(report.values[0].bytes, "bad probe");
  EXPECT_EQ(report.values[1].dtype, static_cast<int>(wire::DType::kError));
  EXPECT_EQ(report.values[2].dtype, static_cast<int>(wire::DType::kF64));
  EXPECT_EQ(report.values[2].probe, "ffffffffffffffffffffffffffffffff");
  EXPECT_EQ(report.values[2].position, "i=2");
}

TEST(Client, ThreadsHavePositionsOfTheirOwnAndNothingIsLost) {
  const Report report = record("threads");
  EXPECT_EQ(report.torn, 0u);
  std::map<int, int> next;
  std::map<int, int> by_thread;
  for (const Value& value : report.values) {
    if (value.name != "worker") continue;
    const int number = as<int>(value.bytes);
    EXPECT_EQ(number % 1000, next[number / 1000]++);
    EXPECT_EQ(value.position, "work=" + std::to_string(number % 1000));
    EXPECT_NE(value.thread, 0);
    ++by_thread[value.thread];
  }
  EXPECT_EQ(by_thread.size(), 4u);
  for (const auto& [thread, count] : by_thread) EXPECT_EQ(count, 500);
  for (const Value& value : report.values) {
    if (value.name == "main") {
      EXPECT_EQ(value.thread, 0);
    }
  }
}

TEST(Client, AStateThatAnotherThreadMayBeWritingIsNotCaptured) {
  const Report report = record("two_training_threads");
  EXPECT_EQ(report.exit_code, 0);
  int skipped = 0;
  for (const auto& [point, reason] : report.skipped) skipped += reason == "another thread is inside a loop with state";
  EXPECT_GE(skipped, 2);
}

TEST(Client, AForkedChildIsInert) {
  const Report report = record("forks");
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.torn, 0u);
  EXPECT_THAT(report.texts("in_child"), IsEmpty());
  EXPECT_EQ(report.texts("parent").size(), 2u);
  EXPECT_TRUE(report.closed);
}

TEST(ClientFault, WhatWasLoggedBeforeAKillIsThere) {
  const Report report = record("killed");
  EXPECT_EQ(report.signal, SIGKILL);
  EXPECT_EQ(report.texts("x").size(), 1000u);
  EXPECT_FALSE(report.ended);
}

TEST(ClientFault, AFileSizeLimitIsNoSignalButCountedLoss) {
  const Report report = run({RUNTIME_PROGRAMS, "many_values", "100000"}, {.file_size_limit = 1 << 20});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.signal, 0);
  EXPECT_GT(report.dropped, 0u);
  EXPECT_EQ(report.values.size() + report.dropped, 100003u);
  for (std::size_t i = 0; i < report.values.size(); ++i) {
    if (report.values[i].name == "x") {
      ASSERT_EQ(as<int>(report.values[i].bytes), static_cast<int>(i));
    }
  }
}

// A file system of 2 MiB.
class SmallDisk {
 public:
  SmallDisk() {
    std::string name = (std::filesystem::temp_directory_path() / "hindsight-disk-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    mounted_ = mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount(folder_.c_str());
    std::filesystem::remove(folder_);
  }
  bool mounted() const { return mounted_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  bool mounted_;
};

TEST(ClientFault, AFullDiskIsCountedLossAndTheTrainingEndsWell) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "SKIP: cannot mount a file system here";
  const Report report = run({RUNTIME_PROGRAMS, "many_values", "200000"}, {.journal_folder = disk.folder()});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.torn, 0u);
  EXPECT_GT(report.values.size(), 10000u);
  EXPECT_EQ(report.values.size() + report.dropped, 200003u);
}

TEST(Client, TheJournalGrowsBeyondItsFirstStep) {
  const Report report = run({RUNTIME_PROGRAMS, "many_values", "200000"});
  EXPECT_EQ(report.torn, 0u);
  EXPECT_EQ(report.dropped, 0u);
  ASSERT_EQ(report.values.size(), 200003u);
  for (int i = 0; i < 200000; ++i) ASSERT_EQ(as<int>(report.values[static_cast<std::size_t>(i)].bytes), i);
  EXPECT_EQ(report.text_of("blob").size(), 700000u * 8);
  EXPECT_EQ(report.text_of("last").size(), 8u);
}

TEST(ClientFault, AHostThatDoesNotAnswerIsReportedOnceAndTheTrainingRuns) {
  const Report report = record("train", {.welcome = false});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_THAT(report.errors, HasSubstr("the host does not answer"));
}

TEST(Client, RegisteredStateIsPartOfEveryCheckpointOnce) {
  const Report report = record("registered");
  const Capture* head = report.find("head epoch=2");
  ASSERT_NE(head, nullptr);
  std::vector<std::string> paths;
  for (const Leaf& leaf : leaves_of(head->state)) paths.push_back(leaf.path);
  EXPECT_THAT(paths, ElementsAre("ambient.rand", "ambient.drand48", "ambient.fenv", "ambient.errno.(clock)", "ambient.draws.random", "ambient.draws.(clock)", "global", "epoch.state0"));
}

TEST(Client, WhatAProbesExpressionRunsIsNoneOfTheProgram) {
  const Report report = record("probe_calls_loops");
  EXPECT_THAT(report.texts("probed"), SizeIs(3));
  EXPECT_THAT(report.texts("own"), SizeIs(3));
  EXPECT_THAT(report.texts("measured"), SizeIs(3));
  EXPECT_THAT(report.iterations, ElementsAre("i=1/inner=0", "i=2/inner=0", "i=2/inner=1"));
}

TEST(Client, WhatIsOnlyLookedAtIsStateFromWhereItIsSeenToChangeWhichIsSaidOnceByName) {
  const Report changed = record("watched_changes");
  const auto added_at = [&](const char* point) {
    std::vector<std::string> added;
    const Capture* capture = changed.find(point);
    EXPECT_NE(capture, nullptr) << point;
    if (capture == nullptr) return added;
    for (const Leaf& leaf : leaves_of(capture->state)) {
      if (const std::size_t at = leaf.path.find(".(added)"); at != std::string::npos) added.push_back(leaf.path.substr(0, at));
    }
    return added;
  };
  // It looks at the heads 1, 2 and 4, and at the exit.
  EXPECT_THAT(added_at("head epoch=2"), IsEmpty());
  EXPECT_THAT(added_at("head epoch=3"), IsEmpty());
  EXPECT_THAT(added_at("head epoch=4"), ElementsAre("rate"));
  EXPECT_THAT(added_at("exit epoch=4/step=3"), ElementsAre("rate", "step_rate"));
  EXPECT_THAT(added_at("head epoch=5"), ElementsAre("rate"));
  EXPECT_THAT(added_at("exit epoch=6"), ElementsAre("rates", "rate"));
  // A loop that is entered again has it from its first head.
  EXPECT_THAT(added_at("head epoch@1=0"), ElementsAre("rates", "rate"));
  EXPECT_THAT(changed.notes, testing::UnorderedElementsAre("not in the state of loop 'epoch', but changed while it ran, and is part of it from there on: 'rate'",
                                                  "not in the state of loop 'step', but changed while it ran, and is part of it from there on: 'step_rate'",
                                                  "not in the state of loop 'epoch', but changed while it ran, and is part of it from there on: 'rates'"));
  const Report stays = record("watched_stays");
  EXPECT_THAT(stays.notes, IsEmpty());
  // Replay compares it before it jumps.
  ASSERT_TRUE(stays.digests.contains("reads epoch=0"));
  EXPECT_EQ(stays.digests.at("reads epoch=0"), changed.digests.at("reads epoch=0"));
}

TEST(Client, WhatIsOnlyLookedAtMayLeadToWhatNobodyKnows) {
  const Report report = record("watched_beside_pointers");
  EXPECT_THAT(report.notes, testing::Contains("not in the state of loop 'epoch', but changed while it ran, and is part of it from there on: 'changes'"));
  EXPECT_THAT(report.notes, testing::Not(testing::Contains(testing::HasSubstr("'stays'"))));
}

constexpr client::Allowance kTwoPercent = {.share = 20'000, .free = 1'000'000};

// What work of `cost` takes of `total` in which it could be done every `step`.
double spent(std::int64_t step, std::int64_t cost, std::int64_t elsewhere, std::int64_t total) {
  client::Pace pace = {};
  std::int64_t now = 1, all = 0;
  while (now < total) {
    now += step;
    if (!pace.is_due(now, kTwoPercent)) continue;
    pace.done(now, now + cost, elsewhere);
    now += cost;
    all += cost + elsewhere;
  }
  return static_cast<double>(all) / static_cast<double>(total);
}

TEST(Pace, StaysInsideTheBudgetHoweverOftenThereIsAnOccasionAndWhateverItCosts) {
  for (const std::int64_t step : {1'000, 100'000, 10'000'000, 1'000'000'000}) {
    for (const std::int64_t cost : {1'000, 300'000, 20'000'000}) {
      for (const std::int64_t elsewhere : {std::int64_t{0}, cost, 10 * cost}) {
        const double share = spent(step, cost, elsewhere, 20'000'000'000);
        EXPECT_LE(share, 0.0205 + static_cast<double>(cost + elsewhere) / 20e9) << step << " " << cost << " " << elsewhere;
        // Where there are enough occasions for it, all of the budget is used.
        const double most = static_cast<double>(cost + elsewhere) / static_cast<double>(step);
        if (most < 0.02) {
          EXPECT_GT(share, 0.9 * most) << "an occasion was left out: " << step << " " << cost << " " << elsewhere;
        } else if (cost + elsewhere < 100'000'000) {
          EXPECT_GT(share, 0.015) << step << " " << cost << " " << elsewhere;
        }
      }
    }
  }
}

TEST(Pace, AShortProgramNeedNotWait) {
  client::Pace pace = {};
  for (std::int64_t now = 1; now < 900'000; now += 100'000) {
    EXPECT_TRUE(pace.is_due(now, kTwoPercent)) << now;
    pace.done(now, now + 50'000, 50'000);
  }
}

TEST(Pace, WhatWasNotSpentIsNotSavedForLongLater) {
  client::Pace pace = {};
  pace.is_due(1, kTwoPercent);
  pace.done(1, 1'000'001, 0);
  std::int64_t now = 3'600'000'000'000;  // an hour in which there was nothing to do
  int done = 0;
  while (pace.is_due(now, kTwoPercent)) {
    pace.done(now, now + 1'000'000, 0);
    now += 1'000'000;
    ++done;
  }
  EXPECT_LE(done, 5);
}

TEST(Pace, ALoopIsPassedByIfBothOfItsEndsWillHaveBeenPaidFor) {
  client::Pace pace = {};
  pace.is_due(1, kTwoPercent);
  pace.done(1, 1'000'001, 0);
  EXPECT_FALSE(pace.can_do_twice(1'000'001, kTwoPercent, 0));
  EXPECT_FALSE(pace.can_do_twice(1'000'001, kTwoPercent, 90'000'000));
  EXPECT_TRUE(pace.can_do_twice(1'000'001, kTwoPercent, 120'000'000));
}

TEST(Client, UnitsOfDifferentStandardsAndFlagsShareOneProgram) {
  const Report report = run({RUNTIME_MIXED});
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_EQ(report.torn, 0u);
  EXPECT_THAT(report.skipped, IsEmpty());
  // 2, 3 and 1 epochs, of three entries into a loop of one name.
  EXPECT_EQ(report.texts("norm").size(), 6u);
  EXPECT_NE(report.find("exit epoch=2"), nullptr);
  EXPECT_NE(report.find("exit epoch@1=3"), nullptr);
  EXPECT_NE(report.find("exit epoch@2=1"), nullptr);
}

}  // namespace
}  // namespace hindsight::test

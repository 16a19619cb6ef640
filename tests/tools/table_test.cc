#include "tools/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace hindsight::tools {
namespace {

using store::Status;

store::Value number(double element) {
  store::Value value{store::DType::kF64, false, std::string(8, '\0')};
  std::memcpy(value.bytes.data(), &element, 8);
  return value;
}

store::ProbeId probe_id(std::uint64_t n) { return {{n << 32, n}}; }

store::Probe probe(std::uint64_t n, const std::string& name) {
  store::Probe result;
  result.id = probe_id(n);
  result.name = name;
  return result;
}

// A record of run `run` (of the version with the same number) at epoch=`epoch`.
struct Spec {
  std::uint64_t run = 1;
  std::int64_t epoch = 0;
  std::string name = "loss";
  double value = 0;
  Status status = Status::kRecorded;
  std::uint64_t replay = 0;
  std::uint64_t probe = 0;
  std::uint64_t seq = 0;
};
Record record(const Spec& spec) {
  Record r;
  r.run = {spec.run};
  r.version = spec.run;
  if (spec.epoch >= 0) r.position = {{"epoch", 0, static_cast<std::uint64_t>(spec.epoch), spec.epoch}};
  r.name = spec.name;
  r.value = number(spec.value);
  r.status = spec.status;
  r.replay = {spec.replay};
  if (spec.probe != 0) r.probe = probe_id(spec.probe);
  r.seq = spec.seq;
  return r;
}

TEST(Table, ARowPerPositionAndAColumnPerName) {
  const std::vector<store::Probe> probes = {probe(1, "grad")};
  const Table table = build_table({record({.epoch = 0, .value = 0.5}), record({.epoch = 1, .value = 0.25}),
                                   record({.epoch = 1, .name = "grad", .value = 3, .status = Status::kExact, .replay = 1, .probe = 1}),
                                   record({.run = 2, .epoch = 0, .value = 0.125}),
                                   record({.epoch = 0, .name = "other", .value = 9})},
                                  {"loss", "grad"}, probes);
  EXPECT_EQ(to_text(table, false),
            "run  version  epoch   loss    grad\n"
            "r1   v1           0    0.5\n"
            "r1   v1           1   0.25       3 =\n"
            "r2   v2           0  0.125\n"
            "\n"
            "= exact\n");
}

TEST(Table, EveryStatusHasItsMarkAndItsLegend) {
  const std::vector<store::Probe> probes = {probe(1, "g")};
  std::vector<Record> records;
  std::int64_t epoch = 0;
  for (const Status status : {Status::kRecorded, Status::kExact, Status::kClose, Status::kUnverified, Status::kDiverged, Status::kError}) {
    const bool recorded = status == Status::kRecorded;
    records.push_back(record({.epoch = epoch++, .name = "g", .value = 1, .status = status, .replay = recorded ? 0u : 1u, .probe = 1}));
  }
  EXPECT_EQ(to_text(build_table(records, {"g"}, probes), false),
            "run  version  epoch  g\n"
            "r1   v1           0  1\n"
            "r1   v1           1  1 =\n"
            "r1   v1           2  1 ~\n"
            "r1   v1           3  1 ?\n"
            "r1   v1           4  1 !\n"
            "r1   v1           5  1 E\n"
            "\n"
            "= exact   ~ close: within the stated tolerance   ? unverified   "
            "! diverged: the replay differed from the recording   E error: the probe threw\n");
}

TEST(Table, OfSeveralAnswersTheBestStatusWinsThenTheNewest) {
  const std::vector<store::Probe> probes = {probe(1, "g")};
  const auto answer = [](double value, Status status, std::uint64_t replay) {
    return record({.name = "g", .value = value, .status = status, .replay = replay, .probe = 1});
  };
  std::vector<Record> records = {answer(1, Status::kDiverged, 9), answer(2, Status::kUnverified, 3),
                                 answer(4, Status::kClose, 5), answer(3, Status::kClose, 4)};
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.replay < b.replay; });
  do {
    const Table table = build_table(records, {"g"}, probes);
    ASSERT_EQ(table.records.size(), 1u);
    EXPECT_EQ(table.records[0].value, number(4));
    EXPECT_TRUE(table.warnings.empty());
  } while (std::next_permutation(records.begin(), records.end(),
                                 [](const Record& a, const Record& b) { return a.replay < b.replay; }));
}

TEST(Table, TwoExactAnswersThatDifferAreShownAsDiverged) {
  const std::vector<store::Probe> probes = {probe(1, "g")};
  const Table table = build_table({record({.name = "g", .value = 1, .status = Status::kExact, .replay = 1, .probe = 1}),
                                   record({.name = "g", .value = 2, .status = Status::kExact, .replay = 2, .probe = 1})},
                                  {"g"}, probes);
  EXPECT_EQ(table.contradictions, 1u);
  ASSERT_EQ(table.records.size(), 1u);
  EXPECT_EQ(table.records[0].status, Status::kDiverged);
  ASSERT_EQ(table.warnings.size(), 1u);
  EXPECT_NE(table.warnings[0].find("outside the check"), std::string::npos);
}

TEST(Table, TwoEqualExactAnswersAreOneValue) {
  const std::vector<store::Probe> probes = {probe(1, "g")};
  const Table table = build_table({record({.name = "g", .value = 1, .status = Status::kExact, .replay = 1, .probe = 1}),
                                   record({.name = "g", .value = 1, .status = Status::kExact, .replay = 2, .probe = 1})},
                                  {"g"}, probes);
  EXPECT_EQ(table.contradictions, 0u);
  EXPECT_EQ(table.records[0].replay.number, 2u);
}

TEST(Table, AColumnThatHoldsTwoProbesSaysSoAndShowsTheNewer) {
  const std::vector<store::Probe> probes = {probe(2, "g"), probe(1, "g")};  // by creation: 1 is newer
  const Table table = build_table({record({.name = "g", .value = 1, .status = Status::kUnverified, .replay = 1, .probe = 1}),
                                   record({.name = "g", .value = 2, .status = Status::kExact, .replay = 2, .probe = 2})},
                                  {"g"}, probes);
  EXPECT_EQ(table.records[0].value, number(1));
  EXPECT_EQ(table.warnings, std::vector<std::string>{
                                "column 'g' holds different things: probe 00000001 (r1); probe 00000002 (r1)"});
}

TEST(Table, AColumnOfRecordedAndReplayedValuesSaysSo) {
  const Table table = build_table({record({.run = 1, .name = "g", .status = Status::kExact, .replay = 1, .probe = 1}),
                                   record({.run = 2, .name = "g"})},
                                  {"g"}, {probe(1, "g")});
  EXPECT_EQ(table.warnings,
            std::vector<std::string>{"column 'g' holds different things: recorded values (r2); probe 00000001 (r1)"});
}

TEST(Table, PositionsOfDifferentDepthAndRepeatedValuesHaveTheirOwnRows) {
  Record step = record({.epoch = 1, .name = "grad", .value = 7});
  step.position.push_back({"step", 1, 4, 40});
  const Table table = build_table({record({.epoch = 1, .value = 1}), record({.epoch = 1, .value = 2, .seq = 1}),
                                   record({.epoch = -1, .value = 3}), step},
                                  {"loss", "grad"}, {});
  EXPECT_EQ(to_text(table, false),
            "run  version  epoch   step  seq  loss    grad\n"
            "r1   v1                       0     3\n"
            "r1   v1           1           0     1\n"
            "r1   v1           1           1     2\n"
            "r1   v1           1  @1=40    0             7\n");
}

TEST(Table, LoopsAreInTheOrderOfTheirNesting) {
  const auto at = [](std::vector<std::string> nest) {
    Record r = record({.epoch = -1});
    for (const std::string& loop : nest) r.position.push_back({loop, 0, 0, 0});
    return r;
  };
  const Table table = build_table({at({"z", "m"}), at({"z", "a", "m"}), at({"b"})}, {"loss"}, {});
  const auto place = [&](const char* loop) { return std::find(table.loops.begin(), table.loops.end(), loop) - table.loops.begin(); };
  EXPECT_LT(place("z"), place("a"));
  EXPECT_LT(place("a"), place("m"));
  EXPECT_EQ(table.loops.size(), 4u);
}

TEST(Table, NoRecordsMakeAnEmptyTable) { EXPECT_TRUE(build_table({}, {"loss"}, {}).rows.empty()); }

}  // namespace
}  // namespace hindsight::tools

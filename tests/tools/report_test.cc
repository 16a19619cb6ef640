#include "tools/report.h"

#include <gtest/gtest.h>

#include <functional>

namespace hindsight::tools {
namespace {

store::ProbeId probe_id(std::uint64_t n) { return {{n << 32, n}}; }

replay::RunAnswer answered() {
  replay::RunAnswer answer;
  answer.run = {1};
  answer.exact = 10;
  answer.plan.full_run_seconds = 12;
  answer.replay.emplace();
  answer.replay->cpu_seconds = 0.5;
  answer.replay->segments.resize(2);
  answer.placements.push_back({.probe = probe_id(1), .file = "src/t.cc", .line = 5, .function = "main", .excerpt = "x", .impure = "", .volatile_why = "", .refused = "", .candidates = {}});
  return answer;
}

Tally tally_of(const replay::RunAnswer& answer) {
  Tally tally;
  tally.add(answer);
  return tally;
}

TEST(Report, AnExactAnswerIsOneLine) {
  EXPECT_EQ(answer_text(answered(), 2, {{probe_id(1), "g"}}, {}),
            "r1 (v2): 10 values: 10 exact; 500 ms CPU in 2 segments (training again takes 12.0 s)\n");
}

TEST(Report, ARefusalNamesTheReasonAndTheCandidates) {
  replay::RunAnswer answer = answered();
  answer.replay.reset();
  answer.exact = 0;
  answer.placements[0].refused = "2 statements fit";
  answer.placements[0].candidates = {"t.cc:5: f();", "t.cc:9: f();"};
  EXPECT_EQ(answer_text(answer, 1, {{probe_id(1), "g"}}, {}),
            "r1 (v1): no values; nothing could run\n"
            "    g: refused: 2 statements fit\n"
            "      t.cc:5: f();\n"
            "      t.cc:9: f();\n");
}

TEST(Report, ADryRunShowsPlacementsAndPlan) {
  EXPECT_EQ(answer_text(answered(), 1, {{probe_id(1), "g"}}, {.dry_run = true, .plan = {"segment 1: epoch 3"}}),
            "r1 (v1)\n"
            "    g: src/t.cc:5 in main\n"
            "      + x\n"
            "    segment 1: epoch 3\n");
}

TEST(Report, ADryRunSaysWhichProbeMayChangeTheProgram) {
  replay::RunAnswer answer = answered();
  answer.placements[0].impure = "w is assigned";
  EXPECT_EQ(answer_text(answer, 1, {{probe_id(1), "g"}}, {.dry_run = true, .verbose = false, .plan = {}}),
            "r1 (v1)\n"
            "    g: src/t.cc:5 in main\n"
            "      + x\n"
            "      it may change the program's state: w is assigned; no value will be exact\n");
}

TEST(Report, ADryRunSaysWhichProbeTakesSomethingFromOutside) {
  replay::RunAnswer answer = answered();
  answer.placements[0].volatile_why = "std::time";
  EXPECT_EQ(answer_text(answer, 1, {{probe_id(1), "g"}}, {.dry_run = true, .verbose = false, .plan = {}}),
            "r1 (v1)\n"
            "    g: src/t.cc:5 in main\n"
            "      + x\n"
            "      it takes std::time from outside the program; its values will not be exact\n");
}

TEST(Report, EverythingShortOfAFullAnswerIsBad) {
  EXPECT_FALSE(is_bad(tally_of(answered())));
  const auto bad_after = [](const std::function<void(replay::RunAnswer&)>& change) {
    replay::RunAnswer answer = answered();
    change(answer);
    return is_bad(tally_of(answer));
  };
  EXPECT_TRUE(bad_after([](auto& a) { a.diverged = 1; }));
  EXPECT_TRUE(bad_after([](auto& a) { a.errors = 1; }));
  EXPECT_TRUE(bad_after([](auto& a) { a.refused = "no compiler"; }));
  EXPECT_TRUE(bad_after([](auto& a) { a.placements[0].refused = "no such statement"; }));
  EXPECT_TRUE(bad_after([](auto& a) { a.plan.problems = {"nothing recorded there"}; }));
  EXPECT_TRUE(bad_after([](auto& a) { a.replay->segments[1].problem = "killed"; }));
  EXPECT_TRUE(bad_after([](auto& a) { a.replay->segments[1].first_difference = "loss at epoch=3"; }));
  // Marked, and so no bad answer.
  EXPECT_FALSE(bad_after([](auto& a) { a.unverified = 1; }));
  EXPECT_FALSE(bad_after([](auto& a) { a.close = 1; }));
}

TEST(Report, WhatTheUserStoppedIsNoDifference) {
  replay::RunAnswer answer = answered();
  answer.replay->segments[1].number = 2;
  answer.replay->segments[1].problem = "interrupted";
  answer.first_difference = "the end of the process";
  EXPECT_TRUE(was_interrupted(answer));
  EXPECT_EQ(answer_text(answer, 1, {}, {}),
            "r1 (v1): 10 values: 10 exact; 500 ms CPU in 2 segments (training again takes 12.0 s)\n"
            "    segment 2 gave no answer: interrupted\n");
}

TEST(Report, WhatBuildingAndPlacingTookIsSaidAlsoIfNothingRan) {
  replay::RunAnswer answer = answered();
  answer.build_cpu_seconds = 6;
  Tally tally = tally_of(answer);
  answer.replay.reset();
  EXPECT_EQ(answer_text(answer, 2, {{probe_id(1), "g"}}, {}), "r1 (v2): 10 values: 10 exact; nothing had to run, build 6.0 s\n");
  tally.add(answer);
  EXPECT_EQ(tally.build_cpu_seconds, 12);
  EXPECT_EQ(total_text(tally), "2 runs: 20 values: 20 exact; 500 ms CPU, build 12.0 s\n");
}

TEST(Report, TheTotalSumsRuns) {
  Tally tally;
  tally.add(answered());
  replay::RunAnswer refused;
  refused.refused = "no compiler";
  tally.add(refused);
  EXPECT_EQ(total_text(tally), "2 runs: 10 values: 10 exact; 500 ms CPU, 1 refused\n");
}

}  // namespace
}  // namespace hindsight::tools

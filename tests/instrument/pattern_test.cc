#include "instrument/pattern.h"

#include <gtest/gtest.h>

#include "tests/instrument/support.h"

namespace hindsight::instrument {
namespace {

// The lines behind which the probe goes; a refused one is negative.
std::vector<int> lines_of(const std::string& form, const std::string& pattern, const std::string& text, const std::string& function = {}) {
  Probe probe = make_probe(form, pattern, "1");
  probe.function = function;
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {probe});
  std::vector<int> out;
  for (const ProbeOutcome& each : analysis.report.probes) {
    if (each.refused == kNotInThisUnit) continue;
    EXPECT_TRUE(analysis.report.parsed) << analysis.report.problem;
    if (each.placed.empty()) out.push_back(-std::atoi(each.candidates.empty() ? "0" : each.candidates[0].substr(each.candidates[0].find(':') + 1).c_str()));
    for (const Placement& place : each.placed) out.push_back(static_cast<int>(place.line));
  }
  return out;
}

using Lines = std::vector<int>;

constexpr char kCalls[] = R"X(struct Opt { void step(); void step(int); };
int f(int); int f(int, int); namespace n { int f(int); }
void g(Opt& opt, Opt* other, struct Both& my);
struct Both { Opt opt; };
void train(Opt& opt, Opt* other, Both& my) {
  opt.step();
  opt.step(1);
  other->step();
  my.opt.step();
  f(1), f(2);
  int a = f(1) + 1;
  if (f(1)) f(2);
  auto later = [&] { f(3); };
  n::f(1);
  // f(1);
  const char* text = "f(1)";
  while (f(7) > a) later();
}
int last() { return f(1); }
)X";

TEST(Pattern, OnCallFindsEveryStatementThatCallsItOnce) {
  EXPECT_EQ(lines_of("on_call", "opt.step()", kCalls), (Lines{6, 7}));
  EXPECT_EQ(lines_of("on_call", "opt.step(1)", kCalls), (Lines{7}));
  EXPECT_EQ(lines_of("on_call", "other->step", kCalls), (Lines{8}));
  EXPECT_EQ(lines_of("on_call", "my.opt.step();", kCalls), (Lines{9}));
  // In a condition, in the head of a loop and in a `return` it has no place behind it.
  EXPECT_EQ(lines_of("on_call", "f", kCalls), (Lines{10, 11, -12, 12, 13, -17, -19}));
  EXPECT_EQ(lines_of("on_call", "f", kCalls, "last"), (Lines{-19}));
  EXPECT_EQ(lines_of("on_call", "n::f", kCalls), (Lines{14}));
  EXPECT_EQ(lines_of("on_call", "nowhere", kCalls), Lines{});
}

constexpr char kAssignments[] = R"X(struct P { double loss; };
void train(double* table, P& p) {
  double loss = 0;
  double loss2{1};
  double other(loss);
  loss += 2;
  loss++;
  --loss;
  table[1] = loss;
  table[static_cast<int>(loss)] -= 1;
  p.loss = 3;
  if (loss == 2) loss *= 2;
  for (loss = 0; loss < 3; loss += 1) other = loss;
  double x = loss, y;
  y = x < loss ? x : loss;
}
)X";

TEST(Pattern, OnAssignFindsEveryStatementThatGivesTheVariableAValue) {
  EXPECT_EQ(lines_of("on_assign", "loss", kAssignments), (Lines{3, 6, 7, 8, 12, -13, -13}));
  EXPECT_EQ(lines_of("on_assign", "loss2", kAssignments), (Lines{4}));
  EXPECT_EQ(lines_of("on_assign", "other", kAssignments), (Lines{5, 13}));
  EXPECT_EQ(lines_of("on_assign", "table", kAssignments), (Lines{9, 10}));
  EXPECT_EQ(lines_of("on_assign", "p.loss", kAssignments), (Lines{11}));
  EXPECT_EQ(lines_of("on_assign", "y", kAssignments), (Lines{15}));
}

constexpr char kLoops[] = R"X(#include <hindsight/hindsight.h>
#include <vector>
int step(int);
void train(std::vector<int>& batches) {
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (int batch : batches) step(batch);
    step(1);
  }
  for (int epoch = 0, i = 0; epoch < 3; ++epoch) {
    if (step(epoch)) continue;
    step(2);
  }
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (int j = 0; j < 2; ++j) {
      if (step(j)) continue;
      step(3);
    }
  }
  int w = 0;
  for (int e : hindsight::loop("fold", 3, w)) {
    w += step(e);
  }
  for (int epoch = 0; epoch < 3; ++epoch) {}
  for (int j = 0; j < 2; ++j) { if (step(j)) { return; } }
}
)X";

TEST(Pattern, EachLoopIsTheEndOfEveryIteration) {
  EXPECT_EQ(lines_of("each_loop", "epoch", kLoops), (Lines{7, -11, 17, -23}));
  EXPECT_EQ(lines_of("each_loop", "batch", kLoops), (Lines{6}));
  EXPECT_EQ(lines_of("each_loop", "fold", kLoops), (Lines{21}));
  EXPECT_EQ(lines_of("each_loop", "j", kLoops), (Lines{-16, 24}));
  EXPECT_EQ(lines_of("each_loop", "w", kLoops), Lines{});
}

constexpr char kMacros[] = R"X(#define STEP(x) w = f(x)
#define SKIP_IF(c) if (c) continue
#define FOR(i, n) for (int i = 0; i < n; ++i)
struct Pair { int a, b; };
int f(int);
void train(Pair (&pairs)[3], int w) {
  STEP(w + 1);
  for (int k = 0; k < 4; ++k) {
    SKIP_IF(k == 2);
    w += k;
  }
  FOR(batch, 2) {
    w -= batch;
  }
  for (auto [first, second] : pairs) {
    w += first + second;
  }
  for (int j = 0; j < 4; ++j) {
    if (j == 1) goto next;
    w += j;
    next:;
  }
  auto again = [&] { return f(w); }; w = f(w);
  (w) = 7;
  int i;
  for (i = 0, w = 1; i < 2; ++i) {
    w += i;
  }
#if 0
  w = f(3);
#endif
}
)X";

TEST(Pattern, WhatMacrosMakeIsFoundAndWhatIsNotCompiledIsNot) {
  EXPECT_EQ(lines_of("on_call", "f", kMacros), (Lines{7, -23, 23}));
  EXPECT_EQ(lines_of("on_assign", "w", kMacros), (Lines{7, 10, 13, 16, 20, 23, 24, -26, 27}));
  EXPECT_EQ(lines_of("each_loop", "k", kMacros), (Lines{-10}));
  EXPECT_EQ(lines_of("each_loop", "batch", kMacros), (Lines{13}));
  EXPECT_EQ(lines_of("each_loop", "i", kMacros), (Lines{27}));
  EXPECT_EQ(lines_of("each_loop", "second", kMacros), (Lines{16}));
  EXPECT_EQ(lines_of("each_loop", "j", kMacros).size(), 1u);
  EXPECT_LT(lines_of("each_loop", "j", kMacros).at(0), 0);
}

TEST(Pattern, PlacesAreCompiledTogetherAndOnesThatDoNotCompileAreRefusedAlone) {
  Probe probe = make_probe("on_call", "step", "seen");
  const UnitAnalysis analysis = analyse_unit({.text = "int step(int);\nvoid f() { int seen = 1; step(seen); step(2); }\nvoid g() { step(3); }\n", .headers = {}, .flags = {}}, {probe});
  ASSERT_EQ(analysis.report.probes.size(), 3u);
  EXPECT_EQ(analysis.report.probes[0].refused, "");
  EXPECT_EQ(analysis.report.probes[1].refused, "");
  EXPECT_EQ(analysis.report.probes[2].refused, "does not compile there: use of undeclared identifier 'seen'");
  EXPECT_TRUE(analyse_unit({.text = analysis.edited, .headers = {}, .flags = {}}).report.parsed) << analysis.edited;
}

TEST(Pattern, AFileThatHasTheProbeAlreadyIsLeftOut) {
  Probe probe = make_probe("on_call", "step", "x");
  const UnitFixture unit{.text = "int step(int);\n#include \"util.h\"\nvoid f(int x) { step(x); }\n", .headers = {{"src/util.h", "#pragma once\n\ninline void g(int x) { step(x); }\n"}}, .flags = {}};
  EXPECT_EQ(analyse_unit(unit, {probe}).report.probes.size(), 2u);
  probe.left_out = {"src/util.h"};
  const UnitAnalysis analysis = analyse_unit(unit, {probe});
  ASSERT_EQ(analysis.report.probes.size(), 1u);
  EXPECT_EQ(analysis.report.probes[0].placed.at(0).file, "src/main.cc");
}

TEST(Helper, StandsBehindTheIncludesOnceForAllProbesOfAFile) {
  Probe one = make_probe("before", "step(x);", "twice(x)"), two = make_probe("after", "step(x);", "twice(x) + 1");
  one.helper = two.helper = "#pragma once\n#include <vector>\ninline int twice(int x) { return 2 * x; }\n";
  one.helper_name = two.helper_name = "twice.h";
  two.id[31] = 'a';
  const UnitAnalysis analysis = analyse_unit({.text = "#include <vector>\nint step(int);\nvoid f(int x) { step(x); }\nstatic_assert(__LINE__ == 4);\n", .headers = {}, .flags = {}}, {one, two});
  for (const ProbeOutcome& each : analysis.report.probes) {
    ASSERT_EQ(each.refused, "");
    EXPECT_TRUE(each.placed[0].calls.empty()) << each.placed[0].calls[0];
    EXPECT_TRUE(each.placed[0].changes.empty()) << each.placed[0].changes[0].what;
  }
  EXPECT_EQ(analysis.edited.find("int twice("), analysis.edited.rfind("int twice(")) << analysis.edited;
  EXPECT_TRUE(analyse_unit({.text = analysis.edited, .headers = {}, .flags = {}}).report.parsed) << analysis.edited;
}

TEST(Helper, WhatItDoesAndWhatItCallsIsTheProbes) {
  Probe probe = make_probe("before", "step(x);", "twice(x)");
  probe.helper_name = "twice.h";
  const std::string text = "int counter;\nint step(int); int other(int);\nvoid f(int x) { step(x); }\n";
  const auto place = [&](const std::string& helper) {
    probe.helper = helper;
    const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {probe});
    EXPECT_EQ(analysis.report.probes[0].refused, "");
    return analysis.report.probes[0].placed.empty() ? Placement() : analysis.report.probes[0].placed[0];
  };
  // It stands in front of the unit's own declarations, and makes its own.
  EXPECT_EQ(place("extern int counter;\ninline int twice(int x) { ++counter; return x; }").changes.size(), 1u);
  EXPECT_EQ(place("int other(int);\ninline int twice(int x) { return other(x); }").calls, std::vector<std::string>{"other(int)"});
  probe.helper = "inline int twice(int x) { return nowhere; }";
  const UnitAnalysis broken = analyse_unit({.text = text, .headers = {}, .flags = {}}, {probe});
  EXPECT_NE(broken.report.probes[0].refused.find("undeclared identifier 'nowhere'"), std::string::npos) << broken.report.probes[0].refused;
}

}  // namespace
}  // namespace hindsight::instrument

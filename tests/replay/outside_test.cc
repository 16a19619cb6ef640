// What a program takes from outside itself: what is kept of it, and when an answer must not be called exact.
#include <gtest/gtest.h>

#include "replay/outside.h"

namespace hindsight::replay {
namespace {

Reports reports_with(std::vector<Reports::Outside> uses) {
  Reports reports;
  reports.units.push_back({.name = "a.cc", .parsed = true, .problem = {}, .registered = {}, .loops = {}, .functions = {}, .probes = {}, .outside = std::move(uses)});
  return reports;
}
Reports::Outside use(const std::string& kind, const std::string& what) { return {kind, what, "a.cc", 12, {}, 0}; }

store::Run run_with(const Reports& reports, const Environment& environment) {
  store::Run run;
  run.environment_salt = {1, 2};
  run.standard_input = store::StandardInput::kNothing;
  keep_environment(run, environment_use(reports), environment);
  return run;
}

// A recording that has all that was drawn, and one of a program that was linked by somebody else.
const Draws kDraws;
Draws unseen() {
  Draws draws;
  draws.unseen = "it was not linked for that";
  return draws;
}

TEST(OutsideJoin, ReadsTheFieldsOfAUnitReport) {
  const Result<Reports> reports = parse_reports(
      R"json([{"unit": "a.cc", "parsed": true, "volatile": [{"name": "seconds"}], "outside": [{"kind": "clock", "what": "time", "file": "a.cc", "line": 3, "used_file": "b.h", "used_line": 4, "if": "now()"}]}])json");
  ASSERT_TRUE(reports) << reports.error().message();
  EXPECT_EQ(volatile_names(*reports), std::vector<std::string>{"seconds"});
  EXPECT_EQ(reports->units[0].outside, (std::vector<Reports::Outside>{{"clock", "time", "a.cc", 3, "b.h", 4, "now()"}}));
}

TEST(OutsideJoin, AReportWithoutTheFieldsSaysNothing) {
  const Result<Reports> reports = parse_reports(R"([{"unit": "a.cc", "parsed": true}])");
  ASSERT_TRUE(reports);
  EXPECT_EQ(outside_of(*reports, store::Run{}, {}, {}), "");
  EXPECT_TRUE(volatile_names(*reports).empty());
}

TEST(OutsideJoin, EntropyAndClocksThatAreNotGivenBackAreNamedWithTheirPlace) {
  const store::Run run = run_with({}, {});
  const Reports random = reports_with({use("entropy", "std::random_device")});
  const Reports clock = reports_with({{"clock", "time", "a.cc", 3, "b.h", 4}});
  EXPECT_EQ(outside_of(random, run, unseen(), {}), "std::random_device at a.cc:12, which is not fed back (it was not linked for that)");
  EXPECT_EQ(outside_of(clock, run, unseen(), {}),
            "time() at a.cc:3, which is not fed back and is used for more than showing it at b.h:4 (it was not linked for that)");
  EXPECT_EQ(outside_of(random, run, kDraws, {}), "");
  EXPECT_EQ(outside_of(clock, run, kDraws, {}), "");
}

TEST(OutsideJoin, WhatNoLinkerCanRedirectIsNeverGivenBack) {
  for (const char* what : {"rdrand", "/dev/urandom", "boost::random::random_device", "std::__1::random_device", "arc4random"}) {
    EXPECT_NE(outside_of(reports_with({use("entropy", what)}), run_with({}, {}), kDraws, {}), "") << what;
  }
  EXPECT_NE(outside_of(reports_with({{"clock", "rdtsc", "a.cc", 3, "b.h", 4}}), run_with({}, {}), kDraws, {}), "");
}

TEST(OutsideJoin, AUseOfAnotherUnitsResultCountsIfThatIsTheTime) {
  Reports reports = reports_with({{"clock", "later", "a.cc", 3, "a.cc", 4, "later()"}});
  reports.units[0].volatile_names = {{"seconds", "later()"}, {"loss", "work()"}};
  reports.units.push_back({.name = "time.cc", .parsed = true, .problem = {}, .registered = {}, .loops = {}, .functions = {}, .probes = {}});
  const auto function = [](std::string name) {
    return Reports::Function{.name = std::move(name), .file = {}, .line = 1, .tracked = true, .defined = true, .calls = {}, .writes_globals = {}, .modifies = {}, .actions = {}};
  };
  reports.units[1].functions = {function("later()"), function("work()"), function("now()")};
  const store::Run run = run_with({}, {});
  EXPECT_EQ(outside_of(reports, run, unseen(), {}), "");
  EXPECT_TRUE(volatile_names(reports).empty());
  reports.units[1].functions[0].gives_results_of = {"now()"};
  EXPECT_EQ(outside_of(reports, run, unseen(), {}), "");
  reports.units[1].functions[2].gives_time = {"time"};
  EXPECT_EQ(outside_of(reports, run, unseen(), {}),
            "later() at a.cc:3, which is not fed back and is used for more than showing it at a.cc:4 (it was not linked for that)");
  EXPECT_EQ(outside_of(reports, run, kDraws, {}), "");
  EXPECT_TRUE(deciding_draws(kDraws, reports).contains("time"));
  reports.units[1].functions[2].gives_time.insert("rdtsc");
  EXPECT_NE(outside_of(reports, run, kDraws, {}), "");
  EXPECT_EQ(volatile_names(reports), std::vector<std::string>{"seconds"});
}

TEST(OutsideJoin, AUnitThatCouldNotBeAnalysedMayTakeAnything) {
  Reports reports = reports_with({});
  reports.units[0].parsed = false;
  reports.units[0].problem = "unknown builtin (a.cc:3)";
  EXPECT_EQ(outside_of(reports, run_with({}, {}), kDraws, {}), "what a.cc takes from outside, which could not be analysed: unknown builtin (a.cc:3)");
}

TEST(StandardInput, IsOutsideIfItWasSomethingAndIsRead) {
  const Reports reads = reports_with({use("input", "std::cin")});
  store::Run run;
  for (const auto input : {store::StandardInput::kTerminal, store::StandardInput::kPipe, store::StandardInput::kFile, store::StandardInput::kOther}) {
    run.standard_input = input;
    EXPECT_EQ(outside_of(reads, run, kDraws, {}).substr(0, 14), "standard input");
    EXPECT_EQ(outside_of(reports_with({}), run, kDraws, {}), "");
  }
  for (const auto input : {store::StandardInput::kNothing, store::StandardInput::kUnknown}) {
    run.standard_input = input;
    EXPECT_EQ(outside_of(reads, run, kDraws, {}), "");
  }
}

TEST(EnvironmentOfARun, HasWhatTheProgramReads) {
  const store::Run run = run_with(reports_with({use("environment", "SEED"), use("environment", "RATE")}), {{"SEED", "7"}, {"EDITOR", "vi"}, {"OMP_NUM_THREADS", "2"}});
  EXPECT_EQ(run.environment, (std::map<std::string, std::string>{{"OMP_NUM_THREADS", "2"}, {"SEED", "7"}}));
  EXPECT_EQ(run.environment_absent, std::set<std::string>{"RATE"});
  EXPECT_TRUE(run.environment_hashes.empty());
}

TEST(EnvironmentOfARun, IsGivenBackToAWorker) {
  const store::Run run = run_with(reports_with({use("environment", "SEED"), use("environment", "RATE")}), {{"SEED", "7"}});
  const Environment worker = worker_environment(run, {{"SEED", "8"}, {"RATE", "1"}, {"EDITOR", "vi"}, {"OMP_NUM_THREADS", "2"}});
  EXPECT_EQ(worker.at("SEED"), "7");
  EXPECT_FALSE(worker.contains("RATE"));
  EXPECT_FALSE(worker.contains("OMP_NUM_THREADS"));
  EXPECT_EQ(worker.at("EDITOR"), "vi");
}

TEST(EnvironmentOfARun, KeepsNoSecret) {
  const Reports reports = reports_with({use("environment", "API_KEY"), use("environment", "Auth_Token")});
  const store::Run run = run_with(reports, {{"API_KEY", "hunter2"}, {"Auth_Token", "hunter3"}, {"TORCH_PASSWORD", "hunter4"}});
  EXPECT_TRUE(run.environment.empty());
  EXPECT_EQ(run.environment_hashes.size(), 3u);
}

TEST(EnvironmentOfARun, ASecretThatChangedIsNamed) {
  const Reports reports = reports_with({use("environment", "API_KEY")});
  const store::Run run = run_with(reports, {{"API_KEY", "hunter2"}});
  EXPECT_EQ(outside_of(reports, run, kDraws, {{"API_KEY", "hunter2"}}), "");
  EXPECT_NE(outside_of(reports, run, kDraws, {{"API_KEY", "hunter3"}}).find("API_KEY"), std::string::npos);
  EXPECT_NE(outside_of(reports, run, kDraws, {}).find("API_KEY"), std::string::npos);
  EXPECT_EQ(worker_environment(run, {{"API_KEY", "hunter2"}}).at("API_KEY"), "hunter2");
}

TEST(EnvironmentOfARun, AnotherSaltGivesAnotherHash) {
  store::Run run = run_with(reports_with({use("environment", "API_KEY")}), {{"API_KEY", "hunter2"}});
  const auto before = run.environment_hashes;
  run.environment_salt = {1, 3};
  keep_environment(run, {.names = {"API_KEY"}, .whole = false}, {{"API_KEY", "hunter2"}});
  EXPECT_NE(run.environment_hashes, before);
}

TEST(EnvironmentOfARun, ThatMayBeReadAsAWholeIsComparedAsAWhole) {
  const Reports reports = reports_with({use("environment", "")});
  const Environment then = {{"EDITOR", "vi"}, {"LANG", "C"}};
  const store::Run run = run_with(reports, then);
  EXPECT_EQ(run.environment, (std::map<std::string, std::string>{{"LANG", "C"}}));
  EXPECT_EQ(outside_of(reports, run, kDraws, then), "");
  EXPECT_NE(outside_of(reports, run, kDraws, {{"EDITOR", "emacs"}}).find("EDITOR"), std::string::npos);
  // What is new is taken away, and nothing of ours is added.
  EXPECT_EQ(outside_of(reports, run, kDraws, {{"EDITOR", "vi"}, {"NEW", "1"}}), "");
  EXPECT_EQ(worker_environment(run, {{"EDITOR", "vi"}, {"NEW", "1"}}), then);
}

TEST(EnvironmentOfARun, AVariableThatReplaysSetIsNamed) {
  const Reports reports = reports_with({use("environment", "LD_LIBRARY_PATH")});
  EXPECT_NE(outside_of(reports, run_with(reports, {}), kDraws, {}), "");
}

}  // namespace
}  // namespace hindsight::replay

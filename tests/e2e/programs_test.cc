// What the samples do not have: state that is forgotten, nothing to compare with, files that are written and read,
// trainings that end badly.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/scratch_project.h"

namespace hindsight::e2e {
namespace {

// The values of `expression` after `line`'s statement, from a run that had it from the start.
Answer truth_of(const std::string& program, const std::string& folder, const std::string& line, const std::string& name,
                const std::string& expression) {
  const ScratchProject project = ScratchProject::of_program(program, folder);
  project.insert_line("train.cc", line, "hindsight::log(\"" + name + "\", " + expression + ");");
  project.hindsight("record", {"--", "./train"});
  Answer answer = project.values(name);
  EXPECT_GT(answer.bits.size(), 0u) << project.read("train.cc");
  return answer;
}

std::map<std::string, int> all(const char* status, std::size_t count) { return {{status, static_cast<int>(count)}}; }

TEST(ForgottenState, IsNeverRestoredAroundSoTheAnswerIsRight) {
  const Answer truth = truth_of("forgotten", "forgotten-truth", "hindsight::log(\"weight\"", "sum", "total");
  const ScratchProject project = ScratchProject::of_program("forgotten", "forgotten");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"sum=total", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"sum", "--where", "epoch=4"});
  const Answer answer = project.values("sum");
  ASSERT_EQ(answer.records.size(), 1u) << replayed.story();
  EXPECT_EQ(answer.statuses, all("exact", 1)) << replayed.story();
  EXPECT_EQ(truth.bits.at(answer.bits.begin()->first), answer.bits.begin()->second) << replayed.story();
}

TEST(ForgottenState, IsNamedByExplain) {
  const ScratchProject project = ScratchProject::of_program("forgotten", "forgotten-explain");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"sum=total", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call dry = project.run({"hindsight", "replay", "sum", "--where", "epoch=4", "--dry-run", "--explain"});
  EXPECT_EQ(dry.code, 0) << dry.story();
  EXPECT_NE(dry.out.find("total"), std::string::npos) << dry.story();
}

TEST(ForgottenState, AssumedCompleteGivesNoExactValue) {
  const ScratchProject project = ScratchProject::of_program("forgotten", "forgotten-assumed");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"sum=total", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"sum", "--where", "epoch=4", "--assume-state"});
  EXPECT_EQ(project.values("sum").statuses, all("unverified", 1)) << replayed.story();
}

// Each place is asked at one late iteration, where a worker that jumped there would have missed the earlier ones.
TEST(HiddenStateFault, EqualsTheFullRunOrIsNotExact) {
  struct Hidden {
    std::string loop;
    std::string expression;
  };
  const std::vector<Hidden> all_hidden = {
      {"complete", "t.weight * 2"}, {"bits", "std::count(seen.begin(), seen.end(), true)"}, {"bitset", "seen.count()"}, {"slices", "sums.sum()"},
      {"atomic", "sum"}, {"ranges", "last[1]"}, {"constructors", "made"}, {"first_use", "first_weight(7.0)"},
      {"environment", "std::string(getenv(\"HIDDEN_EPOCH\") ? getenv(\"HIDDEN_EPOCH\") : \"\")"}, {"files", "length_of(\"hidden.log\")"},
      {"forgotten_member", "forgetful.steps"}, {"loader", "last"}, {"thread", "forgetful.steps"}};
  const auto name = [](const Hidden& each) { return each.loop + "_seen"; };
  const auto line = [](const Hidden& each) { return "hindsight::log(\"" + each.loop + "_weight\", t.weight);"; };
  const ScratchProject truth = ScratchProject::of_program("hidden", "hidden-truth");
  const ScratchProject project = ScratchProject::of_program("hidden", "hidden");
  for (const Hidden& each : all_hidden) {
    truth.insert_line("train.cc", line(each), "hindsight::log(\"" + name(each) + "\", " + each.expression + ");");
  }
  for (const ScratchProject* each : {&truth, &project}) {
    const Call call = each->hindsight("record", {"--", "./train"});
    ASSERT_EQ(call.code, 0) << call.story();
  }
  for (const Hidden& each : all_hidden) {
    ASSERT_EQ(project.hindsight("log", {name(each) + "=" + each.expression, "--after", line(each)}).code, 0) << each.loop;
  }
  const Call planned = project.run({"hindsight", "replay", "--dry-run", "--explain"});
  for (const Hidden& each : all_hidden) {
    const Call replayed = project.hindsight("replay", {name(each), "--where", each.loop + "=3"});
    const Answer answer = project.values(name(each));
    ASSERT_EQ(answer.records.size(), 1u) << replayed.story();
    const bool equal = truth.values(name(each)).bits.at(answer.bits.begin()->first) == answer.bits.begin()->second;
    EXPECT_TRUE(equal || !answer.statuses.contains("exact")) << replayed.story();
    if (each.loop == "complete") {
      EXPECT_EQ(answer.statuses, all("exact", 1)) << replayed.story();
    }
  }
  EXPECT_NE(planned.out.find("seen"), std::string::npos) << planned.story();
}

TEST(TwoSourcesInOneCall, AreAskedInBoth) {
  const ScratchProject project = ScratchProject::of_program("two_sources", "two-sources");
  project.write("step.cc", "double step(double weight, int epoch) {\n  weight *= 0.9;\n  return weight + epoch;\n}\n");
  project.write("hindsight.toml", "[build]\ncommand = \"g++ -std=c++20 -O2 -o train train.cc step.cc $(pkg-config --cflags --libs hindsight)\"\noutputs = [\"train\"]\n[run]\ncommand = [\"./train\"]\n");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"twice=2 * weight", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"decayed=weight", "--after", "weight *= 0.9;"}).code, 0);
  const Call replayed = project.hindsight("replay");
  for (const char* name : {"twice", "decayed"}) {
    EXPECT_EQ(project.values(name).statuses, all("exact", 6)) << replayed.story();
  }
}

TEST(NothingToCompare, LeavesTheValuesUnverified) {
  const Answer truth = truth_of("silent", "silent-truth", "weight = weight * 0.5", "seen", "weight");
  const ScratchProject project = ScratchProject::of_program("silent", "silent");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"seen=weight", "--after", "weight = weight * 0.5 + epoch;"}).code, 0);
  const Call replayed = project.hindsight("replay", {"seen"});
  const Answer answer = project.values("seen");
  EXPECT_EQ(answer.statuses, all("unverified", 4)) << replayed.story();
  EXPECT_EQ(answer.bits, truth.bits) << replayed.story();
}

TEST(FilesWritten, ByAReplayAreNotTheUsers) {
  const ScratchProject project = ScratchProject::of_program("saves", "saves");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.read("model.txt").substr(0, 18), "the trained model:");
  project.write("model.txt", "today's model");
  std::filesystem::remove(project.root() / "best.txt");
  ASSERT_EQ(project.hindsight("log", {"doubled=weight * 2", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"at_end=weight * 3", "--after", "hindsight::log(\"saved\", model.good());"}).code, 0);
  const Call replayed = project.hindsight("replay");
  EXPECT_EQ(replayed.code, 0) << replayed.story();
  EXPECT_EQ(project.values("doubled").statuses, all("exact", 4)) << replayed.story();
  EXPECT_EQ(project.values("at_end").statuses, all("exact", 1)) << replayed.story();
  EXPECT_EQ(project.read("model.txt"), "today's model");
  EXPECT_FALSE(std::filesystem::exists(project.root() / "best.txt"));
}

TEST(FilesRead, AreThoseOfTheRecordingWhereTheyWereKept) {
  const ScratchProject project = ScratchProject::of_program("reads", "reads");
  project.write("data.txt", "0.5\n");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  const Answer recorded = project.values("weight");
  project.write("data.txt", "0.75\n");
  ASSERT_EQ(project.hindsight("log", {"again=weight", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"again"});
  EXPECT_EQ(replayed.code, 0) << replayed.story();
  const Answer answer = project.values("again");
  EXPECT_EQ(answer.statuses, all("exact", 4)) << replayed.story();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(answer.records[i].at("value"), recorded.records[i].at("value"));
  EXPECT_EQ(project.read("data.txt"), "0.75\n");
}

TEST(FilesRead, ThatChangedAndWereNotKeptAreRefusedByName) {
  const ScratchProject project = ScratchProject::of_program("reads", "reads-large");
  project.write("hindsight.toml", project.read("hindsight.toml") + "[store]\nmax_file = 4096\n");
  project.write("data.txt", "0.5\n" + std::string(5000, ' '));
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  project.write("data.txt", "0.75\n" + std::string(5000, ' '));
  ASSERT_EQ(project.hindsight("log", {"again=weight", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"again"});
  EXPECT_EQ(replayed.code, 3) << replayed.story();
  EXPECT_NE((replayed.out + replayed.err).find("data.txt"), std::string::npos) << replayed.story();
  EXPECT_EQ(project.values("again").bits.size(), 0u);
}

struct BadEnd {
  const char* program;
  int code;
};
class EndsBadly : public testing::TestWithParam<BadEnd> {};
TEST_P(EndsBadly, TheRunIsKeptWithAllThatWasLoggedAndItsStatus) {
  const ScratchProject project = ScratchProject::of_program(GetParam().program, GetParam().program);
  const Call recorded = project.hindsight("record", {"--", "./train"});
  EXPECT_EQ(recorded.code, GetParam().code) << recorded.story();
  const Answer weights = project.values("weight");
  EXPECT_EQ(weights.statuses, all("recorded", 4)) << recorded.story();

  // And it can be asked: up to where it came.
  ASSERT_EQ(project.hindsight("log", {"doubled=weight * 2", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"doubled"});
  const Answer answer = project.values("doubled");
  EXPECT_EQ(answer.records.size(), 4u) << replayed.story();
  for (std::size_t i = 0; i < answer.records.size() && i < weights.records.size(); ++i) {
    EXPECT_EQ(answer.records[i].at("value").get<double>(), 2 * weights.records[i].at("value").get<double>()) << i;
  }
  EXPECT_EQ(project.hindsight("fsck").code, 0);
}
INSTANTIATE_TEST_SUITE_P(Program, EndsBadly, testing::Values(BadEnd{"ends_with_3", 3}, BadEnd{"aborts", 137}),
                         [](const auto& each) { return std::string(each.param.program); });

TEST(LeftByAnException, TheLoopIsAnsweredInBothItsEntries) {
  const Answer truth = truth_of("throws", "throws-truth", "hindsight::log(\"weight\"", "doubled", "weight * 2");
  const ScratchProject project = ScratchProject::of_program("throws", "throws");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"doubled=weight * 2", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"doubled"});
  EXPECT_EQ(replayed.code, 0) << replayed.story();
  const Answer answer = project.values("doubled");
  EXPECT_EQ(answer.bits, truth.bits) << replayed.story();
  EXPECT_EQ(answer.statuses, all("exact", 10)) << replayed.story();
}

TEST(TwoRecordsAtOnce, BothComplete) {
  const ScratchProject project = ScratchProject::of_program("plain", "two");
  const pid_t first = project.start({"hindsight", "record", "--json", "--", "./train"}, "first");
  const pid_t second = project.start({"hindsight", "record", "--json", "--", "./train"}, "second");
  const Call one = project.wait_for(first, "first");
  const Call two = project.wait_for(second, "second");
  EXPECT_EQ(one.code, 0) << one.story();
  EXPECT_EQ(two.code, 0) << two.story();
  EXPECT_EQ(project.hindsight("runs").of_type("run").size(), 2u);
  for (const char* run : {"r1", "r2"}) EXPECT_EQ(project.values("loss", run).statuses, all("recorded", 30)) << run;
  EXPECT_EQ(project.values("loss", "r1").bits, project.values("loss", "r2").bits);
  const Call whole = project.hindsight("fsck");
  EXPECT_EQ(whole.code, 0) << whole.story();
}

TEST(BuildThatFails, ShowsTheFirstErrorAndKeepsNoRun) {
  const ScratchProject project = ScratchProject::of_program("plain", "broken");
  project.replace("train.cc", "double weight = 1;", "double weight = one;");
  const Call recorded = project.hindsight("record", {"--", "./train"});
  EXPECT_EQ(recorded.code, 1) << recorded.story();
  EXPECT_NE((recorded.out + recorded.err).find("was not declared in this scope"), std::string::npos) << recorded.story();
  EXPECT_TRUE(project.hindsight("runs").of_type("run").empty());
}

std::vector<double> numbers(const Answer& answer) {
  std::vector<double> out;
  for (const nlohmann::json& each : answer.records) out.push_back(each.at("value").get<double>());
  return out;
}

TEST(ProbeOfARenamedVariable, IsFollowedIntoTheOtherVersionOrRefusedWhereItDoesNotTypeCheck) {
  const ScratchProject project = ScratchProject::of_program("plain", "renamed");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  std::string text = project.read("train.cc");
  project.write("train.cc", text.replace(text.find("std::mt19937 random(7);"), 23, "std::mt19937 random(8);"));
  project.replace("train.cc", "const double loss =", "const double this_loss =");
  project.replace("train.cc", "0.3 * loss", "0.3 * this_loss");
  project.replace("train.cc", "hindsight::log(\"loss\", loss);", "hindsight::log(\"loss\", this_loss);");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"squared=loss * loss", "--after", "weight += 0.1 - 0.3 * loss / (1.0 + epoch);"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"wide=loss + weight", "--before", "hindsight::log(\"weight\", weight);"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"mixed=this_loss", "--at", "train.cc:13"}).code, 0);

  // The statement says another name in v2 ...
  const Call squared = project.hindsight("replay", {"squared"});
  EXPECT_EQ(squared.code, 0) << squared.story();
  EXPECT_EQ(project.values("squared", "r1").statuses, all("exact", 30)) << squared.story();
  EXPECT_EQ(project.values("squared", "r2").statuses, all("exact", 30)) << squared.story();
  std::vector<double> squares = numbers(project.values("loss", "r2"));
  for (double& each : squares) each *= each;
  EXPECT_EQ(numbers(project.values("squared", "r2")), squares) << squared.story();
  // ... the name is in scope in neither ...
  const Call wide = project.hindsight("replay", {"wide"});
  EXPECT_EQ(wide.code, 3) << wide.story();
  EXPECT_NE((wide.out + wide.err).find("loss"), std::string::npos) << wide.story();
  // ... and v1 has another name for what the probe says in v2's words.
  const Call mixed = project.hindsight("replay", {"mixed"});
  EXPECT_EQ(mixed.code, 0) << mixed.story();
  EXPECT_EQ(project.values("mixed", "r1").statuses, all("exact", 30)) << mixed.story();
  EXPECT_EQ(numbers(project.values("mixed", "r1")), numbers(project.values("loss", "r1"))) << mixed.story();
  EXPECT_EQ(project.values("mixed", "r2").statuses, all("exact", 30)) << mixed.story();
  EXPECT_NE(mixed.out.find("this_loss = loss"), std::string::npos) << mixed.story();
}

TEST(AScript, IsRefusedWithAHint) {
  const ScratchProject project = ScratchProject::of_program("plain", "script");
  project.write("run.sh", "#!/bin/sh\n./train\n");
  project.run({"chmod", "+x", "run.sh"});
  const Call recorded = project.run({"hindsight", "record", "--", "./run.sh"});
  EXPECT_NE(recorded.code, 0) << recorded.story();
  EXPECT_NE(recorded.err.find("--as-built"), std::string::npos) << recorded.story();
  EXPECT_TRUE(project.hindsight("runs").of_type("run").empty());
}

}  // namespace
}  // namespace hindsight::e2e

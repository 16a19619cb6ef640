#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "replay/command_line.h"
#include "world_fixture.h"

namespace hindsight::replay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// Says how it was called, without the client.
constexpr char kPlain[] = R"(
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
int main(int argc, char** argv) {
  char cwd[4096];
  FILE* out = std::fopen("said", "w");
  std::fprintf(out, "%s %s %s %d\n", argv[0], argc > 1 ? argv[1] : "-", getcwd(cwd, sizeof cwd), __LINE__);
  std::fclose(out);
  return argc > 2 ? std::atoi(argv[2]) : 0;
}
)";
constexpr char kPlainRecipe[] = "[build]\ncommand = \"g++ train.cc -o train\"\noutputs = [\"train\"]\n";

constexpr char kLogging[] = R"(
#include <hindsight/hindsight.h>
int main() {
  int sum = 0;
  for (int epoch : hindsight::loop("epoch", 5, hindsight::named("sum", sum))) {
    sum += epoch;
    hindsight::log("sum", sum);
  }
}
)";

class Record : public World {};

TEST_F(Record, RunsItsOwnBuildInTheUsersFolderWithArgumentsUnchanged) {
  folder.write("train.cc", kPlain);
  set_up(kPlainRecipe);
  fs::create_directories(folder / "work");
  const Result<RecordOutcome> outcome = try_record({.command = {"../train", "fast"}, .cwd = folder / "work", .every = {}, .arguments = {}});
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_THAT(folder.read("work/said"), HasSubstr("../train fast " + (folder / "work").string()));
  EXPECT_FALSE(folder.has("train")) << "a build must not leave anything in the user's folder";
}

TEST_F(Record, FlagsThatReorderArithmeticAreAnnouncedOnce) {
  folder.write("train.cc", kLogging);
  const auto said = [&] {
    return std::count_if(heard.warnings.begin(), heard.warnings.end(), [](const std::string& each) { return each.find("last bits") != std::string::npos; });
  };
  set_up(one_file_recipe());
  record_it();
  EXPECT_EQ(said(), 0);
  std::string recipe = one_file_recipe();
  recipe.replace(recipe.find("-O2"), 3, "-O2 -ffast-math");
  folder.write("hindsight.toml", recipe);
  record_it();
  EXPECT_EQ(said(), 1);
  record_it();
  EXPECT_EQ(said(), 0) << "the build is the one that was announced";
}

TEST_F(Record, TheExitStatusOfTheTrainingIsReported) {
  folder.write("train.cc", kPlain);
  set_up(kPlainRecipe);
  for (const int status : {0, 1, 3, 77}) EXPECT_EQ(record_it({"./train", "x", std::to_string(status)}).exit.exit_code, status);
}

TEST_F(Record, ABuildThatFailsShowsTheCompilersErrorAndStoresNothing) {
  folder.write("train.cc", "int main() { return nothing; }\n");
  set_up(kPlainRecipe);
  const Result<RecordOutcome> outcome = try_record({.command = {"./train"}, .cwd = {}, .every = {}, .arguments = {}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kInvalid);
  EXPECT_THAT(outcome.error().message(), HasSubstr("build of v1 failed: train.cc:1:21: error: "));
  EXPECT_THAT(outcome.error().hint(), HasSubstr("the whole log is in "));
  EXPECT_TRUE(runs().empty());
  EXPECT_TRUE(versions().empty());
}

TEST_F(Record, ABuildThatMakesNoOutputIsNamed) {
  folder.write("train.cc", kPlain);
  set_up("[build]\ncommand = \"true\"\noutputs = [\"train\"]\n");
  const Result<RecordOutcome> outcome = try_record({.command = {"./train"}, .cwd = {}, .every = {}, .arguments = {}});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message(), HasSubstr("the build ended without making 'train'"));
}

TEST_F(Record, TheSameSourcesAreBuiltOnceAndChangedOnesMakeANewVersion) {
  folder.write("train.cc", kLogging);
  set_up(one_file_recipe());
  record_it();
  EXPECT_TRUE(heard.saw_stage("build v1"));
  folder.write("model.pt", "what a training writes");
  record_it();
  EXPECT_FALSE(heard.saw_stage("build"));
  EXPECT_EQ(versions().size(), 1u);
  folder.write("train.cc", std::string(kLogging) + "// changed\n");
  record_it();
  EXPECT_TRUE(heard.saw_stage("build v2"));
  EXPECT_EQ(versions().size(), 2u);
  EXPECT_EQ(runs().size(), 3u);
}

TEST_F(Record, AFinishedBuildWhoseProgramWasChangedIsBuiltAgain) {
  folder.write("train.cc", kPlain);
  set_up(kPlainRecipe);
  record_it();
  for (const auto& entry : fs::directory_iterator(folder / ".hindsight/builds")) {
    if (!entry.is_directory()) continue;
    std::ofstream(entry.path() / "upper/train", std::ios::app) << "x";
  }
  record_it();
  EXPECT_TRUE(heard.saw_stage("build v1"));
}

TEST_F(Record, ARunKnowsItsContext) {
  folder.write("train.cc", kLogging);
  folder.write("data.csv", "1,2,3\n");
  set_up(one_file_recipe());
  setenv("OMP_NUM_THREADS", "3", 1);
  setenv("SECRET_TOKEN", "hunter2", 1);
  const RecordOutcome outcome = record_it({"./train", "--fast"});
  unsetenv("OMP_NUM_THREADS");
  unsetenv("SECRET_TOKEN");
  ASSERT_EQ(outcome.runs.size(), 1u);
  const store::Run& run = outcome.runs.front();
  EXPECT_THAT(run.argv, ElementsAre("./train", "--fast"));
  EXPECT_EQ(run.program, (folder / "train").string());
  EXPECT_EQ(run.cwd, folder.path().string());
  EXPECT_EQ(run.environment.at("OMP_NUM_THREADS"), "3");
  EXPECT_FALSE(run.environment.contains("SECRET_TOKEN"));
  EXPECT_EQ(run.state, store::RunState::kFinished);
  EXPECT_EQ(run.records, 5u);
  ASSERT_EQ(run.inputs.size(), 1u);
  EXPECT_EQ(run.inputs.front().path, "data.csv");
  EXPECT_FALSE(run.host.at("kernel").empty());
}

TEST_F(Record, AsBuiltTheUsersOwnProgramRunsAndTheVersionIsMarked) {
  folder.write("train.cc", kPlain);
  set_up(kPlainRecipe);
  folder.write("run.sh", "#!/bin/sh\necho mine > said\nexit 4\n");
  fs::permissions(folder / "run.sh", fs::perms::owner_all);
  const Result<RecordOutcome> outcome = try_record({.command = {"./run.sh"}, .cwd = {}, .as_built = true, .every = {}, .arguments = {}});
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_EQ(outcome->exit.exit_code, 4);
  EXPECT_EQ(folder.read("said"), "mine\n");
  ASSERT_EQ(versions().size(), 1u);
  EXPECT_TRUE(versions().front().as_built);
}

TEST_F(Record, WhatIsNoOutputIsRefusedWithAHintThatFits) {
  folder.write("train.cc", kPlain);
  set_up("[build]\ncommand = \"g++ train.cc -o train\"\noutputs = [\"train\", \"bin/eval\"]\n");
  folder.write("run.sh", "#!/bin/sh\n./train\n");
  folder.write("other", "\x7f" "ELF");
  const Environment environment = current_environment();
  const auto match = [&](std::vector<std::string> command, const fs::path& cwd) { return match_output(project(), cwd, command, environment); };
  EXPECT_EQ(*match({"./train"}, folder.path()), "train");
  EXPECT_EQ(*match({(folder / "train").string()}, "/"), "train");
  EXPECT_EQ(*match({"../bin/eval"}, folder / "work"), "bin/eval");
  struct Case {
    std::vector<std::string> command;
    const char* hint;
  };
  const Case cases[] = {{{"./run.sh"}, "hindsight record --as-built -- ./run.sh"},
                        {{"mpirun", "-n", "2", "./train"}, "hindsight record --as-built -- mpirun -n 2 ./train"},
                        {{"./trian"}, "did you mean the program 'train'?"},
                        {{"./other"}, "add it to [build] outputs"}};
  for (const Case& each : cases) {
    SCOPED_TRACE(each.command.front());
    const Result<std::string> output = match(each.command, folder.path());
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(output.error().message(), HasSubstr("not one of the outputs in hindsight.toml (train, bin/eval)"));
    EXPECT_THAT(output.error().hint(), HasSubstr(each.hint));
  }
}

TEST_F(Record, WithoutACommandTheRecipesOwnIsRun) {
  folder.write("train.cc", kPlain);
  set_up(std::string(kPlainRecipe) + "[run]\ncommand = [\"../train\", \"own\"]\ncwd = \"data\"\n");
  folder.write("data/x.csv", "");
  record_it({});
  EXPECT_THAT(folder.read("data/said"), HasSubstr("../train own " + (folder / "data").string()));
}

TEST_F(Record, MakeAndCMakeProjectsAreBuiltInAViewOfTheirOwnFolder) {
  struct Case {
    const char* file;
    const char* text;
    const char* recipe;
    const char* program;
  };
  const Case cases[] = {
      {"Makefile", "train: main.o\n\tg++ -o $@ $^\nmain.o: main.cc\n\tg++ -c -o $@ $<\n", "[build]\ncommand = \"make\"\noutputs = [\"train\"]\nexclude = [\"*.o\"]\n", "./train"},
      {"CMakeLists.txt", "cmake_minimum_required(VERSION 3.16)\nproject(p LANGUAGES CXX)\nadd_executable(train main.cc)\n",
       "[build]\nconfigure = \"cmake -S . -B build\"\ncommand = \"cmake --build build\"\noutputs = [\"build/train\"]\nexclude = [\"build\"]\n", "./build/train"}};
  for (const Case& each : cases) {
    SCOPED_TRACE(each.file);
    World::folder.write(each.file, each.text);
    folder.write("main.cc", "#include <cstdio>\nint main() { FILE* f = std::fopen(\"said\", \"w\"); std::fputs(__FILE__, f); std::fclose(f); }\n");
    set_up(each.recipe);
    record_it({each.program});
    const std::string said = folder.read("said");
    EXPECT_TRUE(said == "main.cc" || said == (folder / "main.cc").string()) << said;
    EXPECT_FALSE(folder.has("build"));
    EXPECT_FALSE(folder.has("main.o"));
  }
}

TEST_F(Record, ATrainingKilledByASignalKeepsWhatItLogged) {
  folder.write("train.cc", R"(
#include <hindsight/hindsight.h>
#include <csignal>
int main() {
  for (int epoch : hindsight::loop("epoch", 5)) {
    hindsight::log("x", epoch);
    if (epoch == 2) raise(SIGKILL);
  }
})");
  set_up(one_file_recipe());
  const RecordOutcome outcome = record_it();
  EXPECT_EQ(outcome.exit.signal, SIGKILL);
  ASSERT_EQ(outcome.runs.size(), 1u);
  EXPECT_EQ(outcome.runs.front().signal, SIGKILL);
  EXPECT_EQ(outcome.runs.front().records, 3u);
}

}  // namespace
}  // namespace hindsight::replay

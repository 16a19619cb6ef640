// Projects and stores that are missing, newer, damaged or cannot be written.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/tools/project.h"

namespace hindsight::tools {
namespace {

const std::vector<std::vector<std::string>> kReaders = {{"runs"}, {"show", "r1"}, {"table", "loss"}, {"probes"}, {"fsck"}};
const std::vector<std::vector<std::string>> kWriters = {{"log", "x=y", "--after", "z"}, {"probes", "--remove", "grad_norm"}, {"replay", "grad_norm"}};

std::vector<std::vector<std::string>> all_commands() {
  std::vector<std::vector<std::string>> all = kReaders;
  all.insert(all.end(), kWriters.begin(), kWriters.end());
  return all;
}

TEST(BadStoreFault, OutsideAProjectEveryCommandSaysSo) {
  const ScratchProject project;
  auto commands = all_commands();
  commands.push_back({"record", "--", "./train"});
  for (const auto& command : commands) {
    SCOPED_TRACE(testing::PrintToString(command));
    const Outcome outcome = project.run(command);
    EXPECT_EQ(outcome.code, 4);
    EXPECT_EQ(outcome.err,
              "hindsight: not in a project: no hindsight.toml in $ROOT or above\n"
              "hint: 'hindsight init' in the project's folder makes one\n");
  }
}

TEST(BadStoreFault, WithoutAStoreEveryCommandSaysSo) {
  const ScratchProject project;
  project.with_recipe();
  for (const auto& command : all_commands()) {
    SCOPED_TRACE(testing::PrintToString(command));
    const Outcome outcome = project.run(command);
    EXPECT_EQ(outcome.code, 4);
    EXPECT_EQ(outcome.err,
              "hindsight: no store in $ROOT/.hindsight\n"
              "hint: 'hindsight init' makes one, and so does 'hindsight record -- PROGRAM'\n");
  }
  EXPECT_FALSE(std::filesystem::exists(project.store_folder()));
}

TEST(BadStoreFault, AnEmptyStoreIsNoError) {
  const ScratchProject project;
  { const store::Store store = project.with_store(); }
  const Outcome runs = project.run({"runs"});
  EXPECT_EQ(runs.code, 0);
  EXPECT_EQ(runs.out, "");
  EXPECT_EQ(runs.err, "hindsight: no runs yet: 'hindsight record -- PROGRAM' makes one\n");
  EXPECT_EQ(project.run({"runs", "-q"}).err, "");
  EXPECT_EQ(project.run({"probes"}).code, 0);
  EXPECT_EQ(project.run({"fsck"}).code, 0);
  const Outcome show = project.run({"show", "r1"});
  EXPECT_EQ(show.code, 4);
  EXPECT_EQ(show.err, "hindsight: no run 'r1'\nhint: there are no runs yet: 'hindsight record -- PROGRAM' makes one\n");
  EXPECT_EQ(project.run({"replay"}).code, 4);
  EXPECT_EQ(project.run({"table", "loss"}).code, 4);
}

TEST(BadStoreFault, AStoreOfANewerFormatIsLeftAlone) {
  const ScratchProject project;
  project.with_history();
  project.write(".hindsight/format", "99\n");
  const std::string before = project.read(".hindsight/data.mdb");
  for (const auto& command : all_commands()) {
    SCOPED_TRACE(testing::PrintToString(command));
    const Outcome outcome = project.run(command);
    EXPECT_EQ(outcome.code, 5);
    EXPECT_NE(outcome.err.find("99"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("hint: "), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(project.read(".hindsight/data.mdb"), before);
}

TEST(BadStoreFault, ADamagedStoreIsReportedAndNeverCrashesACommand) {
  const ScratchProject project;
  project.with_history();
  const std::string whole = project.read(".hindsight/data.mdb");
  ASSERT_GT(whole.size(), 8192u);
  for (std::size_t at = 0; at < whole.size(); at += 4096) {
    SCOPED_TRACE(at);
    std::string damaged = whole;
    for (std::size_t i = at; i < at + 4096 && i < damaged.size(); ++i) damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
    project.write(".hindsight/data.mdb", damaged);
    for (const auto& command : kReaders) {
      const Outcome outcome = project.run(command);
      EXPECT_TRUE(outcome.code == 0 || outcome.code == 3 || outcome.code == 4 || outcome.code == 5) << command[0] << " " << outcome.code << outcome.err;
      if (outcome.code != 0 && command[0] != "fsck") {
        EXPECT_NE(outcome.err.find("hindsight: "), std::string::npos) << command[0];
      }
    }
  }
}

TEST(BadStoreFault, ADamagedValueIsFoundByFsck) {
  const ScratchProject project;
  project.with_history();
  const std::string whole = project.read(".hindsight/data.mdb");
  const std::size_t at = whole.find("a second");
  ASSERT_NE(at, std::string::npos);
  std::string damaged = whole;
  for (std::size_t i = whole.find("a second"); i != std::string::npos; i = whole.find("a second", i + 1)) damaged[i] = 'A';
  project.write(".hindsight/data.mdb", damaged);
  const Outcome outcome = project.run({"fsck", "--json"});
  EXPECT_EQ(outcome.code, 3) << outcome.out;
  ASSERT_GE(outcome.lines().size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(outcome.lines()[0])["type"], "problem");
  EXPECT_EQ(project.run({"runs"}).code, 3);
}

TEST(BadStoreFault, AReadOnlyStoreCanBeReadAndSaysThatItCannotBeWritten) {
  const ScratchProject project;
  project.with_history();
  const std::string read_only = "exec unshare --mount sh -c 'mount --bind . . && mount -o remount,ro,bind . && cd \"$PWD\" && exec \"$HINDSIGHT\" \"$@\"' sh ";
  if (project.shell(read_only + "version").code != 0) GTEST_SKIP() << "SKIP: no right to mount a read-only view";
  EXPECT_EQ(project.shell(read_only + "runs").out, project.run({"runs"}).out);
  EXPECT_EQ(project.shell(read_only + "show r1 --values").out, project.run({"show", "r1", "--values"}).out);
  const Outcome outcome = project.shell(read_only + "log x=y --after z");
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("ead-only"), std::string::npos) << outcome.err;
  EXPECT_EQ(project.run({"probes"}).out.find("z"), std::string::npos);
}

TEST(BadStoreFault, ARecipeThatCannotBeReadIsNamedWithItsLine) {
  const ScratchProject project;
  project.with_history();
  project.write("hindsight.toml", "[build]\ncommnad = \"make\"\n");
  const Outcome outcome = project.run({"runs"});
  EXPECT_NE(outcome.code, 0);
  EXPECT_NE(outcome.err.find("hindsight.toml:2"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("did you mean 'command'?"), std::string::npos) << outcome.err;
}

TEST(BadStoreFault, InitNeverOverwrites) {
  const ScratchProject project;
  project.write("train.cc", "int main() { return 0; }\n");
  const Outcome first = project.run({"init"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.out.find("wrote $ROOT/hindsight.toml"), std::string::npos) << first.out;
  const std::string recipe = project.read("hindsight.toml");
  EXPECT_NE(recipe.find("train"), std::string::npos);
  const Outcome second = project.run({"init"});
  EXPECT_EQ(second.code, 1);
  EXPECT_EQ(second.err, "hindsight: $ROOT is a project already\nhint: edit hindsight.toml to change how it is built and run\n");
  EXPECT_EQ(project.read("hindsight.toml"), recipe);
}

TEST(BadStoreFault, InitKeepsARecipeThatIsThereAndMakesTheStore) {
  const ScratchProject project;
  project.with_recipe();
  const std::string recipe = project.read("hindsight.toml");
  EXPECT_EQ(project.run({"init"}).code, 0);
  EXPECT_EQ(project.read("hindsight.toml"), recipe);
  EXPECT_EQ(project.run({"runs"}).code, 0);
}

TEST(BadStoreFault, InitWithNothingToBuildMakesNothing) {
  const ScratchProject project;
  const Outcome outcome = project.run({"init"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_NE(outcome.err.find("hint: "), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(project.root()));
}

TEST(BadStoreFault, InitSuggestsToIgnoreTheStoreOnlyWhereGitWouldSeeIt) {
  for (const bool ignored : {false, true}) {
    const ScratchProject project;
    project.write("train.cc", "int main() { return 0; }\n");
    project.write(".git/HEAD", "ref: refs/heads/main\n");
    if (ignored) project.write(".gitignore", ".hindsight/\n");
    const Outcome outcome = project.run({"init"});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.err.find(".gitignore") != std::string::npos, !ignored) << outcome.err;
  }
}

}  // namespace
}  // namespace hindsight::tools

// Programs that do not call hindsight: what is put into them, as the user sees and steers it.
#include "replay/instrument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <set>

#include "runtime/client/heap.h"
#include "world_fixture.h"

namespace hindsight::replay {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kTraining[] = R"(#include <cstdio>
#include <random>

double step(double weight, double x) { return weight - 0.1 * (weight * x - x); }

int main() {
  std::mt19937 random(7);
  double weight = 3;
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (int batch = 0; batch < 5; ++batch) {
      for (int k = 0; k < 3; ++k) weight = step(weight, static_cast<double>(random() % 100) / 100);
    }
    std::printf("weight %a\n", weight);
  }
}
)";
constexpr char kRecipe[] = "[build]\ncommand = \"g++ -O1 -std=c++17 train.cc -o train\"\noutputs = [\"train\"]\n";

class Instrument : public World {
 protected:
  // An installation: the headers, and the library beside them.
  Instrument() {
    std::filesystem::copy(HINDSIGHT_TEST_INCLUDE, prefix_ / "include", std::filesystem::copy_options::recursive);
    std::filesystem::create_directories(prefix_ / "lib");
    std::filesystem::copy(HINDSIGHT_TEST_LIBRARY, prefix_ / "lib/libhindsight.a");
    ::setenv("HINDSIGHT_INCLUDE", (prefix_ / "include").c_str(), 1);
  }
  ~Instrument() override { ::unsetenv("HINDSIGHT_INCLUDE"); }

  Result<Instrumented> try_instrument(const LoopRequest& asked = {}) {
    heard = {};
    return instrument(*store, project(), asked, heard);
  }
  Instrumented instrument_it(const LoopRequest& asked = {}) {
    Result<Instrumented> found = try_instrument(asked);
    EXPECT_TRUE(found) << found.error().message() << " " << found.error().hint();
    return found ? *found : Instrumented{};
  }
  static std::vector<std::string> names(const Instrumented& found) {
    std::vector<std::string> all;
    for (const InstrumentedLoop& loop : found.loops) all.push_back(loop.name + (loop.refused.empty() ? "" : ": " + loop.refused));
    return all;
  }
  Result<RecordOutcome> record_with(const LoopRequest& loops) {
    return try_record({.command = {"./train"}, .cwd = {}, .every = {}, .arguments = {}, .loops = loops});
  }
  std::vector<std::string> recorded_loops(store::RunId run) const {
    std::set<std::string> all;
    if (const auto instances = store->loops(run)) {
      for (const store::LoopInstance& loop : *instances) all.insert(loop.loop);
    }
    return {all.begin(), all.end()};
  }
  // Compiles and runs what lies in the user's folder, by hand.
  std::string output_of_the_users_own(const std::string& more = {}) {
    const std::string enter = "cd '" + folder.path().string() + "' && ";
    EXPECT_EQ(std::system((enter + "g++ -O1 -std=c++17 train.cc" + more + " -o own > log 2>&1 && ./own > said").c_str()), 0) << folder.read("log");
    return folder.read("said");
  }

 private:
  Folder prefix_;
};

TEST_F(Instrument, ShowsTheLoopsAndLeavesTheSourcesAndTheVersionsAsTheyAre) {
  folder.write("train.cc", kTraining);
  set_up(kRecipe);
  const Instrumented found = instrument_it();
  EXPECT_THAT(names(found), ElementsAre("epoch", "batch"));
  ASSERT_FALSE(found.loops.empty());
  EXPECT_EQ(found.loops[0].line, 9u);
  EXPECT_EQ(found.loops[0].level, 0u);
  EXPECT_THAT(found.loops[0].why, HasSubstr("'epoch'"));
  EXPECT_THAT(found.loops[0].state, testing::IsSupersetOf({"random", "weight"}));
  EXPECT_THAT(found.loops[0].missing, IsEmpty());
  ASSERT_EQ(found.files.size(), 1u);
  EXPECT_EQ(found.files[0].before(), kTraining);
  EXPECT_THAT(unified_diff(found.files[0]), AllOf(HasSubstr("--- a/train.cc\n+++ b/train.cc\n@@"), HasSubstr("\n-  for (int epoch"), HasSubstr("\n+#include <hindsight/")));
  EXPECT_EQ(folder.read("train.cc"), kTraining);
  EXPECT_THAT(versions(), IsEmpty());
}

TEST_F(Instrument, MakesTheBuildThatRecordThenFinds) {
  folder.write("train.cc", kTraining);
  set_up(kRecipe);
  EXPECT_GT(instrument_it().build_cpu_seconds, 0);
  EXPECT_EQ(instrument_it().build_cpu_seconds, 0) << "it was built already";
  const RecordOutcome outcome = record_it();
  EXPECT_FALSE(heard.saw_stage("build"));
  EXPECT_THAT(heard.notes, ElementsAre("loops: epoch (train.cc:9), batch (train.cc:10)"));
  ASSERT_EQ(outcome.runs.size(), 1u);
  EXPECT_THAT(recorded_loops(outcome.runs[0].id), ElementsAre("batch", "epoch"));
}

TEST_F(Instrument, TheUsersWordIsFollowedAndAWordThatNamesNothingIsRefused) {
  folder.write("train.cc", kTraining);
  set_up(std::string(kRecipe) + "[instrument]\nnever = [\"batch\"]\n[instrument.names]\n\"train.cc:9\" = \"era\"\n");
  EXPECT_THAT(names(instrument_it()), ElementsAre("era"));
  EXPECT_THAT(names(instrument_it({.only = {"train.cc:11"}, .never = {}})), ElementsAre("k"));
  const Result<Instrumented> nothing = try_instrument({.only = {"eras"}, .never = {}});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(nothing.error().message(), "no loop is named 'eras'");
  EXPECT_EQ(nothing.error().hint(), "did you mean 'era'? the loops are: era (train.cc:9 in main), batch (train.cc:10 in main), k (train.cc:11 in main)");
}

TEST_F(Instrument, LoopsOfOtherUnitsAreFoundAndCanBeAskedFor) {
  folder.write("net.h", "#pragma once\n#include <random>\nstruct Net { double weight = 3; };\n\nvoid train_epoch(Net& net, std::mt19937& random);\n");
  folder.write("net.cc", "#include \"net.h\"\n\nvoid train_epoch(Net& net, std::mt19937& random) {\n  for (int step = 0; step < 5; ++step) {\n"
                         "    for (int k = 0; k < 3; ++k) net.weight -= 0.01 * static_cast<double>(random() % 10);\n  }\n}\n");
  folder.write("train.cc", "#include <cstdio>\n#include \"net.h\"\n\nint main() {\n  Net net;\n  std::mt19937 random(7);\n"
                           "  for (int epoch = 0; epoch < 4; ++epoch) {\n    train_epoch(net, random);\n    std::printf(\"%a\\n\", net.weight);\n  }\n}\n");
  set_up("[build]\ncommand = \"g++ -c net.cc && g++ -c train.cc && g++ net.o train.o -o train\"\noutputs = [\"train\"]\n");
  EXPECT_THAT(names(instrument_it()), ElementsAre("step", "epoch"));
  const Instrumented one = instrument_it({.only = {"train_epoch"}, .never = {}});
  ASSERT_THAT(names(one), ElementsAre("step"));
  EXPECT_THAT(one.loops[0].state, testing::IsSupersetOf({"net", "random"}));
  const Result<RecordOutcome> outcome = record_with({.only = {"train_epoch"}, .never = {}});
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_FALSE(heard.saw_stage("build"));
  ASSERT_EQ(outcome->runs.size(), 1u);
  EXPECT_THAT(recorded_loops(outcome->runs[0].id), ElementsAre("step"));
}

TEST_F(Instrument, AVersionKeepsTheLoopsThatItWasRecordedWith) {
  folder.write("train.cc", kTraining);
  set_up(kRecipe);
  const LoopRequest batch{.only = {"batch"}, .never = {}};
  ASSERT_TRUE(record_with(batch));
  EXPECT_THAT(heard.notes, ElementsAre("loops: batch (train.cc:10)"));
  const Result<RecordOutcome> other = record_with({.only = {"epoch"}, .never = {}});
  ASSERT_TRUE(other) << other.error().message();
  EXPECT_THAT(heard.notes, testing::Contains(HasSubstr("v1 keeps the loops that it was recorded with; with these it is v2")));
  EXPECT_TRUE(instrument_it().other_loops);
  ASSERT_TRUE(record_with(batch));
  ASSERT_TRUE(record_with({}));
  ASSERT_TRUE(record_with({.only = {"epoch"}, .never = {}}));
  ASSERT_EQ(runs().size(), 5u);
  ASSERT_EQ(versions().size(), 2u);
  std::size_t of_second = 0;
  for (const store::Run& run : runs()) {
    const bool is_second = run.version != versions().front().id;
    of_second += is_second ? 1 : 0;
    EXPECT_THAT(recorded_loops(run.id), ElementsAre(is_second ? "epoch" : "batch"));
  }
  EXPECT_EQ(of_second, 2u);
}

TEST_F(Instrument, WithoutInsertionAProgramIsBuiltAsItIs) {
  folder.write("train.cc", kTraining);
  set_up(kRecipe);
  LoopRequest none;
  none.no_insert = true;
  const Result<RecordOutcome> plain = record_with(none);
  ASSERT_TRUE(plain) << plain.error().message();
  EXPECT_THAT(plain->runs, IsEmpty());
  EXPECT_EQ(versions().front().plan, "");
  // No run has it, so nothing is lost if it gets loops now.
  EXPECT_EQ(record_it().runs.size(), 1u);
  EXPECT_THAT(versions().front().plan, HasSubstr("epoch"));
  folder.write("hindsight.toml", std::string(kRecipe) + "[instrument]\nauto = false\n");
  EXPECT_TRUE(instrument_it().switched_off);
  EXPECT_THAT(record_it().runs, IsEmpty());
}

TEST_F(Instrument, AProgramThatCallsHindsightIsLeftAlone) {
  folder.write("train.cc", "#include <hindsight/hindsight.h>\nint main() { for (int i : hindsight::loop(\"epoch\", 3)) hindsight::log(\"i\", i); }\n");
  set_up(one_file_recipe());
  const Instrumented found = instrument_it();
  EXPECT_EQ(found.hindsight_user, "train.cc");
  EXPECT_THAT(found.files, IsEmpty());
  const Result<RecordOutcome> asked = record_with({.only = {"epoch"}, .never = {}});
  ASSERT_TRUE(asked) << asked.error().message();
  ASSERT_TRUE(asked->refused);
  EXPECT_THAT(asked->refused->message(), HasSubstr("train.cc"));
}

TEST_F(Instrument, WhereNoLoopIsFoundTheUserIsToldAndTheRunIsKept) {
  folder.write("train.cc", "#include <cstdio>\nint main() { std::puts(\"done\"); }\n");
  set_up(kRecipe);
  EXPECT_EQ(record_it().runs.size(), 1u);
  ASSERT_EQ(heard.warnings.size(), 1u);
  EXPECT_THAT(heard.warnings[0], AllOf(HasSubstr("no loop was found"), HasSubstr("'hindsight instrument --explain'")));
}

TEST_F(Instrument, WhatIsAppliedIsAProgramThatDoesTheSameAndCallsHindsight) {
  folder.write("train.cc", kTraining);
  set_up(kRecipe);
  const std::string plain = output_of_the_users_own();
  const Instrumented found = instrument_it();
  ASSERT_EQ(::chmod((folder / "train.cc").c_str(), 0640), 0);
  const Result<void> applied = apply_to_sources(project(), found.files);
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ(folder.read("train.cc"), found.files[0].after());
  struct stat now {};
  ASSERT_EQ(::stat((folder / "train.cc").c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0640u);
  EXPECT_EQ(output_of_the_users_own(" -I" HINDSIGHT_TEST_INCLUDE " " HINDSIGHT_TEST_LIBRARY " -pthread"), plain);
  EXPECT_EQ(instrument_it().hindsight_user, "train.cc");
}

TEST_F(Instrument, ASourceThatChangedMeanwhileIsNotWrittenNorAnyOther) {
  set_up(kRecipe);
  for (const char* name : {"a.cc", "b.cc"}) folder.write(name, "old\n");
  const std::vector<EditedFile> files = {{"a.cc", {{"old\n", "new\n"}}}, {"b.cc", {{"old\n", "new\n"}}}};
  folder.write("b.cc", "changed\n");
  const Result<void> refused = apply_to_sources(project(), files);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("'b.cc' has changed meanwhile"));
  EXPECT_EQ(folder.read("a.cc"), "old\n");
  folder.write("b.cc", "old\n");
  ASSERT_TRUE(apply_to_sources(project(), files));
  EXPECT_EQ(folder.read("a.cc") + folder.read("b.cc"), "new\nnew\n");
  for (const auto& each : std::filesystem::directory_iterator(folder.path())) EXPECT_NE(each.path().extension(), ".hindsight-new");
  for (const char* bad : {"../x.cc", "/etc/hostname", "missing.cc", ""}) {
    EXPECT_FALSE(apply_to_sources(project(), {{bad, {{"old\n", "new\n"}}}})) << bad;
  }
}

TEST(Package, NamesTheLinkFlagsThatRecordedBuildsHave) {
  for (const char* name : {"hindsight.pc.in", "hindsight-config.cmake.in"}) {
    std::ifstream in(std::filesystem::path(HINDSIGHT_TEST_INCLUDE).parent_path() / name);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_THAT(text.str(), testing::AnyOf(HasSubstr(std::string("heap_flags=") + client::kHeapLinkFlags + "\n"),
                                           HasSubstr(std::string("INTERFACE \"") + client::kHeapLinkFlags + "\")"))) << name;
  }
}

}  // namespace
}  // namespace hindsight::replay

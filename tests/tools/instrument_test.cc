// What `hindsight instrument` and `hindsight record` print of a program that does not call hindsight.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/tools/project.h"

namespace hindsight::tools {
namespace {

constexpr char kTraining[] = R"(#include <cstdio>
#include <random>

int main() {
  std::mt19937 random(7);
  double weight = 3;
  for (int warm = 0; warm < 2; ++warm) weight += 1;
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (int batch = 0; batch < 5; ++batch) {
      for (int k = 0; k < 3; ++k) weight -= 0.1 * static_cast<double>(random() % 100) / 100;
    }
    std::printf("weight %a\n", weight);
  }
}
)";

class InstrumentCommand : public testing::Test {
 protected:
  void SetUp() override {
    if (!HINDSIGHT_TEST_HAS_CC) GTEST_SKIP() << "SKIP: no LLVM";
    project_.write("hindsight.toml", "[build]\ncommand = \"g++ -O1 train.cc -o train\"\noutputs = [\"train\"]\n");
    project_.write("train.cc", kTraining);
  }
  ScratchProject project_;
};

TEST_F(InstrumentCommand, ShowsALineForEachLoopAndExplainsTheRest) {
  const Outcome outcome = project_.run({"instrument"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("train.cc:8: epoch (main loop): it counts 'epoch'; state epoch, random, weight\n"
                                      "train.cc:9: batch (inner loop): it stands in the loop 'epoch'; state batch")) << outcome.out;
  const Outcome explained = project_.run({"instrument", "--explain"});
  EXPECT_TRUE(explained.out.starts_with("train.cc:8: epoch (main loop): ")) << explained.out;
  EXPECT_NE(explained.out.find("\n    can be entered and skipped\n"), std::string::npos) << explained.out;
  EXPECT_NE(explained.out.find("\nnot chosen: train.cc:7: warm in main()\n"), std::string::npos) << explained.out;
  EXPECT_EQ(project_.read("train.cc"), kTraining);
}

TEST_F(InstrumentCommand, AsJsonSaysTheSame) {
  const Outcome outcome = project_.run({"instrument", "--explain", "--diff", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  std::map<std::string, std::vector<nlohmann::json>> objects;
  for (const std::string& line : outcome.lines()) {
    auto object = nlohmann::json::parse(line);
    objects[object["type"]].push_back(object);
  }
  ASSERT_EQ(objects["chosen_loop"].size(), 2u);
  const auto& epoch = objects["chosen_loop"][0];
  EXPECT_EQ(epoch["file"], "train.cc");
  EXPECT_EQ(epoch["line"], 8);
  EXPECT_EQ(epoch["name"], "epoch");
  EXPECT_EQ(epoch["level"], 0);
  EXPECT_EQ(epoch["refused"], nullptr);
  EXPECT_EQ(epoch["missing"], nlohmann::json::array());
  ASSERT_EQ(objects["other_loop"].size(), 1u);
  EXPECT_EQ(objects["other_loop"][0]["function"], "main");
  ASSERT_EQ(objects["diff"].size(), 1u);
  const auto& summary = objects["summary"].at(0);
  EXPECT_EQ(summary["loops"], 2);
  EXPECT_EQ(summary["version"], "v1");
  EXPECT_EQ(summary["calls_hindsight"], false);
  EXPECT_EQ(summary["applied"], 0);
}

TEST_F(InstrumentCommand, TheDiffIsWhatApplyWritesAndThenNothingIsPutInAnyMore) {
  project_.write("diff", project_.run({"instrument", "--diff"}).out);
  const Outcome applied = project_.run({"instrument", "--apply"});
  EXPECT_EQ(applied.code, 0) << applied.err;
  EXPECT_NE(applied.out.find("\nwrote train.cc\n"), std::string::npos) << applied.out;
  EXPECT_NE(applied.err.find("pkg-config --cflags --libs hindsight"), std::string::npos) << applied.err;
  EXPECT_NE(applied.err.find("hindsight::runtime"), std::string::npos) << applied.err;
  const std::string written = project_.read("train.cc");
  EXPECT_NE(written.find("#include <hindsight/"), std::string::npos);
  project_.write("train.cc", kTraining);
  EXPECT_EQ(project_.shell("git apply diff").code, 0);
  EXPECT_EQ(project_.read("train.cc"), written);
  const Outcome again = project_.run({"instrument"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, "nothing is put into the sources: the program says itself what its loops are (train.cc includes hindsight)\n");
  EXPECT_EQ(project_.run({"instrument", "--apply"}).code, 2);
  EXPECT_EQ(project_.read("train.cc"), written);
}

TEST_F(InstrumentCommand, WhereThereIsNothingToInstrumentTheExitCodeIs4) {
  for (const char* flag : {"--loop", "--never"}) {
    const Outcome unknown = project_.run({"instrument", flag, "epcoh"});
    EXPECT_EQ(unknown.code, 4);
    EXPECT_NE(unknown.err.find("hindsight: no loop is named 'epcoh'\nhint: did you mean 'epoch'? the loops are: warm (train.cc:7 in main), "), std::string::npos) << unknown.err;
  }
  project_.write("train.cc", "int main() {}\n");
  const Outcome nothing = project_.run({"instrument"});
  EXPECT_EQ(nothing.code, 4);
  EXPECT_TRUE(nothing.err.starts_with("hindsight: no loop was found that trains\nhint: ")) << nothing.err;
  project_.write("train.cc", "int main() { return nothing; }\n");
  EXPECT_EQ(project_.run({"instrument"}).code, 1);
}

TEST_F(InstrumentCommand, RecordSaysWhichLoopsThereAreAndKeepsThem) {
  const Outcome recorded = project_.run({"record", "--loop", "epoch", "--", "./train"});
  EXPECT_EQ(recorded.code, 0) << recorded.err;
  EXPECT_NE(recorded.err.find("hindsight: loops: epoch (train.cc:8)\n"), std::string::npos) << recorded.err;
  const Outcome other = project_.run({"record", "--loop", "train.cc:9", "--", "./train"});
  EXPECT_EQ(other.code, 0);
  EXPECT_NE(other.err.find("hindsight: v1 keeps the loops that it was recorded with; with these it is v2\n"), std::string::npos) << other.err;
  EXPECT_NE(other.err.find("hindsight: recorded r2 (v2)"), std::string::npos) << other.err;
  const Outcome unknown = project_.run({"record", "--loop", "epcoh", "--", "./train"});
  EXPECT_EQ(unknown.code, 4);
  const Outcome shown = project_.run({"instrument"});
  EXPECT_NE(shown.err.find("v1 is recorded already, with other loops"), std::string::npos) << shown.err;
}

}  // namespace
}  // namespace hindsight::tools

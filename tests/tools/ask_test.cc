#include "tools/ask.h"

#include <gtest/gtest.h>

#include "tests/tools/project.h"

namespace hindsight::tools {
namespace {

store::Probe probe(std::uint64_t n, const std::string& name) {
  store::Probe result;
  result.id.hash = {n << 32, n};
  result.name = name;
  return result;
}

class AskTest : public testing::Test {
 protected:
  AskTest() { project_.with_history(); }
  // "r1: grad_norm acc; r2: grad_norm", then what stays without an answer.
  std::string asked(const std::vector<store::Probe>& probes, std::uint64_t recording = 0) {
    const store::Store store = *store::Store::open(project_.store_folder(), store::Store::Access::kRead);
    std::vector<store::Run> runs = *store.runs();
    for (store::Run& run : runs) {
      if (run.id.number == recording) run.state = store::RunState::kRecording;
    }
    const Result<Asks> asks = make_asks(store, runs, probes);
    if (!asks) return asks.error().message();
    std::string text;
    for (const Ask& ask : asks->of_runs) {
      text += "r" + std::to_string(ask.run.id.number) + ":";
      for (const store::Probe& one : ask.probes) text += " " + one.name;
      text += "; ";
    }
    for (const std::string& sentence : asks->unasked) text += sentence + "; ";
    return text;
  }
  ScratchProject project_;
};

TEST_F(AskTest, ARunIsNotAskedForWhatItsProgramLogsItself) {
  EXPECT_EQ(asked({probe(1, "grad_norm"), probe(2, "acc")}), "r1: grad_norm acc; r2: grad_norm; ");
}

TEST_F(AskTest, AnAnswerOfAReplayIsNoRecordedName) { EXPECT_EQ(asked({probe(9, "grad_norm")}), "r1: grad_norm; r2: grad_norm; "); }

TEST_F(AskTest, AProbeThatNoRunIsAskedForIsAQuestionWithoutAnswer) {
  EXPECT_EQ(asked({probe(1, "loss"), probe(2, "w")}), "r1: w; r2: w; 'loss' is asked of no run; ");
}

TEST_F(AskTest, ARunThatIsBeingRecordedIsNotAsked) {
  EXPECT_EQ(asked({probe(2, "w")}, 2), "r1: w; r2:; r2 is still being recorded: not asked; ");
}

TEST(ChooseProbes, NoTextIsAllAndANameIsEveryProbeOfIt) {
  const std::vector<store::Probe> known = {probe(1, "a"), probe(2, "b"), probe(3, "a")};
  EXPECT_EQ(choose_probes({}, known)->size(), 3u);
  EXPECT_EQ(choose_probes({"a"}, known)->size(), 2u);
  EXPECT_EQ(choose_probes({"a", "00000003"}, known)->size(), 2u);  // named twice, asked once
  EXPECT_FALSE(choose_probes({"a", "c"}, known));
}

}  // namespace
}  // namespace hindsight::tools

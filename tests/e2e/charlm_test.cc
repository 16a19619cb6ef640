// samples/charlm --dropout 0.1: libtorch, Adam, the default generator; made small.
#include <filesystem>

#include "tests/e2e/exactness_test.h"

namespace hindsight::e2e {
namespace {

bool has_torch() { return std::filesystem::exists("/usr/include/torch/csrc/api/include/torch/torch.h"); }

const Words kProgram = {"build/charlm", "--dropout", "0.1", "--epochs", "5", "--steps", "6", "--hidden", "48", "--width", "24"};
constexpr std::size_t kEpochs = 5;
constexpr std::size_t kSteps = 6;
const std::string kMain = "src/main.cc";

const std::vector<Question> kQuestions = {
    {.label = "AtTheEndOfEachEpoch", .name = "end_norm", .expression = "hindsight::norm(net->head->weight)",
     .statement = "hindsight::log(\"val_loss\", val_loss);", .values = kEpochs, .file = kMain, .line = "hindsight::log(\"val_loss\""},
    {.label = "AtTheTopOfEachEpoch", .name = "top_norm", .expression = "hindsight::norm(net->head->weight)", .before = true,
     .statement = "net->train();", .values = kEpochs, .file = kMain, .line = "net->train();"},
    {.label = "AtTheStepsOfOneEpoch", .name = "one_norm", .expression = "hindsight::norm(net->embedding->weight.grad())",
     .statement = "loss.backward();", .where = "epoch=2", .values = kSteps, .file = kMain, .line = "loss.backward();"},
    {.label = "AtTheStepsOfAllEpochs", .name = "grad_norm", .expression = "hindsight::norm(net->head->weight.grad())",
     .statement = "loss.backward();", .values = kEpochs * kSteps, .file = kMain, .line = "loss.backward();"},
    {.label = "BeforeTheLoop", .name = "start_norm", .expression = "hindsight::norm(net->head->weight)",
     .statement = "hindsight::log(\"parameters\", parameter_count(net));", .values = 1, .file = kMain,
     .line = "hindsight::log(\"parameters\""},
    {.label = "AfterTheLoop", .name = "last_norm", .expression = "hindsight::norm(net->head->weight)", .before = true,
     .statement = "const std::string path = flag(argc, argv, \"--save\", \"\");", .values = 1, .file = kMain,
     .line = "const std::string path = flag("},
    {.label = "InAFunctionCalledFromBothLoops", .name = "score_norm", .expression = "hindsight::norm(scores)",
     .statement = "const torch::Tensor scores = net->forward(batch.inputs);", .values = kEpochs * (kSteps + 1), .file = kMain,
     .line = "const torch::Tensor scores ="},
};
const Question kDrawsAtTheTop = {.label = "DrawsAtTheTopOfEachEpoch", .name = "drawn", .expression = "torch::rand({1})",
                                 .before = true, .statement = "net->train();"};
const Question kDrawsInOneEpoch = {.label = "DrawsAtOneEpochsSteps", .name = "drawn_inside", .expression = "torch::rand({1})",
                                   .statement = "loss.backward();", .where = "epoch=2"};
const Question kWritesAWeight = {.label = "WritesAWeightAtTheEndOfEachEpoch", .name = "written",
                                 .expression = "net->head->bias.data().add_(0.001).sum()",
                                 .statement = "hindsight::log(\"val_loss\", val_loss);"};

class Charlm : public testing::TestWithParam<Question> {
 public:
  static void SetUpTestSuite() {
    if (!pair_ && has_torch()) pair_.emplace(record_pair("charlm", kQuestions, kProgram));
  }
  void SetUp() override {
    if (!has_torch()) GTEST_SKIP() << "SKIP: libtorch-dev is not installed";
  }
  static std::optional<Pair> pair_;
};
std::optional<Pair> Charlm::pair_;

class CharlmExact : public Charlm {};
TEST_P(CharlmExact, EqualsARunThatHadTheStatementFromTheStart) {
  expect_same_recording(*pair_, {"loss", "val_loss"});
  expect_exact(*pair_, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Probe, CharlmExact, testing::ValuesIn(kQuestions), label_of);

class CharlmDisturbed : public Charlm {};
TEST_P(CharlmDisturbed, IsCaught) { expect_caught(*pair_, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Probe, CharlmDisturbed, testing::Values(kWritesAWeight), label_of);

class CharlmDrawn : public Charlm {};
TEST_P(CharlmDrawn, IsPutBack) { expect_put_back(*pair_, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Probe, CharlmDrawn, testing::Values(kDrawsAtTheTop, kDrawsInOneEpoch), label_of);

using CharlmRuns = Charlm;
TEST_F(CharlmRuns, TheFullModelHasTheParametersItIsKnownFor) {
  // Of the same version, so nothing is built.
  const Call call = pair_->truth.hindsight("record", {"--", "build/charlm", "--epochs", "0"});
  ASSERT_EQ(call.code, 0) << call.story();
  const Answer answer = pair_->truth.values("parameters", "r2");
  ASSERT_EQ(answer.records.size(), 1u);
  EXPECT_EQ(answer.records[0].at("value"), 2617174);
}

TEST_F(CharlmRuns, AReplayThatSavesTheModelLeavesTodaysModelAlone) {
  Words words = {"--"};
  words.insert(words.end(), kProgram.begin(), kProgram.end());
  words.insert(words.end(), {"--save", "model.pt"});
  const Call call = pair_->recorded.hindsight("record", words);
  ASSERT_EQ(call.code, 0) << call.story();
  const std::string run = call.of_type("run").at(0).at("run");
  ASSERT_GT(pair_->recorded.read("model.pt").size(), 1000u);
  pair_->recorded.write("model.pt", "today's model");

  Question question = kQuestions[5];
  question.name = "saved_norm";
  question.expression = "hindsight::norm(net->gru->parameters()[0])";
  ASSERT_EQ(add_probe(pair_->recorded, question).code, 0);
  const Call replayed = ask(pair_->recorded, question, {"--run", run});
  EXPECT_EQ(replayed.code, 0) << replayed.story();
  EXPECT_EQ(pair_->recorded.values("saved_norm", run).statuses, (std::map<std::string, int>{{"exact", 1}})) << replayed.story();
  EXPECT_EQ(pair_->recorded.read("model.pt"), "today's model");
}

}  // namespace
}  // namespace hindsight::e2e

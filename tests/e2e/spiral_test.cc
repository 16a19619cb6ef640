// samples/spiral: plain C++, state that serialises itself, std::mt19937.
#include "tests/e2e/exactness_test.h"

namespace hindsight::e2e {
namespace {

const Words kProgram = {"build/spiral", "--epochs", "6", "--points", "900", "--hidden", "12"};
constexpr std::size_t kEpochs = 6;
constexpr std::size_t kSteps = 8;  // 900 points, 120 a batch
const std::string kMain = "src/main.cc";

const std::vector<Question> kQuestions = {
    {.label = "AtTheEndOfEachEpoch", .name = "end_norm", .expression = "spiral::norm(net.layers)", .before = true,
     .statement = "hindsight::log(\"train_loss\", epoch_loss / steps);", .values = kEpochs, .file = kMain,
     .line = "hindsight::log(\"train_loss\""},
    {.label = "AtTheTopOfEachEpoch", .name = "top_norm", .expression = "spiral::norm(net.layers)", .before = true,
     .statement = "std::shuffle(order.begin(), order.end(), random);", .values = kEpochs, .file = kMain, .line = "std::shuffle("},
    {.label = "AtTheStepsOfOneEpoch", .name = "first_bias", .expression = "gradient.layers[0].bias[0]",
     .statement = "adam.step(net, gradient);", .where = "epoch=3", .values = kSteps, .file = kMain, .line = "adam.step(net"},
    {.label = "AtTheStepsOfAllEpochs", .name = "gradient_norm", .expression = "spiral::norm(gradient.layers)",
     .statement = "adam.step(net, gradient);", .values = kEpochs * kSteps, .file = kMain, .line = "adam.step(net"},
    {.label = "BeforeTheLoop", .name = "start_norm", .expression = "spiral::norm(net.layers)",
     .statement = "hindsight::log(\"steps\", steps);", .values = 1, .file = kMain, .line = "hindsight::log(\"steps\""},
    {.label = "AfterTheLoop", .name = "last_norm", .expression = "spiral::norm(net.layers)",
     .statement = "hindsight::log(\"final_accuracy\", final_accuracy);", .values = 1, .file = kMain,
     .line = "hindsight::log(\"final_accuracy\""},
    {.label = "InAFunctionCalledOnceAnEpochAndAfterwards", .name = "judged_norm", .expression = "spiral::norm(net.layers)",
     .statement = "int right = 0;", .function = "accuracy", .values = kEpochs + 1, .file = kMain, .line = "int right = 0;"},
    {.label = "InAFunctionOfAnotherUnitCalledAtEachStep", .name = "correction", .expression = "correction2",
     .statement = "const float pace = static_cast<float>(rate / correction1);", .values = kEpochs * kSteps,
     .file = "src/network.cc", .line = "const float pace"},
};
const Question kDrawsBeforeTheLoop = {.label = "DrawsBeforeTheLoop", .name = "drawn_early", .expression = "random()",
                                      .statement = "hindsight::log(\"steps\", steps);", .values = 1};
const Question kDrawsAtTheTop = {.label = "DrawsAtTheTopOfEachEpoch", .name = "drawn", .expression = "random()", .before = true,
                                 .statement = "std::shuffle(order.begin(), order.end(), random);"};
const Question kDrawsAtTheEnd = {.label = "DrawsAtTheEndOfEachEpoch", .name = "drawn_late", .expression = "random()",
                                 .statement = "hindsight::log(\"accuracy\", right);"};
const Question kWritesAWeight = {.label = "WritesAWeightAtOneEpochsSteps", .name = "written",
                                 .expression = "(net.layers[0].bias[0] += 0.001F)", .statement = "adam.step(net, gradient);",
                                 .where = "epoch=2"};

class Spiral : public testing::TestWithParam<Question> {
 public:
  static void SetUpTestSuite() {
    if (!pair_) pair_.emplace(record_pair("spiral", kQuestions, kProgram, {{"src/network.cc", "#include \"network.h\""}}));
  }
  static std::optional<Pair> pair_;
};
std::optional<Pair> Spiral::pair_;

class SpiralExact : public Spiral {};
TEST_P(SpiralExact, EqualsARunThatHadTheStatementFromTheStart) {
  expect_same_recording(*pair_, {"loss", "train_loss", "accuracy", "final_accuracy"});
  expect_exact(*pair_, GetParam());
  expect_asking_again_runs_nothing(*pair_, GetParam());
}
INSTANTIATE_TEST_SUITE_P(Probe, SpiralExact, testing::ValuesIn(kQuestions), label_of);

class SpiralDisturbed : public Spiral {};
TEST_P(SpiralDisturbed, IsCaught) { expect_caught(*pair_, GetParam()); }
INSTANTIATE_TEST_SUITE_P(Probe, SpiralDisturbed, testing::Values(kDrawsBeforeTheLoop, kDrawsAtTheTop, kDrawsAtTheEnd, kWritesAWeight),
                         label_of);

using SpiralPlans = Spiral;
TEST_F(SpiralPlans, AProbeAtTheEndOfAnEpochSkipsTheStepLoops) {
  Question question = kQuestions[0];
  question.name = "planned_norm";
  question.expression = "2 * spiral::norm(net.layers)";
  ASSERT_EQ(add_probe(pair_->recorded, question).code, 0);
  const Call replayed = ask(pair_->recorded, question);
  ASSERT_EQ(replayed.code, 0) << replayed.story();
  // The steps' losses are logged by every step that runs: a replay that runs none has none to compare.
  std::uint64_t compared = 0;
  for (const nlohmann::json& answer : replayed.of_type("answer")) {
    for (const nlohmann::json& segment : answer.at("segments")) compared += segment.value("compared_values", 0u);
  }
  EXPECT_GT(compared, 0u) << replayed.story();
  EXPECT_LT(compared, kEpochs * kSteps) << replayed.story();
}

TEST_F(SpiralPlans, ADryRunShowsWhereItGoesAndChangesNothing) {
  Question question = kQuestions[3];
  question.name = "dry_norm";
  question.expression = "3 * spiral::norm(gradient.layers)";
  ASSERT_EQ(add_probe(pair_->recorded, question).code, 0);
  const Call dry = ask(pair_->recorded, question, {"--dry-run", "--explain"});
  EXPECT_EQ(dry.code, 0) << dry.story();
  const std::vector<nlohmann::json> places = dry.of_type("placement");
  ASSERT_EQ(places.size(), 1u) << dry.story();
  EXPECT_EQ(places[0].value("file", ""), kMain) << dry.story();
  EXPECT_EQ(pair_->recorded.values(question.name).bits.size(), 0u);
}

TEST(SpiralVersions, OneQuestionShowsTheSilentBugOfTheSecondVersion) {
  const ScratchProject project = ScratchProject::of_sample("spiral", "spiral-versions");
  for (const char* version : {"v1", "v2", "v3"}) {
    if (std::string(version) != "v1") project.apply_patch(version);
    Words words = {"--"};
    words.insert(words.end(), kProgram.begin(), kProgram.end());
    const Call call = project.hindsight("record", words);
    ASSERT_EQ(call.code, 0) << call.story();
  }
  ASSERT_EQ(project.hindsight("log", {"last=order.back()", "--before", "hindsight::log(\"train_loss\", epoch_loss / steps);"}).code, 0);
  const Call replayed = project.hindsight("replay", {"last", "--all"});
  EXPECT_EQ(replayed.code, 0) << replayed.story();
  std::map<std::string, std::size_t> distinct;
  for (const char* run : {"r1", "r2", "r3"}) {
    const Answer answer = project.values("last", run);
    EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"exact", static_cast<int>(kEpochs)}})) << run;
    std::map<std::string, int> seen;
    for (const auto& [key, value] : answer.bits) ++seen[value];
    distinct[run] = seen.size();
  }
  EXPECT_GT(distinct["r1"], 1u);
  EXPECT_EQ(distinct["r2"], 1u);
  EXPECT_GT(distinct["r3"], 1u);
}

TEST(SpiralEditForm, AStatementWrittenIntoTodaysSourcesIsFoundAndAnswered) {
  const ScratchProject project = ScratchProject::of_sample("spiral", "spiral-edit");
  Words words = {"--"};
  words.insert(words.end(), kProgram.begin(), kProgram.end());
  ASSERT_EQ(project.hindsight("record", words).code, 0);
  const Answer loss = project.values("train_loss");
  project.insert_line(kMain, "hindsight::log(\"accuracy\"", "    hindsight::log(\"mean_loss\", epoch_loss / steps);");
  const Call replayed = project.hindsight("replay");
  EXPECT_EQ(replayed.code, 0) << replayed.story();
  const Answer answer = project.values("mean_loss");
  EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"exact", static_cast<int>(kEpochs)}})) << replayed.story();
  // It asks for what was logged under another name: the values are known.
  ASSERT_EQ(answer.records.size(), loss.records.size());
  for (std::size_t i = 0; i < loss.records.size(); ++i) EXPECT_EQ(answer.records[i].at("value"), loss.records[i].at("value"));
}

}  // namespace
}  // namespace hindsight::e2e

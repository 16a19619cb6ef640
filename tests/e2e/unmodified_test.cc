// Programs that have never heard of hindsight: their loops and state are found, and what is asked afterwards is answered from every
// checkpoint as if it had been logged. tests/programs/unmodified/README.md says what the comments in them mean.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/e2e/question.h"
#include "tests/e2e/scratch_project.h"

namespace hindsight::e2e {
namespace {

namespace fs = std::filesystem;

struct Program {
  std::string name;
  std::map<std::string, std::string> says;  // its comments
  std::string expression, statement;        // of the probe

  std::string flags() const {
    const auto more = says.find("flags");
    return "-std=" + says.at("standard") + " -O2" + (more == says.end() ? "" : " " + more->second);
  }
  // `exact`, or how the text of a refusal begins.
  bool is_entered() const { return says.at("expect") == "exact"; }
  std::string expected_text() const {
    const std::string& expect = says.at("expect");
    const std::size_t colon = expect.find(": ");
    return colon == std::string::npos ? "" : expect.substr(colon + 2);
  }
  bool is_whole() const { return says.at("expect").starts_with("whole: "); }
};

Program read_program(const fs::path& path) {
  Program program;
  program.name = path.stem();
  std::ifstream in(fs::is_directory(path) ? path / "main.cc" : path);
  for (std::string line; std::getline(in, line) && line.starts_with("// ");) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) program.says[line.substr(3, colon - 3)] = line.substr(colon + 2);
  }
  static const std::regex probe("(.*) after '(.*)'");
  std::smatch parts;
  EXPECT_TRUE(std::regex_match(program.says["probe"], parts, probe)) << program.name;
  program.expression = parts[1];
  program.statement = parts[2];
  return program;
}

std::vector<Program> all_programs() {
  std::vector<Program> out;
  for (const auto& entry : fs::directory_iterator(fs::path(HINDSIGHT_SOURCES) / "tests/programs/unmodified")) {
    if (entry.path().extension() == ".md") continue;
    out.push_back(read_program(entry.path()));
  }
  std::sort(out.begin(), out.end(), [](const Program& a, const Program& b) { return a.name < b.name; });
  return out;
}

// What the probe's statement printed: the numbers behind the text that its format begins with, as text.
std::vector<double> printed(const Program& program, const std::string& out) {
  const std::size_t quote = program.statement.find('"');
  const std::string format = program.statement.substr(quote + 1);
  const std::string word = format.substr(0, format.find('%'));
  std::vector<double> values;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(word)) values.push_back(std::strtod(line.c_str() + word.size(), nullptr));
  }
  return values;
}
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

double number_of(const nlohmann::json& record) {
  const nlohmann::json& value = record.at("value");
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_string()) return std::strtod(value.get<std::string>().c_str(), nullptr);
  // The shortest text that gives the same float need not give the same double.
  return record.at("dtype") == "f32" ? static_cast<double>(value.get<float>()) : value.get<double>();
}

std::string where_of(const nlohmann::json& record) {
  std::string out;
  for (const nlohmann::json& level : record.at("position")) {
    const nlohmann::json& at = level.at("label").is_null() ? level.at("ordinal") : level.at("label");
    out += (out.empty() ? "" : " and ") + level.at("loop").get<std::string>() + "=" + at.dump();
  }
  return out;
}

// In the order in which the program went through them.
std::vector<nlohmann::json> records_of(const ScratchProject& project, const std::string& where = "") {
  Words words = {"seen"};
  if (!where.empty()) words.insert(words.end(), {"--where", where});
  return project.hindsight("table", words).of_type("record");
}

void check(const Program& program) {
  SCOPED_TRACE(program.name + ": " + program.says.at("what"));
  const ScratchProject plain = ScratchProject::of_unmodified(program.name, "unmodified-" + program.name + "-plain", program.flags());
  const Call built = plain.run({"sh", "-c", "set -f; $(sed -n 's/^command = \"\\(.*\\)\"$/\\1/p' hindsight.toml)"});
  ASSERT_EQ(built.code, 0) << built.story();
  const Call ran = plain.run({"./train"});

  const ScratchProject project = ScratchProject::of_unmodified(program.name, "unmodified-" + program.name, program.flags());
  Words record = {"hindsight", "record"};
  if (const auto loop = program.says.find("loop"); loop != program.says.end() && program.is_entered()) record.insert(record.end(), {"--every", loop->second + "=1"});
  record.insert(record.end(), {"--", "./train"});
  const Call recorded = project.run(record);
  if (!program.says.contains("draws")) {
    EXPECT_EQ(recorded.out, ran.out) << "recording changes what it prints: " << recorded.story();
  }
  EXPECT_EQ(recorded.code, ran.code) << recorded.story();
  static const std::string kChanged = "but changed while it ran";
  const auto changes = program.says.find("changes");
  if (changes == program.says.end()) {
    EXPECT_EQ(recorded.err.find(kChanged), std::string::npos) << recorded.story();
  } else {
    EXPECT_NE(recorded.err.find(kChanged + ", and is part of it from there on: '" + changes->second + "'"), std::string::npos) << recorded.story();
  }

  const Call added = project.hindsight("log", {"seen=" + program.expression, "--after", program.statement});
  ASSERT_EQ(added.code, 0) << added.story();
  const Call replayed = project.run({"hindsight", "replay", "seen", "--explain"});
  const std::vector<double> truth = printed(program, recorded.out);
  ASSERT_FALSE(truth.empty()) << ran.story();
  if (program.says.at("expect").starts_with("refused: ")) {
    const Call explained = project.run({"hindsight", "instrument", "--explain"});
    EXPECT_NE((replayed.out + replayed.err + explained.out).find(program.expected_text()), std::string::npos) << replayed.story() << explained.story();
    for (const nlohmann::json& each : records_of(project)) EXPECT_NE(each.at("status"), "exact") << each.dump();
    return;
  }
  const std::vector<nlohmann::json> all = records_of(project);
  ASSERT_EQ(all.size(), truth.size()) << replayed.story();
  std::vector<double> values;
  for (const nlohmann::json& each : all) {
    EXPECT_EQ(each.at("status"), "exact") << each.dump() << replayed.story();
    values.push_back(number_of(each));
  }
  // Positions of loops in one another are listed by loop, not by time.
  std::vector<double> sorted = values, sorted_truth = truth;
  std::sort(sorted.begin(), sorted.end());
  std::sort(sorted_truth.begin(), sorted_truth.end());
  for (std::size_t i = 0; i < truth.size(); ++i) EXPECT_TRUE(same(sorted[i], sorted_truth[i])) << i << ": " << sorted[i] << " is not " << sorted_truth[i] << replayed.story();
  if (program.is_whole()) {
    const Call last = project.run({"hindsight", "replay", "seen", "--again", "--explain", "--where", where_of(all.back())});
    EXPECT_NE((replayed.out + replayed.err + last.out + last.err).find(program.expected_text()), std::string::npos) << replayed.story() << last.story();
    return;
  }
  // Each iteration on its own, entered at its own head.
  std::size_t entered = 0, outermost = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string where = where_of(all[i]);
    const Call one = project.run({"hindsight", "replay", "seen", "--again", "--explain", "--where", where});
    if (all[i].at("position").size() == 1) {
      ++outermost;
      if (one.out.find("restores the head") != std::string::npos) ++entered;
    }
    for (const nlohmann::json& now : records_of(project, where)) {
      if (now.at("position") != all[i].at("position") || now.at("seq") != all[i].at("seq")) continue;
      EXPECT_EQ(now.at("status"), "exact") << now.dump() << one.story();
      EXPECT_TRUE(same(number_of(now), values[i])) << now.dump() << " is not " << all[i].dump() << one.story();
    }
  }
  EXPECT_GT(entered * 2, outermost) << "most iterations were not entered: " << replayed.story();
}

TEST(Unmodified, EveryIterationEnteredGivesWhatTheFullRunPrinted) {
  const std::vector<Program> programs = all_programs();
  ASSERT_GE(programs.size(), 30u);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < programs.size(); i = next++) check(programs[i]);
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(1u, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  work();
}

// The state has no `batch`: the program clears it first. A question about what is in it before that cannot be answered from a checkpoint.
TEST(Unmodified, AProbeThatReadsWhatAStateLeavesOutIsAnsweredFromTheLoopsStart) {
  const ScratchProject project = ScratchProject::of_unmodified("scratch_buffers", "unmodified-left-out", "-std=c++17 -O2");
  const Call recorded = project.run({"hindsight", "record", "--every", "epoch=1", "--", "./train"});
  ASSERT_EQ(recorded.code, 0) << recorded.story();
  std::vector<double> sizes = {0};  // before each iteration what the one before it printed
  std::istringstream lines(recorded.out);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t of = line.find(" of "); of != std::string::npos) sizes.push_back(std::strtod(line.c_str() + of + 4, nullptr));
  }
  ASSERT_EQ(sizes.size(), 10u) << recorded.story();
  const Call added = project.hindsight("log", {"seen=batch.size()", "--before", "batch.clear();"});
  ASSERT_EQ(added.code, 0) << added.story();
  for (int epoch = 0; epoch < 9; ++epoch) {
    const std::string where = "epoch=" + std::to_string(epoch);
    const Call one = project.run({"hindsight", "replay", "seen", "--again", "--explain", "--where", where});
    const std::vector<nlohmann::json> records = records_of(project, where);
    ASSERT_EQ(records.size(), 1u) << one.story();
    EXPECT_EQ(records[0].at("status"), "exact") << one.story();
    EXPECT_EQ(number_of(records[0]), sizes[static_cast<std::size_t>(epoch)]) << one.story();
    if (epoch == 0) continue;  // entered nowhere
    EXPECT_NE(one.out.find("misses 'batch' (a probe reads it before the program writes it)"), std::string::npos) << one.story();
  }
}

TEST(Unmodified, AProbeWithALambdaOfItsOwnIsExact) {
  const ScratchProject project = ScratchProject::of_unmodified("activation_members", "unmodified-lambda", "-std=c++17 -O2");
  const Call recorded = project.run({"hindsight", "record", "--every", "epoch=1", "--", "./train"});
  ASSERT_EQ(recorded.code, 0) << recorded.story();
  std::vector<double> losses;
  std::istringstream lines(recorded.out);
  for (std::string line; std::getline(lines, line);) losses.push_back(std::strtod(line.c_str() + std::string("loss ").size(), nullptr));
  const Call added = project.hindsight("log", {"seen=[](double y) { return y; }(loss)", "--after", "std::printf(\"loss %a\\n\", loss);"});
  ASSERT_EQ(added.code, 0) << added.story();
  const Call one = project.run({"hindsight", "replay", "seen", "--explain", "--where", "epoch=7"});
  const std::vector<nlohmann::json> records = records_of(project, "epoch=7");
  ASSERT_EQ(records.size(), 1u) << one.story();
  EXPECT_EQ(records[0].at("status"), "exact") << one.story();
  EXPECT_EQ(number_of(records[0]), losses.at(7)) << one.story();
  EXPECT_NE(one.out.find("restores the head of epoch=7"), std::string::npos) << one.story();
}

// What the recording has built is not built again.
TEST(Unmodified, QuestionAfterQuestionBuildsOnlyWhatItNeeds) {
  const ScratchProject project = ScratchProject::of_unmodified("activation_members", "unmodified-questions", "-std=c++17 -O2");
  const auto finished = [&] {
    return std::count_if(fs::directory_iterator(project.root() / ".hindsight/builds"), fs::directory_iterator(), [](const fs::directory_entry& each) { return fs::exists(each.path() / "done.json"); });
  };
  for (int i = 0; i < 2; ++i) {
    const Call recorded = project.run({"hindsight", "record", "--every", "epoch=1", "--", "./train"});
    ASSERT_EQ(recorded.code, 0) << recorded.story();
    EXPECT_EQ(finished(), 1) << recorded.story();
  }
  for (int question = 1; question <= 2; ++question) {
    const std::string name = "seen" + std::to_string(question);
    const Call added = project.hindsight("log", {name + "=loss * " + std::to_string(question), "--after", "std::printf(\"loss %a\\n\", loss);"});
    ASSERT_EQ(added.code, 0) << added.story();
    const Call replayed = project.run({"hindsight", "replay", name, "--where", "epoch=3"});
    EXPECT_EQ(finished(), 1 + question) << replayed.story();
    const std::vector<nlohmann::json> records = project.hindsight("table", {name, "--where", "epoch=3"}).of_type("record");
    ASSERT_EQ(records.size(), 2u) << replayed.story();
    for (const nlohmann::json& each : records) EXPECT_EQ(each.at("status"), "exact") << each.dump();
  }
}

// ---- the samples without a line of hindsight's ----

// Asks the unmodified program, and compares with one that logs itself, and has logged what is asked from the start.
void check_sample(const std::string& sample, const Words& program, const std::vector<Question>& questions, const std::string& include_below) {
  const ScratchProject truth = ScratchProject::of_sample(sample, sample + "-unmodified-truth");
  const ScratchProject plain = ScratchProject::of_sample(sample, sample + "-unmodified");
  plain.apply_patch("unmodified");
  for (const Question& question : questions) write_into(truth, question);
  if (!include_below.empty()) truth.insert_line("src/network.cc", include_below, "#include <hindsight/hindsight.h>");
  Words words = {"--"};
  words.insert(words.end(), program.begin(), program.end());
  const Call logged = truth.hindsight("record", words);
  ASSERT_EQ(logged.code, 0) << logged.story();
  words.insert(words.begin(), {"--every", "epoch=1"});
  const Call recorded = plain.hindsight("record", words);
  ASSERT_EQ(recorded.code, 0) << recorded.story();
  for (const Question& question : questions) {
    const Call added = add_probe(plain, question);
    ASSERT_EQ(added.code, 0) << added.story();
    const Call replayed = ask(plain, question);
    const Answer answer = plain.values(question.name);
    EXPECT_EQ(answer.bits, truth.values(question.name, "r1", question.where).bits) << replayed.story();
    EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"exact", static_cast<int>(question.values)}})) << replayed.story();
  }
  const Call one = plain.run({"hindsight", "replay", questions[0].name, "--again", "--explain", "--where", "epoch=3"});
  EXPECT_NE(one.out.find("restores the head of epoch=3"), std::string::npos) << one.story();
  const Call verified = plain.run({"hindsight", "verify", "r1", "--where", "epoch=2"});
  EXPECT_EQ(verified.code, 0) << verified.story();
}

TEST(UnmodifiedSample, OfPlainCxxAnswersAsIfItHadLogged) {
  check_sample("spiral", {"build/spiral", "--epochs", "6", "--points", "900", "--hidden", "12"},
               {{.name = "top_norm", .expression = "spiral::norm(net.layers)", .before = true, .statement = "std::shuffle(order.begin(), order.end(), random);", .values = 6, .file = "src/main.cc", .line = "std::shuffle("},
                {.name = "first_bias", .expression = "gradient.layers[0].bias[0]", .statement = "adam.step(net, gradient);", .where = "epoch=3", .values = 8, .file = "src/main.cc", .line = "adam.step(net"},
                {.name = "correction", .expression = "correction2", .statement = "const float pace = static_cast<float>(rate / correction1);", .values = 48, .file = "src/network.cc", .line = "const float pace"}},
               "#include \"network.h\"");
}

TEST(UnmodifiedSample, OfLibtorchAnswersAsIfItHadLogged) {
  if (!fs::exists("/usr/include/torch/csrc/api/include/torch/torch.h")) GTEST_SKIP() << "SKIP: libtorch-dev is not installed";
  check_sample("charlm", {"build/charlm", "--dropout", "0.1", "--epochs", "5", "--steps", "6", "--hidden", "48", "--width", "24"},
               {{.name = "top_norm", .expression = "hindsight::norm(net->head->weight)", .before = true, .statement = "net->train();", .values = 5, .file = "src/main.cc", .line = "net->train();"},
                {.name = "one_norm", .expression = "hindsight::norm(net->embedding->weight.grad())", .statement = "loss.backward();", .where = "epoch=2", .values = 6, .file = "src/main.cc", .line = "loss.backward();"},
                {.name = "score_norm", .expression = "hindsight::norm(scores)", .statement = "const torch::Tensor scores = net->forward(batch.inputs);", .values = 35, .file = "src/main.cc", .line = "const torch::Tensor scores ="}},
               "");
}

}  // namespace
}  // namespace hindsight::e2e

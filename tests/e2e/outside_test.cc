// Programs that take something from outside: what a replay says of them is what the recorded process had, or is not exact.
#include <gtest/gtest.h>

#include "tests/e2e/scratch_project.h"

namespace hindsight::e2e {
namespace {

struct Source {
  std::string label;
  std::string code;         // sets `extra`
  std::string recorded;     // the shell's words before `hindsight record`
  std::string replayed;     // and before `hindsight replay`
  std::string status;       // of the probe's values
  std::string named = {};   // what the replay's notes say of it
  std::string probe = "extra";
};
void PrintTo(const Source& source, std::ostream* out) { *out << source.label; }

// `extra` reaches nothing that is compared; truth.txt says what it was.
std::string program(const Source& source) {
  return "#include <hindsight/hindsight.h>\n#include <chrono>\n#include <cstdio>\n#include <cstdlib>\n#include <ctime>\n#include <fstream>\n#include <iostream>\n"
         "#include <random>\n#include <sys/random.h>\n#include <thread>\n#include <unistd.h>\n"
         "int main() {\n  double extra = 0;\n  const auto start = std::chrono::steady_clock::now();\n  " + source.code + "\n"
         "  std::ofstream(\"truth.txt\") << std::fixed << extra;\n  double weight = 1;\n"
         "  for (const int epoch : hindsight::loop(\"epoch\", 3, hindsight::named(\"weight\", weight))) {\n"
         "    weight = weight * 0.5 + epoch;\n    hindsight::log(\"weight\", weight);\n"
         "    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();\n"
         "    hindsight::log(\"seconds\", seconds);\n    std::printf(\"%d: %.3f s\\n\", epoch, seconds);\n  }\n}\n";
}

class OutsideSource : public testing::TestWithParam<Source> {};

TEST_P(OutsideSource, IsGivenBackOrTheAnswerIsNotExact) {
  const Source& source = GetParam();
  const ScratchProject project = ScratchProject::of_program("plain", "outside-" + source.label);
  project.write("train.cc", program(source));
  const Call recorded = project.run({"sh", "-c", source.recorded + " hindsight record --json -- ./train"});
  ASSERT_EQ(recorded.code, 0) << recorded.story();
  ASSERT_EQ(project.hindsight("log", {"seen=" + source.probe, "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.run({"sh", "-c", source.replayed + " hindsight replay --json seen"});
  const Answer answer = project.values("seen");
  EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{source.status, 3}})) << replayed.story();
  EXPECT_NE(replayed.out.find(source.named), std::string::npos) << replayed.story();
  for (const nlohmann::json& record : answer.records) {
    if (record.at("status") == "exact") {
      EXPECT_EQ(record.at("value").get<double>(), std::stod(project.read("truth.txt"))) << replayed.story();
    }
  }
}

const std::string kReadSeed = "if (const char* text = std::getenv(\"TRAIN_SEED\")) extra = std::atof(text);";
const std::string kReadKey = "if (const char* text = std::getenv(\"TRAIN_KEY\")) extra = std::atof(text);";
const std::string kReadInput = "if (!(std::cin >> extra)) extra = -1;";

INSTANTIATE_TEST_SUITE_P(
    Programs, OutsideSource,
    testing::Values(Source{"nothing", "extra = 3;", "", "", "exact"},
                    Source{"variable", kReadSeed, "TRAIN_SEED=3", "TRAIN_SEED=4", "exact"},
                    Source{"absent_variable", kReadSeed, "", "TRAIN_SEED=4", "exact"},
                    Source{"same_secret", kReadKey, "TRAIN_KEY=3", "TRAIN_KEY=3", "exact"},
                    Source{"changed_secret", kReadKey, "TRAIN_KEY=3", "TRAIN_KEY=4", "unverified", "TRAIN_KEY"},
                    Source{"unknown_variable", "for (char** each = environ; *each; ++each) extra = (*each)[0] == '~' ? std::atof(*each + 1) : extra;", "TRAIN_SEED=3",
                           "TRAIN_SEED=4", "unverified", "TRAIN_SEED"},
                    Source{"input", kReadInput, "echo 3 |", "", "unverified", "standard input"},
                    Source{"empty_input", kReadInput, "", "echo 3 |", "exact"},
                    Source{"unread_input", "extra = 3;", "echo 3 |", "", "exact"},
                    Source{"entropy", "extra = std::random_device{}();", "", "", "exact"},
                    Source{"entropy_in_pieces", "unsigned char bytes[3]; if (getrandom(bytes, 3, 0) == 3) extra = bytes[0] + 256 * bytes[2];", "", "", "exact"},
                    Source{"time_as_seed", "extra = std::mt19937(static_cast<unsigned>(std::time(nullptr)))();", "", "", "exact"},
                    Source{"process_as_seed", "std::srand(static_cast<unsigned>(getpid())); extra = std::rand();", "", "", "exact"},
                    Source{"chrono_as_seed", "extra = std::mt19937(std::chrono::high_resolution_clock::now().time_since_epoch().count())();", "", "", "exact"},
                    Source{"file_of_entropy", "std::ifstream in(\"/dev/urandom\"); extra = in.get();", "", "", "unverified", "/dev/urandom at train.cc:15"},
                    Source{"entropy_in_a_thread", "std::thread([&] { extra = std::random_device{}(); }).join();", "", "", "unverified", "another thread"},
                    Source{"time_in_a_thread", "std::thread([&] { extra = std::mt19937(static_cast<unsigned>(std::time(nullptr)))(); }).join();", "", "", "unverified", "another thread"},
                    Source{"time_that_is_shown", "extra = static_cast<double>(std::time(nullptr));", "", "", "unverified", "'seen'"},
                    Source{"time_in_the_probe", "extra = 3;", "", "", "unverified", "'seen'", "std::chrono::steady_clock::now().time_since_epoch().count()"},
                    Source{"address_in_the_probe", "extra = 3;", "", "", "unverified", "'seen'", "reinterpret_cast<unsigned long>(&weight)"}),
    [](const auto& each) { return each.param.label; });

TEST(OutsideSource, OneProbeDoesNotTaintAnother) {
  const ScratchProject project = ScratchProject::of_program("plain", "outside-two");
  ASSERT_EQ(project.hindsight("record", {"--", "./train"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"here=reinterpret_cast<unsigned long>(&weight)", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"twice=weight * 2", "--after", "hindsight::log(\"weight\", weight);"}).code, 0);
  const Call replayed = project.hindsight("replay");
  EXPECT_EQ(project.values("here").statuses, (std::map<std::string, int>{{"unverified", 6}})) << replayed.story();
  EXPECT_EQ(project.values("twice").statuses, (std::map<std::string, int>{{"exact", 6}})) << replayed.story();
}

}  // namespace
}  // namespace hindsight::e2e

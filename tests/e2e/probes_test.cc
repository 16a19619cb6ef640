// Where probes can go, what they bring along, and what they must not do: programs that print what is asked of them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "tests/e2e/scratch_project.h"

namespace hindsight::e2e {
namespace {

// The numbers that a program printed behind `word`, in order.
std::vector<double> printed(const Call& call, const std::string& word) {
  std::vector<double> out;
  std::istringstream words(call.out);
  for (std::string each; words >> each;) {
    if (each == word && words >> each) out.push_back(std::strtod(each.c_str(), nullptr));
  }
  EXPECT_FALSE(out.empty()) << call.story();
  return out;
}

Call record(const ScratchProject& project) {
  const Call call = project.run({"hindsight", "record", "--", "./train"});
  EXPECT_EQ(call.code, 0) << call.story();
  return call;
}

std::vector<double> numbers(const Answer& answer) {
  std::vector<double> out;
  for (const nlohmann::json& each : answer.records) out.push_back(each.at("value").get<double>());
  return out;
}

void expect_exact(const ScratchProject& project, const std::string& name, const std::vector<double>& truth, const Call& replayed, const std::string& run = "r1") {
  const Answer answer = project.values(name, run);
  EXPECT_EQ(numbers(answer), truth) << replayed.story();
  EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"exact", static_cast<int>(truth.size())}})) << replayed.story();
}

constexpr char kTrainer[] = R"(#pragma once
#include <cstddef>
#include <cstdio>
#include <vector>

struct Trainer {
  std::vector<double> w = std::vector<double>(4, 0.1);
  double rate = 0.05;
  double step(int epoch) {
    double loss = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double error = w[i] * (epoch + 1) - static_cast<double>(i);
      w[i] -= rate * error;
      loss += error * error;
    }
    return loss;
  }
};
double evaluate(const Trainer& trainer);
)";
constexpr char kTrainerUser[] = R"(#include "trainer.h"

double evaluate(const Trainer& trainer) {
  Trainer copy = trainer;
  return copy.step(0);
}
)";
constexpr char kTrainerMain[] = R"(#include "trainer.h"

int main() {
  Trainer trainer;
  for (int epoch = 0; epoch < 6; ++epoch) {
    const double loss = trainer.step(epoch);
    std::printf("value %a\n", loss);
    std::printf("value %a\n", evaluate(trainer));
  }
}
)";
// It knows nothing of headers: what includes one is not made again because that has changed.
constexpr char kMakefile[] = "train: main.o util.o\n\tg++ main.o util.o -o train\n%.o: %.cc\n\tg++ -O2 -c $< -o $@\n";
const std::map<std::string, std::string> kHeaderProject = {{"trainer.h", kTrainer}, {"util.cc", kTrainerUser}, {"main.cc", kTrainerMain}, {"Makefile", kMakefile}};

TEST(AProbeInAHeader, IsInEveryUnitThatIncludesIt) {
  for (const std::string command : {"make", "sh -c 'g++ -O2 main.cc util.cc -o train'"}) {
    const ScratchProject project = ScratchProject::of_files("in-header", kHeaderProject, command);
    const std::vector<double> truth = printed(record(project), "value");
    ASSERT_EQ(project.hindsight("log", {"seen=loss", "--before", "return loss;"}).code, 0);
    const Call replayed = project.hindsight("replay", {"seen"});
    ASSERT_EQ(replayed.of_type("placement").size(), 1u) << replayed.story();
    EXPECT_EQ(replayed.of_type("placement")[0].at("file"), "trainer.h") << replayed.story();
    expect_exact(project, "seen", truth, replayed);
  }
}

TEST(AProbeInAHeader, WrittenIntoTheHeaderIsFound) {
  const ScratchProject project = ScratchProject::of_files("edited-header", kHeaderProject, "make");
  const std::vector<double> truth = printed(record(project), "value");
  project.insert_line("trainer.h", "return loss;", "    hindsight::log(\"seen\", loss);", true);
  project.insert_line("trainer.h", "#include <vector>", "#include <hindsight/hindsight.h>");
  const Call replayed = project.hindsight("replay");
  expect_exact(project, "seen", truth, replayed);
}

TEST(AProbeInAHeader, IsFollowedThroughRenames) {
  const ScratchProject project = ScratchProject::of_files("renamed-header", kHeaderProject, "make");
  record(project);
  project.replace("trainer.h", "    double loss = 0;", "    double total = 0;");
  project.replace("trainer.h", "      loss += error * error;", "      total += error * error;");
  project.replace("trainer.h", "    return loss;", "    return total;");
  record(project);
  ASSERT_EQ(project.hindsight("log", {"seen=total", "--after", "total += error * error;"}).code, 0);
  const Call replayed = project.hindsight("replay", {"seen"});
  const Answer before = project.values("seen", "r1"), after = project.values("seen", "r2");
  EXPECT_EQ(numbers(before), numbers(after)) << replayed.story();
  EXPECT_EQ(before.statuses, (std::map<std::string, int>{{"exact", 48}})) << replayed.story();
}

TEST(AProbeInAHeader, ASourceFileThatAnotherOneIncludesIsOneToo) {
  std::map<std::string, std::string> files = kHeaderProject;
  files["all.cc"] = "#include \"main.cc\"\n#include \"util.cc\"\n";
  const ScratchProject project = ScratchProject::of_files("unity", files, "g++ -O2 all.cc -o train");
  record(project);
  ASSERT_EQ(project.hindsight("log", {"seen=copy.rate * 20", "--after", "Trainer copy = trainer;"}).code, 0);
  const Call replayed = project.hindsight("replay", {"seen"});
  expect_exact(project, "seen", std::vector<double>(6, 1.0), replayed);
}

constexpr char kPatterns[] = R"(#include <cstdio>
#include <vector>

struct Sgd {
  double rate = 0.1;
  int steps = 0;
  void step(double& w, double slope) {
    w -= rate * slope;
    ++steps;
  }
};

int main() {
  Sgd opt;
  double w = 1, v = 2;
  for (int epoch = 0; epoch < 5; ++epoch) {
    double loss = 0;
    std::printf("loss %a\n", loss);
    opt.step(w, w - 3);
    std::printf("steps %d\n", opt.steps);
    loss += (w - 3) * (w - 3);
    std::printf("loss %a\n", loss);
    opt.step(v, v + 1);
    std::printf("steps %d\n", opt.steps);
    loss += (v + 1) * (v + 1);
    std::printf("loss %a\n", loss);
    if (epoch % 2 == 1) {
      loss *= 0.5;
      std::printf("loss %a\n", loss);
    }
    std::printf("end %a\n", loss + v);
  }
}
)";

TEST(AProbeOfAPattern, GoesToEveryPlaceThatFits) {
  const ScratchProject project = ScratchProject::of_files("patterns", {{"train.cc", kPatterns}}, "g++ -O2 train.cc -o train");
  const Call recorded = record(project);
  ASSERT_EQ(project.hindsight("log", {"calls=opt.steps", "--on-call", "opt.step()"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"losses=loss", "--on-assign", "loss"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"ends=loss + v", "--each-loop", "epoch"}).code, 0);
  const Call where = project.hindsight("probes", {"--where"});
  EXPECT_EQ(where.code, 0) << where.story();
  EXPECT_EQ(where.of_type("placement").size(), 2u + 4u + 1u) << where.story();
  const Call replayed = project.hindsight("replay");
  expect_exact(project, "calls", printed(recorded, "steps"), replayed);
  expect_exact(project, "losses", printed(recorded, "loss"), replayed);
  expect_exact(project, "ends", printed(recorded, "end"), replayed);
}

TEST(AProbeOfAPattern, MeansWhatItSaysInEveryVersionAndShowsWhereItCannotGo) {
  const ScratchProject project = ScratchProject::of_files("patterns-history", {{"train.cc", kPatterns}}, "g++ -O2 train.cc -o train");
  const Call first = record(project);
  // The second version asks its function in a condition, too, and leaves iterations early.
  project.replace("train.cc", "    opt.step(v, v + 1);", "    if (opt.steps > 1000 && (opt.step(w, 0), true)) continue;\n    opt.step(v, v + 1);");
  const Call second = record(project);
  ASSERT_EQ(project.hindsight("log", {"calls=opt.steps", "--on-call", "opt.step()"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"ends=loss + v", "--each-loop", "epoch"}).code, 0);
  const Call replayed = project.hindsight("replay");
  EXPECT_EQ(replayed.code, 3) << replayed.story();
  expect_exact(project, "calls", printed(first, "steps"), replayed);
  expect_exact(project, "ends", printed(first, "end"), replayed);
  expect_exact(project, "calls", printed(second, "steps"), replayed, "r2");
  std::vector<std::string> refused;
  for (const nlohmann::json& each : replayed.of_type("placement")) {
    if (!each.at("refused").is_null()) refused.push_back(each.at("refused"));
  }
  ASSERT_EQ(refused.size(), 2u) << replayed.story();
  EXPECT_NE((refused[0] + refused[1]).find("in the head of a loop or in a condition"), std::string::npos) << replayed.story();
  EXPECT_NE((refused[0] + refused[1]).find("'continue'"), std::string::npos) << replayed.story();
}

TEST(AProbeThatChangesTheState, IsRefusedAndIsNeverExactWhereItIsForced) {
  const ScratchProject project = ScratchProject::of_files("forced", {{"train.cc", kPatterns}}, "g++ -O2 train.cc -o train");
  const Call recorded = record(project);
  for (const std::string expression : {"opt.steps++", "(w = 7)", "(opt.step(v, 1), v)", "std::printf(\"x\") + (loss *= 2)"}) {
    SCOPED_TRACE(expression);
    ASSERT_EQ(project.hindsight("log", {"change=" + expression, "--before", "loss += (v + 1) * (v + 1);"}).code, 0);
    const Call refused = project.hindsight("replay", {"change"});
    EXPECT_EQ(refused.code, 3) << refused.story();
    ASSERT_EQ(refused.of_type("placement").size(), 1u) << refused.story();
    EXPECT_NE(refused.of_type("placement")[0].at("refused").dump().find("changes the program's state"), std::string::npos) << refused.story();
    EXPECT_EQ(project.values("change").records.size(), 0u);
    const Call forced = project.hindsight("replay", {"change", "--force"});
    const Answer answer = project.values("change");
    EXPECT_EQ(answer.records.size(), 5u) << forced.story();
    EXPECT_EQ(answer.statuses.count("exact"), 0u) << forced.story();
    ASSERT_EQ(project.hindsight("probes", {"--remove", "change"}).code, 0);
  }
}

TEST(AProbeThatMayChangeTheState, LeavesTheGeneratorsAsTheyWere) {
  constexpr char kNoise[] = R"(#include <cstdio>
#include <cstdlib>

double noise() { return std::rand() % 100; }
double (*volatile hook)() = nullptr;

int main(int argc, char**) {
  hook = argc > 5 ? nullptr : noise;
  double w = 1;
  for (int epoch = 0; epoch < 6; ++epoch) {
    w = 0.5 * w + std::rand() % 10 + drand48();
    std::printf("w %a\n", w);
  }
}
)";
  const ScratchProject project = ScratchProject::of_files("guarded", {{"train.cc", kNoise}}, "g++ -O2 train.cc -o train");
  const std::vector<double> truth = printed(record(project), "w");
  ASSERT_EQ(project.hindsight("log", {"seen=w", "--before", "std::printf(\"w %a\\n\", w);"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"noise=hook() + drand48() * 0", "--before", "w = 0.5 * w + std::rand() % 10 + drand48();"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"called=hook()", "--before", "w = 0.5 * w + std::rand() % 10 + drand48();"}).code, 0);
  // That one certainly draws, and the other may.
  const Call drawing = project.hindsight("replay", {"noise"});
  EXPECT_EQ(drawing.code, 3) << drawing.story();
  const Call replayed = project.hindsight("replay", {"seen", "called"});
  EXPECT_EQ(numbers(project.values("seen")), truth) << replayed.story();
  EXPECT_EQ(project.values("seen").statuses, (std::map<std::string, int>{{"unverified", 6}})) << replayed.story();
  EXPECT_EQ(project.values("called").statuses, (std::map<std::string, int>{{"unverified", 6}})) << replayed.story();
  const Call forced = project.hindsight("replay", {"seen", "noise", "--force", "--again"});
  EXPECT_EQ(numbers(project.values("seen")), truth) << forced.story();
}

TEST(AProbeWithAHelper, BringsItAlongIntoVersionsThatLackIt) {
  const ScratchProject project = ScratchProject::of_files("helper", kHeaderProject, "make");
  record(project);
  project.write("mean.h", "#pragma once\n#include <numeric>\ntemplate <class T>\ninline double mean_of(const T& x) {\n  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());\n}\n");
  // In a source file and in a header that it includes, in one build.
  ASSERT_EQ(project.hindsight("log", {"outer=mean_of(trainer.w)", "--after", "const double loss = trainer.step(epoch);", "--with", "mean.h"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"inner=mean_of(w)", "--before", "return loss;", "--with", "mean.h"}).code, 0);
  ASSERT_EQ(project.hindsight("log", {"none=mean_of(w)", "--before", "return loss;"}).code, 0);
  std::filesystem::remove(project.root() / "mean.h");
  const Call replayed = project.hindsight("replay", {"outer", "inner"});
  const Answer outer = project.values("outer"), inner = project.values("inner");
  EXPECT_EQ(outer.statuses, (std::map<std::string, int>{{"exact", 6}})) << replayed.story();
  EXPECT_EQ(inner.statuses, (std::map<std::string, int>{{"exact", 12}})) << replayed.story();
  for (std::size_t i = 0; i < outer.records.size() && 2 * i < inner.records.size(); ++i) EXPECT_EQ(outer.records[i].at("value"), inner.records[2 * i].at("value")) << replayed.story();
  const Call without = project.hindsight("replay", {"none"});
  EXPECT_NE(without.of_type("placement").at(0).at("refused").dump().find("undeclared identifier 'mean_of'"), std::string::npos) << without.story();
  EXPECT_EQ(project.hindsight("log", {"x=1", "--before", "return loss;", "--with", "nowhere.h"}).code, 4);
}

// Whatever the compiler may do to the arithmetic around it: what is called exact is what was printed.
TEST(AProbeUnderEveryOptimisation, IsNeverExactAndWrong) {
  constexpr char kSums[] = R"(#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<double> w(37, 0.5), x(37);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i));
  for (int epoch = 0; epoch < 6; ++epoch) {
    double loss = 0, size = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double error = w[i] * x[i] - 0.3 * x[i] + 0.01 * epoch;
      const double square = error * error;
      loss += square;
      size += w[i] * w[i] + x[i];
      w[i] -= 0.1 * error * x[i];
    }
    std::printf("loss %a size %a first %a\n", loss, size, w[0]);
  }
}
)";
  for (const std::string flags : {"-O0", "-O1", "-O2", "-O3 -march=native", "-O3 -march=native -ffast-math", "-Ofast -flto", "-O2 -funroll-loops -fno-strict-aliasing", "-Os"}) {
    SCOPED_TRACE(flags);
    const ScratchProject project = ScratchProject::of_files("optimised", {{"train.cc", kSums}}, "g++ " + flags + " train.cc -o train");
    const Call recorded = record(project);
    const std::vector<double> truth = printed(recorded, "loss");
    // Behind the loop, and in the leaf loop itself.
    ASSERT_EQ(project.hindsight("log", {"seen=loss", "--before", "std::printf(\"loss %a size %a first %a\\n\", loss, size, w[0]);"}).code, 0);
    ASSERT_EQ(project.hindsight("log", {"inside=size", "--after", "size += w[i] * w[i] + x[i];"}).code, 0);
    // Of two in one build the one may change what the other sees.
    ASSERT_EQ(project.hindsight("log", {"square=square", "--after", "const double square = error * error;"}).code, 0);
    ASSERT_EQ(project.hindsight("log", {"sum=loss", "--after", "loss += square;"}).code, 0);
    const Call behind = project.hindsight("replay", {"seen"}), in = project.hindsight("replay", {"inside"});
    const Answer seen = project.values("seen"), inside = project.values("inside");
    ASSERT_EQ(seen.records.size(), truth.size()) << behind.story();
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (seen.records[i].at("status") == "exact") {
        EXPECT_EQ(seen.records[i].at("value").get<double>(), truth[i]) << behind.story();
      }
    }
    ASSERT_EQ(inside.records.size(), truth.size() * 37) << in.story();
    const std::vector<double> sizes = printed(recorded, "size");
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const nlohmann::json& last = inside.records[i * 37 + 36];
      if (last.at("status") == "exact") {
        EXPECT_EQ(last.at("value").get<double>(), sizes[i]) << in.story();
      }
    }
    const Call both = project.hindsight("replay", {"square", "sum"});
    const Answer sum = project.values("sum");
    ASSERT_EQ(sum.records.size(), truth.size() * 37) << both.story();
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const nlohmann::json& last = sum.records[i * 37 + 36];
      if (last.at("status") == "exact") {
        EXPECT_EQ(last.at("value").get<double>(), truth[i]) << both.story();
      }
    }
    if (flags.find("fast") == std::string::npos) {
      EXPECT_EQ(seen.statuses.count("exact"), 1u) << behind.story();
    }
  }
}

TEST(AProbeInACopyOfWords, IsNeverExactWhereTheNamesWereExchanged) {
  constexpr char kFirst[] = R"(#include <cstdio>
#include <vector>

int main() {
  std::vector<double> w(4, 0.5);
  for (int epoch = 0; epoch < 6; ++epoch) {
    double loss = 0, acc = 0;
    for (int i = 0; i < 4; ++i) {
      const double d = w[i] - i;
      loss += d * d;
      w[i] -= 0.1 * d;
    }
    for (int i = 0; i < 4; ++i) {
      const double d = w[i] - 0.5 * i;
      acc += d * d;
    }
    std::printf("loss %a acc %a\n", loss, acc);
  }
}
)";
  const ScratchProject project = ScratchProject::of_files("exchanged", {{"train.cc", kFirst}}, "g++ -O2 train.cc -o train");
  const std::vector<double> first = printed(record(project), "loss");
  std::string text = project.read("train.cc");
  const auto rename = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  };
  rename("loss", "train_sum");
  rename("acc", "loss");
  project.write("train.cc", text);
  record(project);
  // What is called loss today was called acc.
  ASSERT_EQ(project.hindsight("log", {"seen=loss", "--after", "loss += d * d;"}).code, 0);
  const Call replayed = project.hindsight("replay", {"seen"});
  const std::vector<double> asked = numbers(project.values("seen", "r2"));
  ASSERT_EQ(asked.size(), 24u) << replayed.story();
  const Answer before = project.values("seen", "r1");
  for (std::size_t i = 0; i < before.records.size(); ++i) {
    if (before.records[i].at("status") == "exact") {
      EXPECT_EQ(before.records[i].at("value").get<double>(), asked[i]) << replayed.story();
    }
  }
}

// Of two programs only one is made again with the probe, and that is not the one that runs; a script may do anything the second time.
TEST(AProbeInABuildThatGoesOn, IsInTheProgramThatRuns) {
  const std::string main = "#include <cstdio>\ndouble step(double w);\nint main() {\n  double w = 1;\n  for (int epoch = 0; epoch < 5; ++epoch) {\n    w = step(w);\n    std::printf(\"w %a\\n\", w);\n  }\n}\n";
  const std::string step = "double step(double w) {\n  const double next = 0.9 * w;\n  return next;\n}\n";
  // The second time `make` finds the archive newer than the program that it forgot to name it for.
  const std::string forgetful = "all: other train\nother: libstep.a\n\tg++ main.cc -L. -lstep -o other\ntrain: main.cc | libstep.a\n\tg++ main.cc -L. -lstep -o train\nlibstep.a: step.cc\n\tg++ -O2 -c step.cc -o step.o\n\tar rcs libstep.a step.o\n";
  const std::map<std::string, std::string> builds = {{"make", forgetful}, {"make -s all", forgetful}, {"sh build.sh", ""}};
  for (const auto& [command, makefile] : builds) {
    SCOPED_TRACE(command);
    const ScratchProject project = ScratchProject::of_files("goes-on", {{"main.cc", main}, {"step.cc", step}, {"Makefile", makefile},
      {"build.sh", "set -e\n[ -e step.o ] || g++ -O2 -c step.cc -o step.o\n[ -e train ] || g++ -O2 main.cc step.o -o train\n"}}, command);
    const std::vector<double> truth = printed(record(project), "w");
    ASSERT_EQ(project.hindsight("log", {"seen=next", "--before", "return next;"}).code, 0);
    const Call replayed = project.hindsight("replay", {"seen"});
    expect_exact(project, "seen", truth, replayed);
  }
}

}  // namespace
}  // namespace hindsight::e2e

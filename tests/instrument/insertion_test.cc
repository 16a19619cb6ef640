// hindsight-cc in insertion mode, as a build in a private copy of a project calls it, with real compilers and the real headers.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

constexpr char kProgram[] =
    "#include <cstdio>\n"
    "#include <vector>\n"
    "\n"
    "class Model {\n"
    " public:\n"
    "  explicit Model(int n) : w_(static_cast<std::size_t>(n), 1.0) {}\n"
    "  double step(double x) { double y = 0; for (double& v : w_) { v -= 0.1 * x; y += v; } return y; }\n"
    "\n"
    " private:\n"
    "  std::vector<double> w_;\n"
    "};\n"
    "\n"
    "int main() {\n"
    "  Model model(3);\n"
    "  for (int epoch = 0; epoch < 4; ++epoch) {\n"
    "    const double loss = model.step(epoch * 0.5);\n"
    "    std::printf(\"%d %a\\n\", __LINE__, loss);\n"
    "  }\n"
    "  return 0;\n"
    "}\n";

struct Outcome {
  int status = 0;
  std::string out;
};

class Insertion : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/hindsight-insertion-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    root_ = pattern;
    for (const char* folder : {"project", "reports", "plan", "scratch"}) mkdir((root_ + "/" + folder).c_str(), 0700);
    write("main.cc", kProgram);
  }
  void TearDown() override {
    EXPECT_EQ(run("ls ../scratch").out, "") << "scratch folders were left behind";
    std::system(("rm -rf '" + root_ + "'").c_str());
  }
  void write(const std::string& path, const std::string& text) { std::ofstream(root_ + "/project/" + path) << text; }
  std::string read(const std::string& path) {
    std::ifstream in(root_ + "/project/" + path);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }
  Outcome run(const std::string& command) {
    Outcome out;
    FILE* pipe = popen(("cd '" + root_ + "/project' && { " + command + "; } 2>&1").c_str(), "r");
    char buffer[4096];
    while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) out.out.append(buffer, n);
    const int status = pclose(pipe);
    out.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return out;
  }
  Outcome cc(const std::string& arguments) {
    return run("TMPDIR=" + root_ + "/scratch HINDSIGHT_CC_PROJECT=" + root_ + "/project HINDSIGHT_CC_REPORTS=" + root_ + "/reports HINDSIGHT_CC_PLAN=" + root_ + "/plan HINDSIGHT_CC_INCLUDE=" HINDSIGHT_HEADERS
               " HINDSIGHT_CC_LINK='" HINDSIGHT_LIBRARY "\n-pthread' " HINDSIGHT_CC " " + GetParam() + " " + arguments);
  }
  bool is_edited(const std::string& file) { return read(file).find("hindsight::") != std::string::npos; }
  // The only report that has a loop that was chosen.
  ChosenLoop chosen() {
    std::istringstream names(run("ls ../reports/*.json").out);
    for (std::string name; std::getline(names, name);) {
      const ReadReport read_one = parse_report(read(name));
      for (const ChosenLoop& loop : read_one.report.chosen) return loop;
    }
    ADD_FAILURE() << "no loop was chosen";
    return {};
  }

  std::string root_;
};

std::string without_empty_lines(std::string text) {
  for (std::size_t at; (at = text.find("\n\n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

TEST_P(Insertion, ChangesNoOutputNoLineNumberAndRaisesNoWarningInAnyStandard) {
  for (const std::string standard : {"c++11", "c++14", "c++17", "c++20", "gnu++17", "c++17 -DCOMPACT"}) {
    const bool compact = standard.ends_with("COMPACT");  // no line to spare
    write("main.cc", compact ? without_empty_lines(kProgram) : kProgram);
    run("rm -f ../plan/* ../reports/*");
    const std::string flags = "-std=" + standard + " -O2 -Wall -Wextra -Werror main.cc -o ";
    ASSERT_EQ(run(GetParam() + " " + flags + "plain").status, 0) << standard;
    const Outcome built = cc(flags + "train");
    ASSERT_EQ(built.status, 0) << standard << built.out;
    EXPECT_EQ(built.out, "") << standard;
    EXPECT_TRUE(is_edited("main.cc")) << standard;
    EXPECT_EQ(run("./train").out, run("./plain").out) << standard;
    EXPECT_EQ(read("main.cc").find("#line ") != std::string::npos, compact) << standard;
    EXPECT_EQ(chosen().line, compact ? 12u : 15u) << standard;
    // Who reads the edited text later finds the user's lines.
    run("rm -f ../reports/*");
    ASSERT_EQ(run("HINDSIGHT_CC_INSERTED=1 HINDSIGHT_CC_PROJECT=" + root_ + "/project HINDSIGHT_CC_REPORTS=" + root_ + "/reports HINDSIGHT_CC_INCLUDE=" HINDSIGHT_HEADERS " " HINDSIGHT_CC " " +
                  GetParam() + " -std=" + standard + " -c main.cc -o main.o").status, 0) << standard;
    EXPECT_NE(run("cat ../reports/*.json").out.find(compact ? "\"line\":12," : "\"line\":15,"), std::string::npos) << standard;
  }
}

TEST_P(Insertion, WhatTheCompilerRejectsIsCompiledAsItWas) {
  const std::string text = std::string("#define LoopWith no such thing\n") + kProgram;
  write("main.cc", text);
  const Outcome built = cc("-std=c++17 -c main.cc -o main.o");
  EXPECT_EQ(built.status, 0) << built.out;
  EXPECT_EQ(read("main.cc"), text);
  EXPECT_NE(chosen().refused.find("the compiler rejects the loops"), std::string::npos);
}

TEST_P(Insertion, AnErrorOfTheUsersIsTheUsers) {
  write("main.cc", std::string(kProgram) + "int broken( { }\n");
  const Outcome built = cc("-std=c++17 -c main.cc -o main.o");
  EXPECT_NE(built.status, 0);
  EXPECT_NE(built.out.find("main.cc:21:"), std::string::npos) << built.out;
  EXPECT_FALSE(is_edited("main.cc"));
}

TEST_P(Insertion, LoopsThatCannotBeRewrittenAreLeftWithAReason) {
  struct Refusal {
    std::string loop, why, flags;
  };
  const std::vector<Refusal> refusals = {
      {"#define REPEAT(n) for (int epoch = 0; epoch < n; ++epoch)\nint main() { double w = 1; REPEAT(4) { for (int i = 0; i < 3; ++i) w *= 0.5; } return w > 1; }\n", "a macro makes", ""},
      {"int main() { double w = 1;\n#pragma omp parallel for\nfor (int epoch = 0; epoch < 4; ++epoch) { for (int i = 0; i < 3; ++i) w *= 0.5; } return w > 1; }\n", "OpenMP", "-fopenmp"},
      {"int main() { double w = 1; if (w > 2) goto in; for (int epoch = 0; epoch < 4; ++epoch) { in: for (int i = 0; i < 3; ++i) w *= 0.5; } return w > 1; }\n", "goto", "-fpermissive -w"},
      {"int main() { double w = 1; for (int epoch : {1, 2, 3}) { for (int i = 0; i < epoch; ++i) w *= 0.5; } return w > 1; }\n", "a list in braces", "-include initializer_list"}};
  for (const Refusal& each : refusals) {
    run("rm -f ../plan/* ../reports/*");
    write("main.cc", each.loop);
    if (run(GetParam() + " -std=c++17 " + each.flags + " -c main.cc -o main.o").status != 0) continue;  // this compiler has none of it
    const Outcome built = cc("-std=c++17 " + each.flags + " -c main.cc -o main.o");
    EXPECT_EQ(built.status, 0) << each.why << built.out;
    EXPECT_EQ(read("main.cc"), each.loop) << each.why;
    EXPECT_NE(chosen().refused.find(each.why), std::string::npos) << each.why << ": " << chosen().refused;
  }
}

TEST_P(Insertion, CallsOfEveryKindWork) {
  write("other.cc", "static int calls = 0;\nint more() { return ++calls; }\n");
  write("answers", "-std=c++17 -O1");
  write("pre.h", "#include <vector>\n#include <cstdio>\n");
  ASSERT_EQ(run(GetParam() + " -std=c++17 -O1 -x c++-header pre.h -o pre.h.gch").status, 0);
  const std::vector<std::string> calls = {"-std=c++17 -MD -MF main.d -c main.cc -o main.o", "@answers -c main.cc -o main.o", "-std=c++17 -O1 -include pre.h -c main.cc -o main.o",
                                          "-std=c++17 main.cc other.cc -o train", "-std=c++17 -E main.cc -o main.ii", "-std=c++17 -fsyntax-only main.cc", "-std=c++17 -fPIC -shared main.cc -o libmain.so -Wl,--allow-shlib-undefined",
                                          "--version"};
  for (const std::string& call : calls) {
    run("rm -f ../plan/*");
    write("main.cc", kProgram);
    const Outcome built = cc(call);
    EXPECT_EQ(built.status, 0) << call << built.out;
  }
  EXPECT_EQ(run("grep -c 'scratch' main.d").out, "0\n");
  EXPECT_NE(run("cat main.d").out.find("main.cc"), std::string::npos);
}

TEST_P(Insertion, ACFileThatIsCompiledAsCxxGetsItsLoops) {
  write("main.c", kProgram);
  const Outcome built = cc("-std=c++17 -O2 -c main.c -o main.o");
  EXPECT_EQ(built.status, 0) << built.out;
  EXPECT_TRUE(is_edited("main.c"));
}

TEST_P(Insertion, AHeaderThatIsPrecompiledIsNotLinked) {
  write("pre.h", "#include <vector>\n");
  for (const char* call : {"-std=c++17 pre.h", "-std=c++17 -x c++-header pre.h -o pre.h.gch"}) {
    const Outcome built = cc(call);
    EXPECT_EQ(built.status, 0) << call << built.out;
    EXPECT_EQ(built.out, run(GetParam() + " " + call).out) << call;
  }
}

TEST_P(Insertion, AFileHasOneNameHoweverItIsCalled) {
  run("mkdir out");
  EXPECT_EQ(cc("-std=c++17 -c out/../main.cc -o main.o").out, "");
  EXPECT_TRUE(is_edited("main.cc"));
  EXPECT_NE(run("cat ../plan/*.json").out.find("\"file\":\"main.cc\""), std::string::npos) << run("cat ../plan/*.json").out;
}

TEST_P(Insertion, WhatCannotBeRestoredWithoutRttiIsNamed) {
  write("main.cc", "#include <cstdio>\n#include <memory>\n\nstruct Layer { virtual ~Layer() {} virtual double f(double) = 0; };\nstruct Twice : Layer { double n = 0; double f(double x) override { return x * 2 + n++; } };\n"
                   "int main() {\n  std::unique_ptr<Layer> layer(new Twice);\n  double w = 1;\n  for (int epoch = 0; epoch < 4; ++epoch) {\n    for (int i = 0; i < 3; ++i) w = layer->f(w) / 3;\n    std::printf(\"%a\\n\", w);\n  }\n}\n");
  EXPECT_EQ(cc("-std=c++17 -fno-rtti main.cc -o train").out, "");
  EXPECT_EQ(chosen().refused, "");
  EXPECT_NE(chosen().left_out.size(), 0u);
}

TEST_P(Insertion, AVariableOfTheLoopsOwnIsNotInItsExit) {
  EXPECT_EQ(cc("-std=c++17 -c main.cc -o main.o").out, "");
  EXPECT_NE(read("main.cc").find("LoopWith<2, 1>"), std::string::npos) << read("main.cc");
}

TEST_P(Insertion, WhatIsWrittenBeforeItIsReadIsNeitherStateNorWatched) {
  write("main.cc",
        "#include <cstdio>\n"
        "#include <list>\n"
        "#include <vector>\n"
        "\n"
        "int main() {\n"
        "  std::list<double> weights(3, 1.0);\n"
        "  std::list<double>::iterator at;\n"
        "  std::vector<double> batch;\n"
        "  double last = 0;\n"
        "  for (int epoch = 0; epoch < 4; ++epoch) {\n"
        "    batch.clear();\n"
        "    for (at = weights.begin(); at != weights.end(); ++at) batch.push_back(*at *= 0.5);\n"
        "    last = batch.back();\n"
        "    std::printf(\"%a\\n\", last);\n"
        "  }\n"
        "}\n");
  ASSERT_EQ(cc("-std=c++17 -O2 main.cc -o train").status, 0);
  EXPECT_EQ(chosen().state, (std::vector<std::string>{"epoch", "weights", "last"})) << read("main.cc");
  EXPECT_EQ(chosen().left_out, (std::vector<std::string>{"at: it is written before it is read", "batch: it is written before it is read"}));
  for (const char* dead : {"(\"batch\"", "(\"at\""}) EXPECT_EQ(read("main.cc").find(dead), std::string::npos) << dead;
}

TEST_P(Insertion, WhatALibraryHasReturnedIsLookedAtByItsBytes) {
  write("main.cc",
        "#include <cstdio>\n"
        "#include <ctime>\n"
        "\n"
        "int main() {\n"
        "  const std::time_t begin = 86400 * 40;\n"
        "  const std::tm* const date = std::gmtime(&begin);\n"
        "  double sum = 0;\n"
        "  for (int day = 0; day < 4; ++day) {\n"
        "    for (int hour = 0; hour < 24; ++hour) sum += hour * date->tm_mday;\n"
        "    std::printf(\"%a\\n\", sum);\n"
        "  }\n"
        "}\n");
  ASSERT_EQ(cc("-std=c++17 -O2 main.cc -o train").status, 0);
  EXPECT_NE(read("main.cc").find("::hindsight::watched_bytes(\"date\", date)"), std::string::npos) << read("main.cc");
}

TEST_P(Insertion, AHeaderIsEditedOnceForAllUnits) {
  write("model.h", "#pragma once\n#include <vector>\n\nstruct Model {\n  std::vector<double> w{1, 2};\n  int n = 0;\n};\n");
  write("main.cc", "#include \"model.h\"\n\nvoid help(Model& m);\nint main() {\n  Model m;\n  for (int epoch = 0; epoch < 3; ++epoch) {\n    for (double& v : m.w) v *= 0.5;\n    help(m);\n  }\n  return m.n == 3 ? 0 : 1;\n}\n");
  write("help.cc", "#include \"model.h\"\n\nstatic Model last;\nvoid help(Model& m) {\n  ++m.n;\n  last = m;\n}\n");
  for (const char* unit : {"main", "help", "main"}) {
    const Outcome built = cc(std::string("-std=c++17 -c ") + unit + ".cc -o " + unit + ".o");
    EXPECT_EQ(built.status, 0) << built.out;
  }
  const std::string header = read("model.h");
  const std::size_t first = header.find("hindsight_members");
  EXPECT_TRUE(is_edited("help.cc")) << "its static is state, whatever stands in the header by now";
  ASSERT_NE(first, std::string::npos) << header;
  EXPECT_EQ(header.find("hindsight_members", first + 1), std::string::npos) << header;
  const Outcome linked = cc("main.o help.o -o train");
  EXPECT_EQ(linked.status, 0) << linked.out;
  EXPECT_EQ(run("./train").status, 0);
}

TEST_P(Insertion, AUnitThatTheCompilerRejectsLosesOnlyItsOwnInsertionsInAHeaderToo) {
  const std::string rejected = "#include \"model.h\"\n#define Registered no such thing\n\nstatic Other worst;\nvoid help(Model& m) {\n  ++m.n;\n  worst.w = m.w;\n}\n";
  write("model.h", "#pragma once\n#include <vector>\n\nstruct Other {\n  std::vector<double> w;\n};\nstruct Model {\n  std::vector<double> w{1, 2};\n  int n = 0;\n};\n");
  write("main.cc", "#include \"model.h\"\n\nvoid help(Model& m);\nint main() {\n  Model m;\n  for (int epoch = 0; epoch < 3; ++epoch) {\n    for (double& v : m.w) v *= 0.5;\n    help(m);\n  }\n  return m.n == 3 ? 0 : 1;\n}\n");
  write("help.cc", rejected);
  ASSERT_EQ(cc("-std=c++17 -c main.cc -o main.o").status, 0);
  const std::string header = read("model.h");
  const Outcome built = cc("-std=c++17 -c help.cc -o help.o");
  EXPECT_EQ(built.status, 0) << built.out;
  EXPECT_NE(built.out.find("the compiler rejects the loops"), std::string::npos) << built.out;
  EXPECT_EQ(read("help.cc"), rejected);
  EXPECT_EQ(read("model.h"), header);
  EXPECT_NE(header.find("hindsight_members"), std::string::npos) << header;
  const Outcome linked = cc("main.o help.o -o train");
  EXPECT_EQ(linked.status, 0) << linked.out;
  EXPECT_EQ(run("./train").status, 0);
}

std::vector<std::string> compilers() {
  std::vector<std::string> out = {"g++"};
  if (std::string(CLANG_COMPILER).size() > 0) out.push_back(CLANG_COMPILER);
  return out;
}
INSTANTIATE_TEST_SUITE_P(Compilers, Insertion, testing::ValuesIn(compilers()), [](const auto& row) { return row.param.find("clang") == std::string::npos ? "Gcc" : "Clang"; });

}  // namespace
}  // namespace hindsight::instrument

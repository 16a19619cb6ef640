// hindsight-cc as builds call it, with real compilers.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instrument/outline.h"
#include "instrument/report.h"

namespace hindsight::instrument {
namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef";

constexpr char kProgram[] =
    "#include <cstdio>\n"
    "#include \"util.h\"\n"
    "\n"
    "int main() {\n"
    "  int w = 1;\n"
    "  for (int e = 0; e < 3; ++e) {\n"
    "    w = twice(w);\n"
    "  }\n"
    "  std::printf(\"%s:%d %d\\n\", __FILE__, __LINE__, w);\n"
    "  return w == 8 ? 0 : 7;\n"
    "}\n";

struct Outcome {
  int status = 0;
  std::string out;
};

class Launcher : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/hindsight-launcher-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    root_ = pattern;
    for (const char* folder : {"project", "project/src", "project/other", "reports", "include", "include/hindsight", "links", "scratch"}) mkdir((root_ + "/" + folder).c_str(), 0700);
    write("project/src/main.cc", kProgram);
    write("project/src/util.h", "inline int twice(int x) { return 2 * x; }\n");
    write("project/util.h", "#error the wrong util.h\n");
    write("include/hindsight/probe.h", "#pragma once\n#include <cstdio>\n#define HINDSIGHT_PROBE(id, name, ...) { std::printf(\"%s=%d\\n\", name, int(__VA_ARGS__)); }\n");
  }
  void TearDown() override {
    EXPECT_EQ(run("ls scratch").out, "") << "scratch folders were left behind";
    std::system(("rm -rf '" + root_ + "'").c_str());
  }

  void write(const std::string& path, const std::string& text) { std::ofstream(root_ + "/" + path) << text; }
  std::string read(const std::string& path) {
    std::ifstream in(root_ + "/" + path);
    std::stringstream out;
    out << in.rdbuf();
    return out.str();
  }
  bool exists(const std::string& path) { return access((root_ + "/" + path).c_str(), F_OK) == 0; }

  // Stdout and stderr together.
  Outcome run(const std::string& command, const std::string& folder = "") {
    Outcome out;
    FILE* pipe = popen(("cd '" + root_ + "/" + folder + "' && { " + command + "; } 2>&1").c_str(), "r");
    char buffer[4096];
    while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) out.out.append(buffer, n);
    const int status = pclose(pipe);
    out.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return out;
  }
  std::string environment() {
    return "TMPDIR=" + root_ + "/scratch HINDSIGHT_CC_PROJECT=" + root_ + "/project HINDSIGHT_CC_REPORTS=" + root_ + "/reports HINDSIGHT_CC_INCLUDE=" + root_ + "/include HINDSIGHT_CC_PROBES=" +
           (probes_ ? root_ + "/probes.json" : "") + " " + more_ + " ";
  }
  Outcome cc(const std::string& arguments, const std::string& folder = "project") {
    return run(environment() + HINDSIGHT_CC + " " + GetParam() + " " + arguments, folder);
  }
  void probe(const std::string& statement, const std::string& expression, const std::string& form = "after") {
    std::string quoted;
    for (const char c : expression) quoted += c == '"' ? std::string("\\\"") : std::string(1, c);
    write("probes.json", std::string("{\"probes\": [{\"id\": \"") + kId + "\", \"name\": \"p\", \"form\": \"" + form + "\", \"statement\": \"" + statement + "\", \"expression\": \"" + quoted + "\"}]}");
    probes_ = true;
  }
  std::vector<UnitReport> reports() {
    std::vector<UnitReport> out;
    std::istringstream names(run("ls reports").out);
    for (std::string name; std::getline(names, name);) {
      if (name.ends_with(kOutlineExtension)) continue;
      const ReadReport report = parse_report(read("reports/" + name));
      EXPECT_TRUE(report.ok) << name;
      out.push_back(report.report);
    }
    return out;
  }
  UnitReport report() {
    const std::vector<UnitReport> all = reports();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? UnitReport{} : all[0];
  }

  std::string root_;
  std::string more_;
  bool probes_ = false;
};

TEST_P(Launcher, WithoutAProjectTheCompilerRunsAsIfAlone) {
  const Outcome made = run("TMPDIR=" + root_ + "/scratch " + HINDSIGHT_CC + " " + GetParam() + " -Isrc src/main.cc -o ../prog", "project");
  EXPECT_EQ(made.out, "");
  EXPECT_EQ(run("./prog").out, "src/main.cc:9 8\n");
  EXPECT_TRUE(reports().empty());
}

TEST_P(Launcher, WithoutProbesTheUserFileItselfIsCompiledAndReportedOn) {
  EXPECT_EQ(cc("-c src/main.cc -o ../main.o").out, "");
  EXPECT_EQ(run(GetParam() + " main.o -o prog && ./prog").out, "src/main.cc:9 8\n");
  const UnitReport r = report();
  EXPECT_TRUE(r.parsed) << r.problem;
  EXPECT_EQ(r.unit, "src/main.cc");
  EXPECT_EQ(r.output, "../main.o");
  EXPECT_EQ(r.cwd, root_ + "/project");
  ASSERT_EQ(r.arguments.size(), 5u);
  EXPECT_EQ(r.arguments[1], "-c");
  EXPECT_FALSE(r.functions.empty());
}

TEST_P(Launcher, AnObjectWithoutProbesIsTheCompilersOwn) {
  ASSERT_EQ(cc("-O2 -c src/main.cc -o ../ours.o").status, 0);
  ASSERT_EQ(run(GetParam() + " -O2 -c src/main.cc -o ../plain.o", "project").status, 0);
  EXPECT_EQ(run("cmp ours.o plain.o && echo same").out, "same\n");
}

TEST_P(Launcher, AProbeRunsAndNothingElseChanges) {
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("-Wall -Wextra -Werror -c src/main.cc -o ../main.o").out, "");
  EXPECT_EQ(run(GetParam() + " main.o -o prog && ./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
  ASSERT_EQ(report().probes.size(), 1u);
  ASSERT_EQ(report().probes[0].placed.size(), 1u);
  EXPECT_EQ(report().probes[0].placed[0].line, 7u);
  EXPECT_EQ(read("project/src/main.cc"), kProgram) << "the user's file was changed";
}

TEST_P(Launcher, CompilingAndLinkingAtOnceWorks) {
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("src/main.cc -o ../prog").out, "");
  EXPECT_EQ(run("./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
}

TEST_P(Launcher, SeveralSourcesOfOneFolderWork) {
  write("project/src/two.cc", "int two() { int t = 2;\n t += 1;\n return t; }\n");
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("src/two.cc src/main.cc -o ../prog").out, "");
  EXPECT_EQ(run("./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
  EXPECT_EQ(reports().size(), 2u);
}

// Each finds the headers of its own folder.
TEST_P(Launcher, SourcesOfSeveralFoldersInOneCallWork) {
  write("project/other/own.h", "constexpr int kOwn = 2;\n");
  write("project/src/own.h", "#error another folder's\n");
  write("project/other/two.cc", "#include \"own.h\"\nint two() { int t = 1;\n t += kOwn;\n return t; }\n");
  for (const std::string way : {"-o ../prog", "-c"}) {
    SCOPED_TRACE(way);
    run("rm -f prog project/*.o reports/*");
    probe("w = twice(w);", "w");
    EXPECT_EQ(cc("-Wall -Werror other/two.cc src/main.cc " + way).out, "");
    if (way == "-c") EXPECT_EQ(run(GetParam() + " two.o main.o -o ../prog", "project").out, "");
    EXPECT_EQ(run("./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
    EXPECT_EQ(reports().size(), 2u);
    probe("t += kOwn;", "t");
    EXPECT_EQ(cc("other/two.cc src/main.cc " + way).out, "");
  }
}

TEST_P(Launcher, SourcesOfSeveralFoldersWithDependenciesAreCompiledAsTheyAreWithAWarning) {
  write("project/other/two.cc", "int two() { return 2; }\n");
  probe("w = twice(w);", "w");
  const Outcome made = cc("-MD other/two.cc src/main.cc -o ../prog");
  EXPECT_EQ(made.status, 0);
  EXPECT_NE(made.out.find("warning: src/main.cc: compiled without instrumentation: one call compiles sources of several folders"), std::string::npos) << made.out;
  EXPECT_EQ(run("./prog").out, "src/main.cc:9 8\n");
  for (const UnitReport& r : reports()) {
    for (const ProbeOutcome& p : r.probes) EXPECT_TRUE(p.placed.empty());
  }
}

TEST_P(Launcher, AByteOrderMarkStaysInFront) {
  write("project/src/main.cc", std::string("\xef\xbb\xbf") + kProgram);
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("-c src/main.cc -o ../main.o").out, "");
  EXPECT_EQ(run(GetParam() + " main.o -o prog && ./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
}

// A dependency file's words, line ends apart.
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    if (word != "\\") out.push_back(word);
  }
  return out;
}

TEST_P(Launcher, TheDependencyFileNamesTheUsersFile) {
  probe("w = twice(w);", "w");
  for (const char* flags : {"-MD", "-MMD -MF dep.d", "-MD -MT target -MF dep.d", "-MD -MP"}) {
    SCOPED_TRACE(flags);
    run("rm -f project/*.d project/*.o");
    ASSERT_EQ(cc(std::string(flags) + " -c src/main.cc -o main.o").out, "");
    const std::string ours = run("cat *.d", "project").out;
    run("rm -f *.d", "project");
    ASSERT_EQ(run(GetParam() + " " + flags + " -c src/main.cc -o main.o", "project").out, "");
    const std::string plain = run("cat *.d", "project").out;
    EXPECT_EQ(ours.find("scratch"), std::string::npos) << ours;
    std::vector<std::string> wanted = words(plain);
    std::vector<std::string> got = words(ours);
    got.erase(std::remove_if(got.begin(), got.end(), [](const std::string& w) { return w.find("hindsight/probe.h") != std::string::npos; }), got.end());
    EXPECT_EQ(got, wanted);
  }
}

TEST_P(Launcher, DependenciesOfAProgramMadeInOneCallAreRewrittenToo) {
  probe("w = twice(w);", "w");
  ASSERT_EQ(cc("-MD src/main.cc -o prog").out, "");
  EXPECT_EQ(run("cat project/*.d").out.find("scratch"), std::string::npos) << run("cat project/*.d").out;
  EXPECT_NE(run("cat project/*.d").out.find("src/main.cc"), std::string::npos);
}

TEST_P(Launcher, DebugInformationNamesTheUsersFile) {
  probe("w = twice(w);", "w");
  ASSERT_EQ(cc("-g -c src/main.cc -o ../main.o").out, "");
  const std::string info = run("strings -a main.o; readelf --debug-dump=info,line main.o").out;
  EXPECT_EQ(info.find(root_ + "/scratch"), std::string::npos);
  EXPECT_NE(info.find("src/main.cc"), std::string::npos);
}

TEST_P(Launcher, DiagnosticsNameTheUsersFileAndLine) {
  write("project/src/main.cc", "#include <cstdio>\nint step(int);\nint main() {\n  int unused;\n  step(1);\n}\n");
  probe("step(1);", "3");
  const Outcome made = cc("-Wall -c src/main.cc -o ../main.o");
  EXPECT_EQ(made.status, 0);
  EXPECT_NE(made.out.find("src/main.cc:4:7: warning: unused variable"), std::string::npos) << made.out;
  EXPECT_EQ(made.out.find("scratch"), std::string::npos) << made.out;
}

TEST_P(Launcher, TheUsersOwnErrorIsShownAsTheCompilerSaysItAndFails) {
  write("project/src/main.cc", "int main() { return nowhere; }\n");
  const Outcome plain = run(GetParam() + " -c src/main.cc -o ../main.o", "project");
  const Outcome ours = cc("-c src/main.cc -o ../main.o");
  EXPECT_EQ(ours.status, plain.status);
  EXPECT_EQ(ours.out, plain.out);
  probe("step(1);", "3");
  EXPECT_EQ(cc("-c src/main.cc -o ../main.o").out, plain.out);
  EXPECT_TRUE(reports().empty()) << "a unit that was not built has no report";
}

TEST_P(Launcher, AProbeThatOnlyTheUsersCompilerRejectsIsTakenOutAndSaid) {
  // What Clang sees compiles, what is compiled does not.
  write("include/hindsight/probe.h", "#pragma once\n#include <cstdio>\n#if __clang_major__ == 19 && !defined(REAL)\n#define HINDSIGHT_PROBE(id, name, ...) { std::printf(\"x\"); }\n#else\n#define HINDSIGHT_PROBE(id, name, ...) { no_such_thing; }\n#endif\n");
  probe("w = twice(w);", "w");
  const Outcome made = cc(std::string(GetParam().find("clang") == std::string::npos ? "" : "-Xclang -DREAL ") + "-c src/main.cc -o ../main.o");
  EXPECT_EQ(made.status, 0) << made.out;
  EXPECT_NE(made.out.find("compiled without instrumentation: the compiler rejects it"), std::string::npos) << made.out;
  EXPECT_EQ(run(GetParam() + " main.o -o prog && ./prog").out, "src/main.cc:9 8\n");
  EXPECT_TRUE(report().probes[0].placed.empty());
  EXPECT_NE(report().probes[0].refused.find("no_such_thing"), std::string::npos);
}

TEST_P(Launcher, DryRunsReportAndCompileNothing) {
  probe("w = twice(w);", "w");
  more_ = "HINDSIGHT_CC_DRY=1";
  EXPECT_EQ(cc("-c src/main.cc -o ../main.o").out, "");
  EXPECT_FALSE(exists("main.o"));
  EXPECT_EQ(report().probes[0].placed.size(), 1u);
}

TEST_P(Launcher, ALinkNamedLikeTheCompilerStandsInForIt) {
  const std::string name = GetParam().substr(GetParam().rfind('/') + 1);
  ASSERT_EQ(symlink(HINDSIGHT_CC, (root_ + "/links/" + name).c_str()), 0);
  probe("w = twice(w);", "w");
  const Outcome made = run("export PATH=" + root_ + "/links:$PATH; " + environment() + name + " src/main.cc -o ../prog", "project");
  EXPECT_EQ(made.out, "");
  EXPECT_EQ(run("./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
  EXPECT_EQ(report().compiler.find(root_), std::string::npos) << report().compiler;
}

TEST_P(Launcher, ACompilerBehindALauncherIsReached) {
  write("links/wrap", "#!/bin/sh\necho wrapped >&2\nexec \"$@\"\n");
  chmod((root_ + "/links/wrap").c_str(), 0755);
  more_ = "HINDSIGHT_CC_LAUNCHER=" + root_ + "/links/wrap";
  EXPECT_EQ(cc("-c src/main.cc -o ../main.o").out, "wrapped\n");
  EXPECT_TRUE(exists("main.o"));
}

TEST_P(Launcher, AResponseFileIsRead) {
  write("project/args.rsp", "-c src/main.cc\n-o ../main.o");
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("@args.rsp").out, "");
  EXPECT_EQ(run(GetParam() + " main.o -o prog && ./prog").out, "p=2\np=4\np=8\nsrc/main.cc:9 8\n");
}

TEST_P(Launcher, ANameWithSpacesAndQuotesIsCompiled) {
  write("project/src/my \"main\".cc", kProgram);
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("-c 'src/my \"main\".cc' -o ../main.o").out, "");
  EXPECT_EQ(run(GetParam() + " main.o -o prog && ./prog").out, "p=2\np=4\np=8\nsrc/my \"main\".cc:9 8\n");
}

TEST_P(Launcher, ABrokenProbesFileFailsLoudly) {
  write("probes.json", "{");
  probes_ = true;
  const Outcome made = cc("-c src/main.cc -o ../main.o");
  EXPECT_EQ(made.status, 2);
  EXPECT_NE(made.out.find("the probes file is not JSON"), std::string::npos) << made.out;
}

TEST_P(Launcher, CallsThatCompileNothingArePassedOn) {
  probe("w = twice(w);", "w");
  EXPECT_EQ(cc("--version").out, run(GetParam() + " --version").out);
  EXPECT_EQ(cc("-E -P src/main.cc | tail -1").out, "}\n");
  EXPECT_NE(cc("").status, 0);
  EXPECT_TRUE(reports().empty());
}

TEST_P(Launcher, SourcesOutsideTheProjectAreLeftAlone) {
  write("outside.cc", "int main() { int w = 1; w = w + 1; return 0; }\n");
  probe("w = w + 1;", "w");
  EXPECT_EQ(cc("-c ../outside.cc -o ../outside.o").out, "");
  EXPECT_TRUE(reports().empty());
}

TEST_P(Launcher, CUnitsAreReportedOn) {
  write("project/src/c.c", "int counter; void bump(void) { counter++; }\n");
  const std::string c = GetParam().find("clang") != std::string::npos ? "clang-19" : "gcc";
  const Outcome made = run(environment() + HINDSIGHT_CC + " " + c + " -c src/c.c -o ../c.o", "project");
  EXPECT_EQ(made.out, "");
  ASSERT_EQ(report().functions.size(), 1u);
  EXPECT_EQ(report().functions[0].writes_globals.size(), 1u);
}

TEST_P(Launcher, OpenMpProgramsParse) {
  write("project/src/main.cc", "#include <omp.h>\n#include <cstdio>\nint main() { int s = 0;\n#pragma omp parallel for reduction(+ : s)\nfor (int i = 0; i < 9; ++i) s += i;\nstd::printf(\"%d %d\\n\", s, omp_get_max_threads() > 0); }\n");
  const Outcome made = cc("-fopenmp -c src/main.cc -o ../main.o");
  if (GetParam().find("clang") != std::string::npos && made.status != 0) GTEST_SKIP() << "this Clang has no omp.h";
  EXPECT_EQ(made.out, "");
  EXPECT_TRUE(report().parsed) << report().problem;
}

TEST_P(Launcher, EditsAreFoundFromTwoTexts) {
  std::string changed = kProgram;
  changed.insert(changed.find("  }\n"), "    hindsight::log(\"w\", w);\n");
  const std::string log = "namespace hindsight { template <class T> void log(const char*, const T&) {} }\n";
  write("project/src/util.h", "inline int twice(int x) { return 2 * x; }\n" + log);
  write("old.cc", kProgram);
  write("new.cc", changed);
  const Outcome found = run(environment() + HINDSIGHT_INSTRUMENT + " edits --old ../old.cc --new ../new.cc --file src/main.cc -- " + GetParam() + " -c src/main.cc", "project");
  EXPECT_EQ(found.status, 0);
  const ProbesFile none = parse_probes(found.out);
  EXPECT_NE(none.problem, "") << "an edit has no id yet";
  EXPECT_NE(found.out.find("\"name\":\"w\""), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("\"previous\":\"w = twice(w);\""), std::string::npos) << found.out;
  EXPECT_NE(found.out.find("\"refused\":[]"), std::string::npos) << found.out;
}

TEST_P(Launcher, PlacingPrintsTheReportAndCompilesNothing) {
  probe("w = twice(w);", "w");
  const Outcome found = run(environment() + HINDSIGHT_INSTRUMENT + " place --probes ../probes.json -- " + GetParam() + " -c src/main.cc -o x.o", "project");
  const ReadReport read = parse_report(found.out);
  ASSERT_TRUE(read.ok) << found.out;
  EXPECT_EQ(read.report.probes[0].placed.size(), 1u);
  EXPECT_FALSE(exists("project/x.o"));
}

#if defined(__x86_64__)
TEST_P(Launcher, TheArithmeticOfAProgramIsCountedButForOurOwn) {
  write("project/src/main.cc",
        "namespace hindsight { struct Loop { double rate; }; __attribute__((noinline)) double ours(double a, double b, double c) { return a * b + c; } }\n"
        "__attribute__((noinline)) double users(hindsight::Loop loop, double b, double c) { const double t = loop.rate * b; return t + c; }\n"
        "int main(int n, char**) { return users({1.5}, n, 2) + hindsight::ours(n, n, n) > 100 ? 1 : 0; }\n");
  const auto counted = [&](const std::string& flags) {
    EXPECT_EQ(run(GetParam() + " -O2 " + flags + " src/main.cc -o program", "project").status, 0) << flags;
    return run(std::string(HINDSIGHT_INSTRUMENT) + " arithmetic --file program", "project").out;
  };
  EXPECT_NE(counted("-mfma -ffp-contract=fast").find("\"fma scalar\":1"), std::string::npos) << counted("-mfma -ffp-contract=fast");
  EXPECT_EQ(counted("-mfma -ffp-contract=off").find("fma"), std::string::npos) << counted("-mfma -ffp-contract=off");
  EXPECT_NE(counted("-mfma -ffp-contract=off").find("\"mul scalar\":1"), std::string::npos) << counted("-mfma -ffp-contract=off");
  const Outcome none = run(std::string(HINDSIGHT_INSTRUMENT) + " arithmetic --file src/main.cc", "project");
  EXPECT_EQ(none.status, 4);
  EXPECT_NE(none.out.find("cannot read src/main.cc"), std::string::npos) << none.out;
}
#endif

TEST_P(Launcher, TheReportHasWhatAnArgumentFileSays) {
  write("project/options", "-O1 -ffast-math");
  EXPECT_EQ(run(environment() + HINDSIGHT_CC + " " + GetParam() + " @options -c src/main.cc -o main.o", "project").status, 0);
  const UnitReport found = report();
  EXPECT_NE(std::find(found.arguments.begin(), found.arguments.end(), "-ffast-math"), found.arguments.end());
}

std::vector<std::string> compilers() {
  std::vector<std::string> out = {"g++"};
  if (*CLANG_COMPILER) out.push_back(CLANG_COMPILER);
  return out;
}
INSTANTIATE_TEST_SUITE_P(Compilers, Launcher, testing::ValuesIn(compilers()), [](const auto& row) { return row.param.find("clang") == std::string::npos ? "Gcc" : "Clang"; });

// The loops of the samples are what the gate is for: nothing may be missing, or no replay of them would jump.
TEST(LauncherAlone, TheSamplesLoopsAreComplete) {
  const bool torch = access("/usr/include/torch/csrc/api/include/torch/torch.h", R_OK) == 0;
  std::vector<std::string> samples = {"spiral"};
  if (torch) samples.push_back("charlm");
  else std::puts("SKIP: no libtorch, so samples/charlm is not looked at");
  for (const std::string& sample : samples) {
    SCOPED_TRACE(sample);
    const std::string folder = std::string(SOURCE_ROOT) + "/samples/" + sample;
    const std::string command = "cd '" + folder + "' && printf '{\"probes\": []}' > /tmp/hindsight-none.$$ && HINDSIGHT_CC_PROJECT=. " + HINDSIGHT_INSTRUMENT +
                                " place --probes /tmp/hindsight-none.$$ -- g++ -std=c++17 -isystem /usr/include/torch/csrc/api/include -I" + SOURCE_ROOT +
                                "/runtime/include -c src/main.cc; rm -f /tmp/hindsight-none.$$";
    FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    char buffer[4096];
    while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
    pclose(pipe);
    const ReadReport read = parse_report(text);
    ASSERT_TRUE(read.ok) << text;
    ASSERT_TRUE(read.report.parsed) << read.report.problem;
    EXPECT_EQ(read.report.loops.size(), 2u);
    for (const LoopReport& loop : read.report.loops) {
      EXPECT_FALSE(loop.calls_unknown) << loop.name;
      for (const Missing& m : loop.missing) ADD_FAILURE() << loop.name << " misses " << m.variable << ": " << m.why;
    }
  }
}

TEST(LauncherAlone, WithoutACompilerItSaysSo) {
  EXPECT_EQ(WEXITSTATUS(std::system((std::string(HINDSIGHT_CC) + " 2>/dev/null").c_str())), 2);
  EXPECT_EQ(WEXITSTATUS(std::system((std::string(HINDSIGHT_CC) + " no-such-compiler -c a.cc 2>/dev/null").c_str())), 2);
}

}  // namespace
}  // namespace hindsight::instrument

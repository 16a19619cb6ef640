#include "instrument/launcher/call.h"

#include <algorithm>
#include <ostream>

#include <gtest/gtest.h>

namespace hindsight::instrument {
namespace {

using Words = std::vector<std::string>;

Call call_of(const Words& words, const std::string& compiler = "gcc") {
  return read_call(compiler, words, [](const std::string& path) -> std::optional<std::string> {
    if (path == "flags.rsp") return "-O2 -c 'my file.cc'\n-o out.o -D\"X=1 2\"";
    if (path == "outer.rsp") return "@flags.rsp -Wall";
    if (path == "loop.rsp") return "@loop.rsp -c a.cc";
    return std::nullopt;
  });
}
Words paths(const Call& call) {
  Words out;
  for (const Source& s : call.sources) out.push_back(s.path);
  return out;
}

struct Row {
  const char* claim;
  Words words;
  Words sources;
  std::string output;
  bool links = false;
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim; }
class Shape : public testing::TestWithParam<Row> {};

TEST_P(Shape, IsRead) {
  const Call call = call_of(GetParam().words);
  EXPECT_EQ(paths(call), GetParam().sources);
  EXPECT_EQ(call.sources.empty(), !call.passed_on.empty());
  if (!call.sources.empty()) {
    EXPECT_EQ(call.output, GetParam().output);
    EXPECT_EQ(call.links, GetParam().links);
  }
}

const Row kRows[] = {
    {"AnOrdinaryCompilation", {"-O2", "-c", "a.cc", "-o", "a.o"}, {"a.cc"}, "a.o"},
    {"TheOutputMayBeJoined", {"-c", "a.cc", "-oa.o"}, {"a.cc"}, "a.o"},
    {"TheOutputMayBeLeftOut", {"-c", "src/a.cpp"}, {"src/a.cpp"}, ""},
    {"AssemblyOutputIsACompilationToo", {"-S", "a.cxx"}, {"a.cxx"}, ""},
    {"CompilingAndLinkingAtOnce", {"-O2", "a.cc", "-o", "prog", "-lm"}, {"a.cc"}, "prog", true},
    {"SeveralSourcesAtOnce", {"a.cc", "b.c", "lib.a", "-o", "prog"}, {"a.cc", "b.c"}, "prog", true},
    {"ValuesOfOptionsAreNoSources", {"-include", "x.cc", "-MF", "y.cc", "-isystem", "z.cc", "-c", "a.cc"}, {"a.cc"}, ""},
    {"ALanguageGivenWithX", {"-x", "c++", "-c", "weird.txt"}, {"weird.txt"}, ""},
    {"ALanguageGivenAndTakenBack", {"-x", "c++", "a.txt", "-x", "none", "b.o", "c.cc"}, {"a.txt", "c.cc"}, "", true},
    {"AHeaderIsNoUnit", {"-x", "c++-header", "a.h", "-o", "a.h.gch"}, {}, ""},
    {"LinkingIsPassedOn", {"a.o", "b.o", "-o", "prog"}, {}, ""},
    {"AssemblerIsPassedOn", {"-c", "a.s"}, {}, ""},
    {"PreprocessingIsPassedOn", {"-E", "a.cc"}, {}, ""},
    {"DependenciesAloneArePassedOn", {"-M", "a.cc"}, {}, ""},
    {"VersionIsPassedOn", {"--version"}, {}, ""},
    {"StandardInputIsPassedOn", {"-x", "c++", "-c", "-", "-o", "a.o"}, {}, ""},
    {"AResponseFileIsRead", {"@flags.rsp"}, {"my file.cc"}, "out.o"},
    {"ResponseFilesNest", {"@outer.rsp"}, {"my file.cc"}, "out.o"},
    {"AnUnreadableResponseFileIsAnArgument", {"@gone.rsp", "-c", "a.cc"}, {"a.cc"}, ""},
    {"NothingIsPassedOn", {}, {}, ""},
};
INSTANTIATE_TEST_SUITE_P(Calls, Shape, testing::ValuesIn(kRows), [](const auto& row) { return row.param.claim; });

TEST(Call, TheCompilerSaysWhetherACFileIsCxx) {
  struct Driver {
    const char* compiler;
    Language language;
  };
  for (const Driver& row : {Driver{"gcc", Language::kC}, Driver{"/usr/bin/cc", Language::kC}, Driver{"clang-14", Language::kC}, Driver{"g++", Language::kCxx}, Driver{"/usr/bin/x86_64-linux-gnu-g++-12", Language::kCxx},
                         Driver{"clang++", Language::kCxx}, Driver{"c++", Language::kCxx}, Driver{"/opt/c++/bin/gcc", Language::kC}}) {
    EXPECT_EQ(call_of({"-c", "a.c"}, row.compiler).sources.at(0).language, row.language) << row.compiler;
    EXPECT_EQ(call_of({"-x", "c", "-c", "a.c"}, row.compiler).sources.at(0).language, Language::kC) << row.compiler;
  }
}

TEST(Call, AResponseFileThatNamesItselfEnds) { EXPECT_FALSE(call_of({"@loop.rsp"}).sources.empty()); }

TEST(Call, ResponseFilesKeepQuotedSpaces) {
  const Call call = call_of({"@flags.rsp"});
  EXPECT_NE(std::find(call.arguments.begin(), call.arguments.end(), "-DX=1 2"), call.arguments.end());
}

TEST(Call, DependencyFilesFollowTheCompilersRules) {
  EXPECT_EQ(dependency_files(call_of({"-c", "s/a.cc", "-o", "o/a.o"}), {1, "s/a.cc", Language::kCxx}), Words{});
  EXPECT_EQ(dependency_files(call_of({"-MD", "-c", "s/a.cc", "-o", "o/a.o"}), {2, "s/a.cc", Language::kCxx})[0], "o/a.d");
  EXPECT_EQ(dependency_files(call_of({"-MD", "-c", "s/a.cc"}), {2, "s/a.cc", Language::kCxx})[0], "a.d");
  EXPECT_EQ(dependency_files(call_of({"-MMD", "-MF", "x.d", "-c", "s/a.cc"}), {4, "s/a.cc", Language::kCxx}), Words{"x.d"});
  EXPECT_EQ(dependency_files(call_of({"-Wp,-MD,y.d", "-c", "s/a.cc"}), {2, "s/a.cc", Language::kCxx}), Words{"y.d"});
}

TEST(Call, ADependencyFileNamesTheUsersFile) {
  EXPECT_EQ(rewrite_dependencies("a.o: /tmp/x/a.cc \\\n /usr/include/stdio.h\n/tmp/x/a.cc:\n", "/tmp/x/a.cc", "src/a.cc"),
            "a.o: src/a.cc \\\n /usr/include/stdio.h\nsrc/a.cc:\n");
  EXPECT_EQ(rewrite_dependencies("a.o: /tmp/x/a.cc", "/tmp/x/a.cc", "my src/a#$.cc"), "a.o: my\\ src/a\\#$$.cc");
  EXPECT_EQ(rewrite_dependencies("a.o: /tmp/x/a.cc.h", "/tmp/x/a.cc", "b.cc"), "a.o: /tmp/x/a.cc.h");
}

TEST(ParseFlags, KeepWhatBearsOnTheMeaning) {
  const Words kept = {"-std=gnu++17", "-Ia", "-I", "b", "-DX=1", "-isystem", "c", "-include", "d.h", "-fopenmp", "-O2", "-march=native", "-fno-exceptions", "-m32"};
  Words given = kept;
  given.insert(given.end(), {"-c", "a.cc", "-o", "a.o"});
  EXPECT_EQ(parse_flags(call_of(given)), kept);
}

TEST(ParseFlags, LeaveOutWhatClangDoesNotKnow) {
  for (const char* flag : {"-fno-gnu-unique", "-fconcepts", "-flto-partition=none", "-fvar-tracking-assignments", "-fipa-pta", "-mno-avx256-split-unaligned-load",
                           "-fabi-version=11", "-fimplicit-constexpr", "-fmodules-ts", "-fno-ipa-sra", "-mrecord-gcc-switches", "-fgnu-tm", "-fanalyzer",
                           "-fdump-tree-all", "-Wall", "-Werror", "-g3", "-gdwarf-4", "-fprofile-use=x", "-pipe", "-MD", "-flto", "-Wl,-z,now"}) {
    EXPECT_EQ(parse_flags(call_of({flag, "-c", "a.cc"})), Words{}) << flag;
  }
}

TEST(ParseFlags, TakeDefinitionsOutOfPreprocessorArguments) {
  EXPECT_EQ(parse_flags(call_of({"-Wp,-D_FORTIFY_SOURCE=2,-MD,x.d", "-c", "a.cc"})), Words{"-D_FORTIFY_SOURCE=2"});
  EXPECT_EQ(parse_flags(call_of({"-Xclang", "-include", "-Xclang", "pch.hxx", "-c", "a.cc"})), (Words{"-include", "pch.hxx"}));
}

}  // namespace
}  // namespace hindsight::instrument

// Which headers of libraries a unit includes first, and that they change nothing once they are precompiled.
#include "instrument/preamble.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "instrument/launcher/scratch.h"
#include "instrument/parse_cache.h"
#include "instrument/report.h"
#include "support.h"

namespace hindsight::instrument {
namespace {

// ---- the text ----

struct PreambleCase {
  std::string name;
  std::string unit;
  std::map<std::string, std::string> files;  // by path; "/p/..." is the project
  std::string wanted;
  std::vector<std::string> flags = {};
  std::string ours = "";
};

class Preamble : public testing::TestWithParam<PreambleCase> {};

TEST_P(Preamble, HoldsWhatIsIncludedOfLibraries) {
  std::map<std::string, std::string> files = GetParam().files;
  files["/p/src/main.cc"] = GetParam().unit;
  const auto read = [&](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return std::nullopt;
    return found->second;
  };
  const PreambleText found = preamble_of({"/p/src/main.cc", "/p/build", "/p", GetParam().flags, read});
  EXPECT_EQ(found.libraries, GetParam().wanted);
  EXPECT_EQ(found.ours, GetParam().ours);
}

const PreambleCase kCases[] = {
    {"IncludesInOrder", "// a comment\n#include <vector>\n#include <cmath>  // why\nint main() {}\n", {}, "#include <vector>\n#include <cmath>\n"},
    {"NothingWhereNothingIsIncluded", "int main() {}\n", {}, ""},
    {"AnEmptyUnit", "", {}, ""},
    {"WithoutALineEnd", "#include <vector>", {}, "#include <vector>\n"},
    {"BehindDeclarationsToo", "int f();\n#include <vector>\n", {}, "#include <vector>\n"},
    {"HeadersOfTheUsersAreLookedThrough", "#include \"a.h\"\n#include <map>\n", {{"/p/src/a.h", "#pragma once\n#include <vector>\nstruct A {};\n"}}, "#include <vector>\n#include <map>\n"},
    {"InFoldersOfTheCall", "#include <a.h>\n", {{"/p/include/a.h", "#include <vector>\n"}}, "#include <vector>\n", {"-I../include"}},
    {"InFoldersThatAreAnArgumentOfTheirOwn", "#include <a.h>\n", {{"/p/include/a.h", "#include <vector>\n"}}, "#include <vector>\n", {"-I", "/p/include"}},
    {"TheProjectsSystemFoldersAreTheUsers", "#include <a.h>\n", {{"/p/third/a.h", "#include <vector>\n"}}, "#include <vector>\n", {"-isystem", "/p/third"}},
    {"PlainFoldersComeBeforeSystemOnes", "#include <a.h>\n", {{"/p/one/a.h", "#include <map>\n"}, {"/p/two/a.h", "#include <vector>\n"}}, "#include <vector>\n", {"-isystem", "/p/one", "-I/p/two"}},
    {"QuotesSearchTheirOwnFolderFirst", "#include \"a.h\"\n", {{"/p/include/a.h", "#include <map>\n"}, {"/p/src/a.h", "#include <vector>\n"}}, "#include <vector>\n", {"-I/p/include"}},
    {"FoldersForQuotesAreNotForAngles", "#include <a.h>\n", {{"/p/include/a.h", "#include <vector>\n"}}, "#include <a.h>\n", {"-iquote", "/p/include"}},
    {"AnotherProjectsHeadersAreTheUsers", "#include \"a.h\"\n", {{"/elsewhere/a.h", "#include <vector>\n"}}, "#include <vector>\n", {"-I/elsewhere"}},
    {"LibrariesOfKnownPlacesAreNot", "#include \"a.h\"\n#include <vector>\n", {{"/usr/x/a.h", "#define A 1\n"}}, "#include \"a.h\"\n#include <vector>\n", {"-I/usr/x"}},
    {"GuardedHeaders", "#include \"a.h\"\n#include \"a.h\"\n#include <map>\n", {{"/p/src/a.h", "/* a */\n#ifndef A_H\n#define A_H\n#include <vector>\n#endif\n"}}, "#include <vector>\n#include <map>\n"},
    {"HeadersInCircles", "#include \"a.h\"\n", {{"/p/src/a.h", "#pragma once\n#include \"b.h\"\n"}, {"/p/src/b.h", "#pragma once\n#include <vector>\n#include \"a.h\"\n"}}, "#include <vector>\n"},
    {"MacrosAreThereWhereTheyWere", "#include <vector>\n#define N 100\n#include <map>\n", {}, "#include <vector>\n#pragma push_macro(\"N\")\n#define N 100\n#include <map>\n#pragma pop_macro(\"N\")\n"},
    {"MacrosBehindTheLastAreNot", "#include <vector>\n#define N 100\nint main() {}\n", {}, "#include <vector>\n"},
    {"MacrosOfSeveralLines", "#define F(a) \\\n  (a)\n#include <map>\n", {}, "#pragma push_macro(\"F\")\n#define F(a) \\\n  (a)\n#include <map>\n#pragma pop_macro(\"F\")\n"},
    {"EndsAtAMacroThatIsTakenBack", "#include <vector>\n#undef N\n#include <map>\n", {}, "#include <vector>\n"},
    {"EndsAtAConditionalMacro", "#include <vector>\n#ifndef N\n#define N 1\n#endif\n#include <map>\n", {}, "#include <vector>\n"},
    {"EndsAtAConditionalMacroOfAHeader", "#include \"a.h\"\n#include <map>\n", {{"/p/src/a.h", "#include <vector>\n#ifdef X\n#define N 1\n#endif\n"}}, "#include <vector>\n"},
    {"AGuardIsTheWholeHeadersOnly", "#include \"a.h\"\n#include <map>\n", {{"/p/src/a.h", "#include <vector>\n#ifndef N\n#define N\n#endif\n"}}, "#include <vector>\n"},
    {"AMacrosDefaultIsNoGuard", "#ifndef NDEBUG\n#define NDEBUG\n#endif\n#include <cassert>\n", {}, ""},
    {"NorIsThatOfAHeader", "#include <map>\n#include \"a.h\"\n#include <set>\n", {{"/p/src/a.h", "#ifndef X\n#define X\n#include <vector>\n#endif\nint f();\n"}}, "#include <map>\n"},
    {"BehindAGuardThereMayBeAComment", "#include \"a.h\"\n", {{"/p/src/a.h", "#ifndef A_H\n#define A_H\n#ifdef Y\n#endif\n#include <vector>\n#endif  // A_H\n// the end\n"}}, "#include <vector>\n"},
    {"AGuardHasNoValue", "#include \"a.h\"\n#include <map>\n", {{"/p/src/a.h", "#ifndef N\n#define N 1\n#endif\n"}}, ""},
    {"WhatIsConditionalIsLeftOut", "#include <vector>\n#ifdef _OPENMP\n#include <omp.h>\n#else\n#include <set>\n#endif\n#include <map>\n", {}, "#include <vector>\n#include <map>\n"},
    {"AndSoAreItsHeaders", "#ifdef X\n#include \"a.h\"\n#endif\n#include <map>\n", {{"/p/src/a.h", "#pragma once\n#include <vector>\n"}}, "#include <map>\n"},
    {"EndsInsideBraces", "#include <vector>\nextern \"C\" {\n#include <cblas.h>\n}\n#include <map>\n", {}, "#include <vector>\n"},
    {"BracesInTextAreNone", "const char* s = R\"({)\"; char c = '{'; // {\n#include <vector>\n", {}, "#include <vector>\n"},
    {"EndsAtPacking", "#include <vector>\n#pragma pack(push, 1)\n#include <map>\n", {}, "#include <vector>\n"},
    {"HarmlessPragmas", "#pragma GCC optimize(\"O3\")\n#include <vector>\n", {}, "#include <vector>\n"},
    {"EndsAtAnIncludeOfAMacro", "#include <vector>\n#include HEADER\n#include <map>\n", {}, "#include <vector>\n"},
    {"WhatWasInsertedIsOurs", "#line 1 \"main.cc\"\n#include <vector>\n#include <hindsight/inserted.h>\n#include <hindsight/probe.h>\n", {}, "#include <vector>\n", {}, "#include <hindsight/inserted.h>\n#include <hindsight/probe.h>\n"},
    {"OursAloneToo", "#include <hindsight/inserted.h>\nint main() {}\n", {}, "", {}, "#include <hindsight/inserted.h>\n"},
    {"ButNotWithALibraryBehindIt", "#include <vector>\n#include <hindsight/inserted.h>\n#include <map>\n", {}, "#include <vector>\n#include <map>\n"},
    {"NorWithOneThatMayNotBeThere", "#ifdef X\n#include <map>\n#endif\n#include <vector>\n#include <hindsight/inserted.h>\n", {}, "#include <vector>\n"},
    {"NorWhereItEndsEarlier", "#include <vector>\n#undef N\n#include <hindsight/inserted.h>\n", {}, "#include <vector>\n"},
    {"NothingWhereHeadersAreForced", "#include <vector>\n", {}, "", {"-include", "a.h"}},
    {"DirectivesWithSpaces", "  #  include   <vector>\n", {}, "#include <vector>\n"},
};
INSTANTIATE_TEST_SUITE_P(Units, Preamble, testing::ValuesIn(kCases), [](const auto& each) { return each.param.name; });

// ---- the cache ----

class Cache : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/hindsight-cache-test-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    unsetenv("HINDSIGHT_CC_CACHE");
    std::system(("rm -rf '" + folder_ + "'").c_str());
  }
  std::size_t kept() const {
    std::size_t n = 0;
    for (const auto& each : std::filesystem::directory_iterator(folder_)) n += each.path().extension() == ".pch" ? 1 : 0;
    return n;
  }
  bool make(const std::string& key, std::size_t size) {
    return !ParseCache(folder_).file(key, [&](const std::string& path) { return write_file(path, std::string(size, 'x')); }).empty();
  }

  std::string folder_;
};

TEST_F(Cache, MakesAFileOnce) {
  int made = 0;
  const ParseCache cache(folder_);
  for (int i = 0; i < 3; ++i) {
    const std::string path = cache.file("a", [&](const std::string& beside) { return ++made, write_file(beside, "text"); });
    EXPECT_EQ(read_file(path), "text");
  }
  EXPECT_EQ(made, 1);
  cache.remove("a");
  EXPECT_EQ(kept(), 0u);
}

TEST_F(Cache, KeepsNothingThatCouldNotBeMade) {
  EXPECT_EQ(ParseCache(folder_).file("a", [](const std::string& path) { return write_file(path, "half") && false; }), "");
  EXPECT_EQ(kept(), 0u);
}

TEST_F(Cache, WithoutAFolderMakesNothing) {
  EXPECT_FALSE(ParseCache(""));
  EXPECT_EQ(ParseCache("").file("a", [](const std::string&) { return ADD_FAILURE(), true; }), "");
  EXPECT_EQ(ParseCache(folder_ + "/none").file("a", [](const std::string&) { return true; }), "");
}

TEST_F(Cache, LetsGoOfWhatWasNotUsedForLongest) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(make(key, 1000));
  const auto use = [&](const char* file, int hours_ago) {
    const timespec times[2] = {{std::time(nullptr) - 3600 * hours_ago, 0}, {0, UTIME_OMIT}};
    ASSERT_EQ(utimensat(AT_FDCWD, (folder_ + file).c_str(), times, 0), 0);
  };
  use("/a.pch", 1);
  use("/b.pch", 3);
  use("/c.pch", 2);
  ASSERT_TRUE(make("b", 1000));  // is used by that
  ParseCache(folder_).trim(2000);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/a.pch"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/b.pch"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/c.pch"));
}

// ---- what is parsed with it ----

std::string report_with(const UnitFixture& unit, const std::string& folder) {
  if (folder.empty()) unsetenv("HINDSIGHT_CC_CACHE");
  else setenv("HINDSIGHT_CC_CACHE", folder.c_str(), 1);
  return to_json(analyse_unit(unit, {make_probe("after", "s += x;", "s")}).report);
}

constexpr char kUnit[] =
    "#include <hindsight/hindsight.h>\n#include <vector>\n#define N 3\n#include <numeric>\n#include \"model.h\"\n"
    "int main() { Model m; double s = 0; for (int i : hindsight::loop(\"l\", N, m)) { double x = m.step(i);\n s += x; } }\n";
constexpr char kModel[] = "#pragma once\n#include <random>\nstruct Model { std::vector<double> w{1, 2}; std::mt19937 r; double step(int i) { w[0] += i; return std::accumulate(w.begin(), w.end(), 0.0) + r(); } };\n";

TEST_F(Cache, AUnitIsTheSameWithAPrecompiledPreamble) {
  const UnitFixture unit = {.text = kUnit, .headers = {{"src/model.h", kModel}}, .flags = {}};
  const std::string plain = report_with(unit, "");
  EXPECT_NE(plain.find("\"s\""), std::string::npos);
  EXPECT_EQ(report_with(unit, folder_), plain);
  EXPECT_EQ(kept(), 2u) << "the libraries' for both, and what the unit with its probe includes of ours";
  EXPECT_EQ(report_with(unit, folder_), plain);
  EXPECT_EQ(kept(), 2u);
}

TEST_F(Cache, ADamagedFileIsReplaced) {
  const UnitFixture unit = {.text = kUnit, .headers = {{"src/model.h", kModel}}, .flags = {}};
  const std::string plain = report_with(unit, folder_);
  for (const std::string& damage : {std::string(), std::string("no precompiled header"), std::string(100000, '\0')}) {
    std::string path;
    for (const auto& each : std::filesystem::directory_iterator(folder_)) {
      if (each.path().extension() == ".pch") path = each.path();
    }
    ASSERT_TRUE(write_file(path, damage));
    EXPECT_EQ(report_with(unit, folder_), plain);
  }
}

TEST_F(Cache, AChangedHeaderOfALibraryIsSeen) {
  mkdir((folder_ + "/usr").c_str(), 0700);
  const std::string header = folder_ + "/usr/lib.h";
  UnitFixture unit = {.text = "#include <lib.h>\n#include <hindsight/hindsight.h>\nint main() { Lib a; double s = 0; for (int i : hindsight::loop(\"l\", 3)) { double x = i;\n s += x; touch(a); } }\n",
                      .headers = {}, .flags = {"-isystem", folder_ + "/usr"}};
  ASSERT_TRUE(write_file(header, "struct Lib { int n; };\ninline void touch(const Lib&) {}\n"));
  const std::string before = report_with(unit, folder_);
  ASSERT_TRUE(write_file(header, "struct Lib { int n = 0; };\ninline void touch(Lib& a) { ++a.n; }\n"));
  EXPECT_EQ(report_with(unit, folder_), report_with(unit, ""));
  EXPECT_NE(report_with(unit, folder_), before);
}

// Folders of the environment decide what an #include means.
TEST_F(Cache, OtherFoldersOfTheEnvironmentAreAnotherPreamble) {
  const UnitFixture unit = {.text = "#include <lib.h>\n#include <hindsight/hindsight.h>\nint main() { Lib a; double s = 0; for (int i : hindsight::loop(\"l\", 3)) { double x = i;\n s += x; touch(a); } }\n",
                            .headers = {}, .flags = {}};
  const std::string parameters[] = {"const Lib&", "Lib&"};
  for (int i = 0; i < 2; ++i) {
    const std::string folder = folder_ + "/include" + std::to_string(i);
    mkdir(folder.c_str(), 0700);
    ASSERT_TRUE(write_file(folder + "/lib.h", "#ifndef LIB_H\n#define LIB_H\nstruct Lib { int n = 0; };\nvoid touch(" + parameters[i] + ");\n#endif\n"));
    setenv("CPLUS_INCLUDE_PATH", folder.c_str(), 1);
    EXPECT_EQ(report_with(unit, folder_), report_with(unit, "")) << parameters[i];
  }
  unsetenv("CPLUS_INCLUDE_PATH");
  EXPECT_EQ(kept(), 4u) << "each with ours on top";
}

// What the environment searches, the preamble cannot know: whatever is then in it of the user's would not be analysed.
TEST_F(Cache, NothingOfTheUsersIsPrecompiled) {
  mkdir((folder_ + "/own").c_str(), 0700);
  ASSERT_TRUE(write_file(folder_ + "/own/own.h", "struct Own { int n = 0; void step() { ++n; } };\n"));
  setenv("CPLUS_INCLUDE_PATH", (folder_ + "/own").c_str(), 1);
  UnitRequest request = request_for({.text = "#include <own.h>\n#include <hindsight/hindsight.h>\nint main() { Own a; for (int i : hindsight::loop(\"l\", 3)) { (void)i; a.step(); } }\n", .headers = {}, .flags = {}});
  request.input.project = folder_ + "/own";
  unsetenv("HINDSIGHT_CC_CACHE");
  const std::string plain = to_json(analyse(request).report);
  setenv("HINDSIGHT_CC_CACHE", folder_.c_str(), 1);
  EXPECT_EQ(to_json(analyse(request).report), plain);
  EXPECT_NE(plain.find("\"a\""), std::string::npos);
  EXPECT_EQ(kept(), 0u);
  unsetenv("CPLUS_INCLUDE_PATH");
}

}  // namespace
}  // namespace hindsight::instrument

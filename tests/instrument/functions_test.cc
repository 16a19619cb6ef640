#include <gtest/gtest.h>

#include "instrument/report.h"
#include "support.h"

namespace hindsight::instrument {
namespace {

FunctionReport function(const UnitReport& report, const std::string& name) {
  for (const FunctionReport& f : report.functions) {
    if (f.name == name) return f;
  }
  ADD_FAILURE() << "no function " << name;
  return {};
}

TEST(Functions, AreNamedWithTheirCanonicalParameterTypes) {
  const UnitReport report = report_on("#include <cstdint>\nnamespace n { struct S { void m(const int*) const; }; using T = S; void f(T&, std::int64_t, unsigned char) {} }\nvoid n::S::m(const int*) const {}\n");
  EXPECT_EQ(function(report, "n::f(n::S&, long, unsigned char)").line, 2u);
  EXPECT_EQ(function(report, "n::S::m(const int*) const").line, 3u);
}

TEST(Functions, CallsAreListedOnceAndOnlyTheUsers) {
  const UnitReport report = report_on("#include <cstdio>\nvoid a(); void b() { a(); a(); std::puts(\"x\"); }\n");
  EXPECT_EQ(function(report, "b()").calls, std::vector<std::string>{"a()"});
  EXPECT_FALSE(function(report, "b()").calls_unknown);
}

TEST(Functions, TheCallsOfALoopAreThoseOfItsBody) {
  const UnitReport report = report_on(
      "#include <hindsight/hindsight.h>\nint count(); void before(); void in(); void after();\n"
      "int main() { before(); for (int e : hindsight::loop(\"l\", count())) { (void)e; in(); } after(); }\n");
  ASSERT_EQ(report.loops.size(), 1u);
  EXPECT_EQ(report.loops[0].calls, std::vector<std::string>{"in()"});
}

struct Tracked {
  const char* claim;
  const char* text;
  const char* name;
  bool tracked;
};
std::ostream& operator<<(std::ostream& out, const Tracked& row) { return out << row.claim; }
class TrackedTest : public testing::TestWithParam<Tracked> {};
TEST_P(TrackedTest, Is) { EXPECT_EQ(function(report_on(GetParam().text), GetParam().name).tracked, GetParam().tracked); }
const Tracked kTracked[] = {
    {"AFreeFunctionThatIsOnlyCalled", "void f() {} void g() { f(); }", "f()", true},
    {"AFunctionWhoseAddressIsTaken", "void f() {} void (*p)() = &f;", "f()", false},
    {"AFunctionThatIsHandedOn", "void f() {} void g(void (*)()); void h() { g(f); }", "f()", false},
    {"AFunctionThatIsHandedToATemplate", "void f() {} template <class F> void g(F x) { x(); } void h() { g(f); }", "f()", false},
    {"AMethod", "struct S { void m() {} };", "S::m()", false},
    {"AnOperator", "struct S {}; void operator+(S, S) {}", "operator+(S, S)", false},
    {"AFunctionTemplate", "template <class T> void f(T) {} void g() { f(1); }", "f(type-parameter-0-0)", false},
    {"ALambdaThatIsOnlyCalled", "void f() { auto l = [] {}; l(); }", "f()::lambda@1:21", true},
    {"ALambdaThatIsHandedOn", "template <class F> void g(F x) { x(); } void f() { auto l = [] {}; g(l); }", "f()::lambda@1:61", false},
    {"ALambdaWrittenAsAnArgument", "template <class F> void g(F x) { x(); } void f() { g([] {}); }", "f()::lambda@1:54", false},
    {"ALambdaCalledOnTheSpot", "void f() { [] {}(); }", "f()::lambda@1:12", true},
    {"AFunctionThatRunsByItself", "__attribute__((constructor)) void f() {}", "f()", false},
    {"AFunctionOfAnotherUnitWhoseAddressIsTaken", "void f(); void (*p)() = f;", "f()", false},
};
INSTANTIATE_TEST_SUITE_P(Functions, TrackedTest, testing::ValuesIn(kTracked), [](const auto& row) { return row.param.claim; });

TEST(Functions, GlobalsTheyWriteAreListedWithTheLine) {
  const UnitReport report = report_on("namespace n { int g; static int s; }\nvoid f() {\n  n::g++;\n  n::s = 2;\n}\nint r() { return n::g; }\n");
  EXPECT_EQ(function(report, "f()").writes_globals, (std::vector<GlobalWrite>{{"n::g", 3}, {"n::s", 4}}));
  EXPECT_TRUE(function(report, "r()").writes_globals.empty());
}

TEST(Functions, ACallThroughAPointerIsUnknown) {
  EXPECT_TRUE(function(report_on("void f(void (*p)()) { p(); }"), "f(void (*)())").calls_unknown);
  EXPECT_FALSE(function(report_on("void g(); void f() { g(); }"), "f()").calls_unknown);
}

TEST(Functions, CUnitsAreReportedToo) {
  const UnitAnalysis analysis = analyse_unit({.text = "int counter;\nvoid bump(int* restrict p) { *p += 1; counter++; }\n", .headers = {}, .flags = {}, .language = Language::kC});
  ASSERT_TRUE(analysis.report.parsed) << analysis.report.problem;
  ASSERT_EQ(analysis.report.functions.size(), 1u);
  EXPECT_EQ(analysis.report.functions[0].writes_globals, (std::vector<GlobalWrite>{{"counter", 2}}));
}

TEST(Report, ReadsBackAsWritten) {
  const UnitAnalysis analysis = analyse_unit(
      {.text = "#include <hindsight/hindsight.h>\nint g; int step(int w) { return ++g + w; }\nint main() { int w = 0; for (int e : hindsight::loop(\"l\", 3, w)) { (void)e; step(w); } }\n", .headers = {}, .flags = {}},
      {make_probe("after", "step(w);", "w"), make_probe("after", "step(9);", "w")});
  UnitReport report = analysis.report;
  report.cwd = "/p";
  report.arguments = {"g++", "-c", "a\xff.cc"};
  const ReadReport back = parse_report(to_json(report));
  ASSERT_TRUE(back.ok);
  report.arguments[2] = "a\xef\xbf\xbd.cc";  // not UTF-8: repaired
  EXPECT_EQ(back.report, report);
}

TEST(ProbesFile, IsRefusedWhereItIsNotOne) {
  EXPECT_TRUE(parse_probes("{\"probes\": []}").problem.empty());
  for (const char* text : {"", "[]", "{}", "{\"probes\": [{\"id\": \"x\", \"form\": \"after\"}]}", "{\"probes\": [{\"id\": \"0123456789abcdef0123456789abcdef\", \"form\": \"beside\"}]}"}) {
    EXPECT_FALSE(parse_probes(text).problem.empty()) << text;
  }
}

}  // namespace
}  // namespace hindsight::instrument

// Where probes go, and where they do not. The code is marked: `^` is where the probe is expected, `[[` and `]]` are the
// braces that it needs; no mark means that it is refused, for the reason given.
#include <ostream>

#include <gtest/gtest.h>

#include "instrument/text.h"
#include "support.h"

namespace hindsight::instrument {
namespace {

constexpr char kPrelude[] =
    "#include <hindsight/hindsight.h>\n"
    "int step(int); struct Exit { int code; }; [[noreturn]] void fail();\n"
    "#define TWICE(s) s s\n"
    "#define STEP step(7)\n"
    "#define PAIR step(8); step(9)\n"
    "#define CHECK(c) do { if (!(c)) fail(); } while (0)\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

struct Row {
  const char* claim;
  const char* form;
  const char* statement;
  const char* marked;
  std::string refused = {};
  const char* expression = "w";
  const char* function = "";
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim; }

class Place : public testing::TestWithParam<Row> {};

TEST_P(Place, IsTheMarkedOne) {
  const Row& row = GetParam();
  Probe probe = make_probe(row.form, row.statement, row.expression);
  probe.function = row.function;
  if (probe.form == "at") {
    probe.file = "src/main.cc";
    probe.line = static_cast<unsigned>(std::stoi(row.statement)) + 6;  // lines of the marked code
    probe.statement.clear();
  }
  const std::string marked = std::string(kPrelude) + row.marked;
  const std::string plain = replaced(replaced(replaced(marked, "^", ""), "[[{", ""), "}]]", "");
  // The prelude's own attribute is not a mark.
  const UnitAnalysis analysis = analyse_unit({.text = plain, .headers = {}, .flags = {}}, {probe});
  ASSERT_TRUE(analysis.report.parsed) << analysis.report.problem << "\n" << plain;
  ASSERT_EQ(analysis.report.probes.size(), 1u);
  const ProbeOutcome& outcome = analysis.report.probes[0];
  EXPECT_EQ(outcome.placed.empty(), !outcome.refused.empty());
  EXPECT_EQ(outcome.refused, row.refused);
  if (!row.refused.empty()) {
    EXPECT_TRUE(analysis.insertions.empty());
    EXPECT_TRUE(analysis.edited.empty());
    return;
  }
  ASSERT_EQ(outcome.placed.size(), 1u);
  const std::string& text = outcome.placed[0].text;
  const std::string after = probe.form == "after" ? " " + text : text + " ";
  const std::string expected = replaced(replaced(replaced(marked, "^", after), "[[{", "{ "), "}]]", " }");
  EXPECT_EQ(insert_into(plain, analysis.insertions), expected);
  EXPECT_NE(outcome.placed[0].excerpt.find(text), std::string::npos);

  // Taking out what was inserted gives the original, byte for byte, and no line moved.
  std::string back = insert_into(plain, analysis.insertions);
  for (auto insertion = analysis.insertions.rbegin(); insertion != analysis.insertions.rend(); ++insertion) {
    const std::size_t at = back.rfind(insertion->text);
    ASSERT_NE(at, std::string::npos);
    back.erase(at, insertion->text.size());
    EXPECT_EQ(insertion->text.find('\n'), std::string::npos);
  }
  EXPECT_EQ(back, plain);
  // And the result parses.
  UnitFixture again{.text = analysis.edited, .headers = {}, .flags = {}};
  EXPECT_TRUE(analyse_unit(again).report.parsed) << analysis.edited;
}

#define F "void f(int w) { "
const Row kPlaced[] = {
    {"AfterAStatement", "after", "step(1);", F "step(1);^ step(2); }"},
    {"BeforeAStatement", "before", "step(2);", F "step(1); ^step(2); }"},
    {"TheSemicolonMayBeLeftOut", "after", "step(1)", F "step(1);^ }"},
    {"WhiteSpaceAndCommentsDoNotMatter", "after", "step( 1 ) ;", F "step(/* one */1) // yes\n ;^ }"},
    {"AfterADeclarationItsNamesAreVisible", "after", "int v = step(1);", F "int v = step(1);^ (void)v; }", {}, "v"},
    {"AfterAWholeLoop", "after", "for (int i = 0; i < 3; ++i) step(i);", F "for (int i = 0; i < 3; ++i) step(i);^ }"},
    {"AfterABlock", "after", "{ step(1); }", F "{ step(1); }^ }"},
    {"AnUnbracedIfGetsBraces", "after", "step(1);", F "if (w) [[{step(1);^}]] }"},
    {"BeforeInAnUnbracedIfToo", "before", "step(1);", F "if (w) [[{^step(1);}]] }"},
    {"AnUnbracedElseGetsBraces", "after", "step(2);", F "if (w) step(1); else [[{step(2);^}]] }"},
    {"TheThenBranchBeforeAnElse", "after", "step(1);", F "if (w) [[{step(1);^}]] else step(2); }"},
    {"ADanglingElseStaysWhereItIs", "after", "step(1);", F "if (w) if (w > 1) [[{step(1);^}]] else step(2); }"},
    {"AnElseIfIsWrappedWhole", "before", "if (w > 1) step(2);", F "if (w) step(1); else [[{^if (w > 1) step(2);}]] }"},
    {"AnUnbracedLoopBodyGetsBraces", "after", "step(i);", F "for (int i = 0; i < w; ++i) [[{step(i);^}]] }", {}, "i"},
    {"AnUnbracedDoBodyGetsBraces", "after", "step(1);", F "do [[{step(1);^}]] while (step(2)); }"},
    {"AnUnbracedWhileBodyGetsBraces", "before", "step(1);", F "while (step(2)) [[{^step(1);}]] }"},
    {"InsideASwitch", "after", "step(1);", F "switch (w) { case 1: step(1);^ break; default: step(2); } }"},
    {"BehindACaseLabel", "before", "step(1);", F "switch (w) { case 1: ^step(1); break; default: step(2); } }"},
    {"BehindALabel", "before", "step(1);", F "if (w) goto out; step(2); out: ^step(1); }"},
    {"InsideATryBlock", "after", "step(1);", F "try { step(1);^ } catch (...) { step(2); } }"},
    {"InsideAHandler", "after", "step(2);", F "try { step(1); } catch (...) { step(2);^ } }"},
    {"InsideALambda", "after", "step(v);", F "auto g = [](int v) { step(v);^ }; g(w); }", {}, "v"},
    {"InsideAGenericLambda", "after", "step(v);", F "auto g = [](auto v) { step(v);^ }; g(w); }", {}, "v"},
    {"InsideAMethod", "after", "n = 1;", "struct S { int n; void m() { n = 1;^ } };", {}, "n"},
    {"InsideAConstructor", "after", "n = 1;", "struct S { int n; S() { n = 1;^ } };", {}, "n"},
    {"InsideAFunctionTemplate", "after", "t = 1;", "template <class T> void f(T t) { t = 1;^ step(int(t)); } void g() { f(1); f(2.0); }", {}, "t"},
    {"InsideALocalClass", "after", "step(3);", F "struct L { void m() { step(3);^ } }; L().m(); (void)w; }", {}, "1"},
    {"InsideANamespace", "after", "step(1);", "namespace a { namespace { " F "step(1);^ } } void g() { f(1); } }"},
    {"TheFunctionChoosesBetweenTwins", "after", "step(1);", F "step(1); } void g(int w) { step(1);^ }", {}, "w", "g"},
    {"AMethodIsNamedWithItsClass", "after", "step(1);", "struct A { int w; void m() { step(1); } }; struct B { int w; void m() { step(1);^ } };", {}, "w", "B::m"},
    {"AfterAStatementMadeByAMacro", "after", "STEP;", F "STEP;^ (void)w; }"},
    {"AfterAMacroThatIsAWholeStatement", "after", "CHECK(w);", F "CHECK(w);^ }"},
    {"AfterAStatementThatUsesAMacro", "after", "w = STEP;", F "w = STEP;^ }"},
    {"AttributesBelongToTheStatement", "after", "step(1);", F "step(1);^ ; }"},
    {"BeforeAReturn", "before", "return;", F "step(w); ^return; }"},
    {"BeforeABreak", "before", "break;", F "while (w) { ^break; } }"},
    {"AtALine", "at", "2", F "\n  ^step(1); step(2);\n}"},
    {"AtALineInTheMiddleOfAStatement", "at", "3", F "\n  if (w)\n    [[{^step(1);}]]\n}"},
    {"AtALineOfABlock", "at", "2", F "\n  ^{ step(1); }\n}"},
    {"CommasInTemplateArgumentsAreProtected", "after", "step(1);", "template <int A, int B> int sum() { return A + B; } " F "step(1);^ (void)w; }", {}, "sum<1, 2>()"},
    {"ALambdaIsAnExpression", "after", "step(1);", F "step(1);^ }", {}, "[&] { int s = 0; for (int i = 0; i < w; ++i) s += i; return s; }()"},
    {"TextWithQuotesIsAnExpression", "after", "step(1);", F "step(1);^ (void)w; }", {}, "\"a\\\"b\""},
};
INSTANTIATE_TEST_SUITE_P(Placed, Place, testing::ValuesIn(kPlaced), [](const auto& row) { return row.param.claim; });

const Row kRefused[] = {
    {"NoSuchStatement", "after", "step(3);", F "step(1); (void)w; }", kNotInThisUnit},
    {"NoSuchFunction", "after", "step(1);", F "step(1); (void)w; }", kNotInThisUnit, "w", "g"},
    {"APartOfAStatement", "after", "step(1)", F "w = step(1); }", kNotInThisUnit},
    {"TheSameStatementTwice", "after", "step(1);", F "step(1); (void)w; step(1); }", "the statement occurs 2 times: say which with --in FUNCTION or --at FILE:LINE"},
    {"ANameThatIsNotDeclared", "after", "step(1);", F "step(1); (void)w; }", "does not compile there: use of undeclared identifier 'nowhere'", "nowhere"},
    {"ANameThatIsDeclaredLater", "before", "int v = step(1);", F "int v = step(1); (void)v; (void)w; }", "does not compile there: use of undeclared identifier 'v'", "v"},
    {"ANameOfAnotherScope", "after", "step(2);", F "{ int v = w; step(v); } step(2); }", "does not compile there: use of undeclared identifier 'v'", "v"},
    {"AnExpressionOfTheWrongType", "after", "step(1);", F "step(1); (void)w; }", "does not compile there: no matching function for call to 'step'", "step(\"a\")"},
    {"AfterAReturn", "after", "return;", F "step(w); return; }", "never reached: the statement before it leaves"},
    {"AfterABreak", "after", "break;", F "while (w) { break; } }", "never reached: the statement before it leaves"},
    {"AfterAContinue", "after", "continue;", F "while (w) { continue; } }", "never reached: the statement before it leaves"},
    {"AfterAThrow", "after", "throw Exit{1};", F "if (w) { throw Exit{1}; } }", "never reached: the statement before it leaves"},
    {"AfterAGoto", "after", "goto out;", F "if (w) { goto out; } out: step(1); }", "never reached: the statement before it leaves"},
    {"AfterACallThatDoesNotReturn", "after", "fail();", F "if (w) { fail(); } }", "never reached: the statement before it leaves"},
    {"InsideAMacrosArgument", "after", "step(1);", F "TWICE(step(1);) (void)w; }", "inside a macro's argument"},
    {"OneOfSeveralStatementsOfAMacro", "after", "PAIR;", F "PAIR; (void)w; }", "inside a macro that makes several statements"},
    {"InTheHeadOfALoop", "after", "int i = 0;", F "for (int i = 0; i < w; ++i) { step(i); } }", "the statement is part of a loop's or condition's head", "i"},
    {"BehindALabelThatIsAWholeBody", "after", "step(1);", F "if (w) here: step(1); if (!w) goto here; }", "would need braces that are not there, behind a label"},
    {"InAConstexprFunction", "after", "w += 1;", "constexpr int f(int w) { w += 1; return w; } static_assert(f(1) == 2);", "the function is constexpr"},
    {"InAStatementExpression", "after", "step(1);", F "int v = ({ step(1); w; }); (void)v; }", "inside a statement expression"},
    {"AnEmptyExpression", "after", "step(1);", F "step(1); (void)w; }", "the expression is empty", ""},
    {"AnExpressionWithUnmatchedParentheses", "after", "step(1);", F "step(1); (void)w; }", "the expression's parentheses do not match", "step(1"},
    {"AnExpressionThatClosesTheMacro", "after", "step(1);", F "step(1); (void)w; }", "the expression's parentheses do not match", "w); fail("},
    {"TwoStatementsAreNoExpression", "after", "step(1);", F "step(1); (void)w; }", "not one expression: it holds a ';'", "w; w"},
    {"ADirectiveIsNoExpression", "after", "step(1);", F "step(1); (void)w; }", "the expression holds a preprocessor directive", "w\n#define X"},
    {"AnEmptyStatementText", "after", ";", F "step(w); }", "no statement is given"},
    {"ALineWithoutAStatement", "at", "3", F "\n  step(w);\n}", "no statement begins on line 9 of src/main.cc"},
    {"ATemplateWhoseInstancesDoNotAllCompile", "after", "step(1);", "struct E {}; template <class T> void f(T t) { step(1); (void)t; } void g() { f(1); f(E()); }", "does not compile there: invalid operands to binary expression ('E' and 'int')", "t + 1"},
    {"ANameThatIsRecordedAlready", "after", "step(w);", F "step(w); hindsight::log(\"probe\", w); }", "this version already records 'probe' (src/main.cc:7)"},
    {"ANameThatIsRecordedByTheMacro", "after", "step(w);", F "step(w); HINDSIGHT_LOG(\"probe\", w); }", "this version already records 'probe' (src/main.cc:7)"},
    {"AssigningToAConst", "after", "step(w);", "void f(const int w) { step(w); }", "does not compile there: cannot assign to variable 'w' with const-qualified type 'const int'", "w = 1"},
};
INSTANTIATE_TEST_SUITE_P(Refused, Place, testing::ValuesIn(kRefused), [](const auto& row) { return row.param.claim; });

TEST(Placing, ARefusalForTwinsListsThem) {
  const UnitAnalysis analysis = analyse_unit({.text = "int step(int);\nvoid f() {\n  step(1);\n  step(1);\n}\n", .headers = {}, .flags = {}}, {make_probe("after", "step(1);", "1")});
  EXPECT_EQ(analysis.report.probes[0].candidates, (std::vector<std::string>{"src/main.cc:3: step(1);", "src/main.cc:4: step(1);"}));
}

TEST(Placing, TheNestHasTheHindsightLoopsOnly) {
  const std::string text =
      "#include <hindsight/hindsight.h>\nint step(int);\nvoid f() {\n"
      "  for (int e : hindsight::loop(\"epoch\", 3)) { for (int k = 0; k < e; ++k) { hindsight::Loop l(\"step\"); while (l.more()) { step(k); } l.finish(); } }\n}\n";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "step(k);", "k")});
  ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u);
  const Placement& place = analysis.report.probes[0].placed[0];
  EXPECT_EQ(place.nest, (std::vector<std::string>{"epoch", "step"}));
  EXPECT_EQ(place.function, "f()");
  EXPECT_EQ(place.line, 4u);
  EXPECT_EQ(place.file, "src/main.cc");
}

// What a loop writes before it reads it is not in its state. A probe may read it all the same.
TEST(Placing, SaysWhatALoopLeavesOutAndAProbeReads) {
  using Names = std::vector<std::string>;
  const std::string text =
      "#include <vector>\n#include <hindsight/hindsight.h>\nvoid use(int);\nint main() {\n  std::vector<int> batch, sizes;\n"
      "  use(0);\n  for (int e : hindsight::loop(\"epoch\", 3)) {\n    use(1);\n    batch.clear();\n    sizes = batch;\n    batch.push_back(e);\n    use(2);\n  }\n  use(3);\n}\n";
  struct Reading {
    std::string statement, expression;
    Names dead;
  };
  for (const Reading& row : {Reading{"use(2);", "batch.size()", {"batch", "sizes"}}, Reading{"use(1);", "1", {"batch", "sizes"}}, Reading{"use(1);", "batch.size()", {"sizes"}}, Reading{"use(1);", "batch.size() + sizes.size()", {}},
                         Reading{"use(3);", "sizes.size()", {"batch"}}, Reading{"use(0);", "sizes.size()", {"batch", "sizes"}}, Reading{"use(1);", "[&] { return batch.size(); }()", {"sizes"}}}) {
    const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", row.statement, row.expression)});
    ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u) << row.statement << analysis.report.probes[0].refused;
    ASSERT_EQ(analysis.report.loops.size(), 1u);
    EXPECT_EQ(analysis.report.loops[0].dead, (Names{"batch", "sizes"})) << row.expression;
    EXPECT_EQ(analysis.report.loops[0].dead_with_probes, row.dead) << row.statement << " " << row.expression;
  }
  const UnitAnalysis unasked = analyse_unit({.text = text, .headers = {}, .flags = {}}, {});
  EXPECT_EQ(unasked.report.loops[0].dead_with_probes, std::nullopt);
}

TEST(Placing, ALambdaIsAFunctionOfItsOwn) {
  const std::string text =
      "#include <hindsight/hindsight.h>\nint step(int);\nvoid f() {\n  auto g = [](int v) { step(v); };\n  for (int e : hindsight::loop(\"epoch\", 3)) g(e);\n}\n";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "step(v);", "v")});
  ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u);
  const Placement& place = analysis.report.probes[0].placed[0];
  EXPECT_TRUE(place.nest.empty());
  bool found = false;
  for (const FunctionReport& f : analysis.report.functions) found = found || f.name == place.function;
  EXPECT_TRUE(found) << place.function;
  ASSERT_EQ(analysis.report.loops.size(), 1u);
  EXPECT_EQ(analysis.report.loops[0].calls, std::vector<std::string>{place.function});
}

constexpr char kUtil[] = "#pragma once\n#include <vector>\n\ntemplate <class T>\nint g(T x) {\n  x += 1;\n  return x;\n}\n";

TEST(Placing, AStatementInAHeaderIsLeftToTheBuilderWithWhatGoesIntoTheHeader) {
  const UnitFixture unit{.text = "#include \"util.h\"\nint f(int v) { v += 2; return g(v); }\n", .headers = {{"src/util.h", kUtil}}, .flags = {}};
  Probe at = make_probe("at", "", "x");
  at.file = "src/util.h";
  at.line = 7;
  Probe own = make_probe("after", "v += 2;", "v");
  own.id[31] = 'a';
  for (const Probe& probe : {make_probe("after", "x += 1;", "x"), at}) {
    const UnitAnalysis analysis = analyse_unit(unit, {probe, own});
    ASSERT_EQ(analysis.report.probes[0].refused, "");
    const Placement& place = analysis.report.probes[0].placed[0];
    EXPECT_EQ(place.file, "src/util.h");
    EXPECT_EQ(place.line, probe.form == "at" ? 7u : 6u);
    EXPECT_TRUE(place.changes.empty());
    const std::string edited = insert_into(kUtil, place.insertions);
    EXPECT_EQ(edited.find("#include <hindsight/probe.h>\n#line "), edited.find("#include <vector>\n") + 18) << edited;
    EXPECT_NE(edited.find(place.excerpt), std::string::npos) << edited;
    // What hindsight-cc compiles has only what is the unit's own.
    EXPECT_EQ(analysis.edited.find(place.text), std::string::npos);
    EXPECT_NE(analysis.edited.find(analysis.report.probes[1].placed[0].text), std::string::npos);
  }
  EXPECT_EQ(analyse_unit(unit).report.headers, std::vector<std::string>{"src/util.h"});
  at.file = "src/other.cc";
  EXPECT_EQ(analyse_unit(unit, {at}).report.probes[0].refused, kNotInThisUnit);
}

TEST(Placing, WhatAProbeInAHeaderDoesIsSeen) {
  const UnitFixture unit{.text = "#include \"util.h\"\nint f(int v) { return g(v) + g(1L); }\n", .headers = {{"src/util.h", kUtil}}, .flags = {}};
  const UnitAnalysis analysis = analyse_unit(unit, {make_probe("after", "x += 1;", "x++")});
  ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u);
  const std::vector<Change>& changes = analysis.report.probes[0].placed[0].changes;
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].what, "x: incremented");
  EXPECT_TRUE(changes[0].is_certain);
}

TEST(Placing, AProbeInAHeaderThatDoesNotCompileThereIsRefusedAndTheOthersStay) {
  const UnitFixture unit{.text = "#include \"util.h\"\nint f(int v) { v += 2; return g(v); }\n", .headers = {{"src/util.h", kUtil}}, .flags = {}};
  Probe own = make_probe("after", "v += 2;", "v");
  own.id[31] = 'a';
  const UnitAnalysis analysis = analyse_unit(unit, {make_probe("after", "x += 1;", "nowhere"), own});
  EXPECT_EQ(analysis.report.probes[0].refused, "does not compile there: use of undeclared identifier 'nowhere'");
  EXPECT_EQ(analysis.report.probes[1].refused, "");
  // A header without a line to spare: behind its guard.
  for (const std::string guard : {"#pragma once\n", "#ifndef UTIL_H\n#define UTIL_H\n"}) {
    const std::string end = guard.starts_with("#if") ? "#endif\n" : "";
    const UnitFixture bare{.text = "#include \"util.h\"\nint f(int v) { return g(v); }\n", .headers = {{"src/util.h", guard + "inline int g(int x) {\n  x += 1;\n  return x;\n}\n" + end}}, .flags = {}};
    EXPECT_EQ(analyse_unit(bare, {make_probe("after", "x += 1;", "x")}).report.probes[0].refused, "") << guard;
  }
  // Inside of a namespace there is no place for an #include.
  const UnitFixture within{.text = "namespace n {\n#include \"util.h\"\n}\nint f(int v) { return n::g(v); }\n", .headers = {{"src/util.h", "int g(int x) {\n  x += 1;\n  return x;\n}\n"}}, .flags = {}};
  EXPECT_NE(analyse_unit(within, {make_probe("after", "x += 1;", "x")}).report.probes[0].refused, "");
}

TEST(Placing, OneBadProbeDoesNotTakeTheOthersWithIt) {
  std::vector<Probe> probes;
  for (int i = 0; i < 5; ++i) {
    Probe probe = make_probe(i % 2 ? "after" : "before", "step(w);", i == 1 || i == 4 ? "nowhere" : "w");
    probe.id[31] = static_cast<char>('0' + i);
    probe.name = "p" + std::to_string(i);
    probes.push_back(probe);
  }
  const UnitAnalysis analysis = analyse_unit({.text = "int step(int);\nvoid f(int w) { if (w) step(w); }\n", .headers = {}, .flags = {}}, probes);
  ASSERT_EQ(analysis.report.probes.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(analysis.report.probes[i].placed.empty(), i == 1 || i == 4) << i;
  EXPECT_TRUE(analyse_unit({.text = analysis.edited, .headers = {}, .flags = {}}).report.parsed) << analysis.edited;
}

TEST(Placing, LinesOfTheScratchTextAreThoseOfTheFile) {
  const std::string text = "#include <hindsight/hindsight.h>\n\nint step(int);\n\nvoid f(int w) {\n  step(w);\n}\nstatic_assert(__LINE__ == 8);\n";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "step(w);", "w")});
  EXPECT_TRUE(analyse_unit({.text = analysis.edited, .headers = {}, .flags = {}}).report.parsed) << analysis.edited;
  EXPECT_NE(analysis.edited.find("#line 2 \"/project/src/main.cc\"\n"), std::string::npos) << analysis.edited;
}

TEST(Placing, TheIncludeStandsOutsideConditionals) {
  const std::string text = "#include <cstddef>\n#if 1\n#include <cstdint>\n#endif\nint step(int);\nvoid f(int w) { step(w); }\n";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "step(w);", "w")});
  EXPECT_NE(analysis.edited.find("#include <cstddef>\n#include <hindsight/probe.h>\n#line 2"), std::string::npos) << analysis.edited;
}

TEST(Placing, AUnitThatDoesNotParseIsReportedAndNotTouched) {
  const UnitAnalysis analysis = analyse_unit({.text = "int f( {\n", .headers = {}, .flags = {}}, {make_probe("after", "f();", "1")});
  EXPECT_FALSE(analysis.report.parsed);
  EXPECT_NE(analysis.report.problem.find("(/project/src/main.cc:1)"), std::string::npos) << analysis.report.problem;
  EXPECT_TRUE(analysis.edited.empty());
  ASSERT_EQ(analysis.report.probes.size(), 1u);
  EXPECT_FALSE(analysis.report.probes[0].refused.empty());
}

struct Impurity {
  const char* expression;
  bool impure;
};
class Purity : public testing::TestWithParam<Impurity> {};
TEST_P(Purity, IsMarkedAndPlacedAllTheSame) {
  const std::string text = "#include <random>\n#include <cstdlib>\n#include <torch/torch.h>\nint step(int); int g; int bump() { return ++g; }\n"
                           "void f(int w, std::mt19937& random, torch::Tensor t) { step(w); }\n";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "step(w);", GetParam().expression)});
  ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u) << analysis.report.probes[0].refused;
  std::string changes;
  for (const Change& each : analysis.report.probes[0].placed[0].changes) changes += each.what + "; ";
  EXPECT_EQ(!changes.empty(), GetParam().impure) << changes;
}
INSTANTIATE_TEST_SUITE_P(Expressions, Purity,
                         testing::Values(Impurity{"w", false}, Impurity{"w * 2 + g", false}, Impurity{"w = 3", true}, Impurity{"++w", true}, Impurity{"bump()", true},
                                         Impurity{"random()", true}, Impurity{"std::rand()", true}, Impurity{"t.sum().item<float>()", false},
                                         Impurity{"t.clone().add_(t).sum().item<float>()", false}, Impurity{"t.add_(t).sum().item<float>()", true},
                                         Impurity{"torch::randn(3).sum().item<float>()", true}, Impurity{"[&] { int s = 0; s += w; return s; }()", false}));

TEST(Purity, OfFunctionsOfOtherUnitsIsLeftToTheirReports) {
  const std::string text = "struct Net { double norm() const; }; double loss(const Net&); int step(int);\nvoid f(int w, Net& net) { step(w); }\n";
  const UnitAnalysis analysis = analyse_unit({.text = text, .headers = {}, .flags = {}}, {make_probe("after", "step(w);", "net.norm() + loss(net)")});
  ASSERT_EQ(analysis.report.probes[0].placed.size(), 1u) << analysis.report.probes[0].refused;
  const Placement& placed = analysis.report.probes[0].placed[0];
  EXPECT_EQ(placed.calls, (std::vector<std::string>{"Net::norm() const", "loss(const Net&)"}));
  ASSERT_EQ(placed.changes.size(), 2u);
  for (const Change& each : placed.changes) {
    EXPECT_FALSE(each.conditions.always) << each.what;
    for (const Condition& condition : each.conditions.any) EXPECT_FALSE(condition.by_signature) << each.what;
  }
}

// A probe written at line 3 of some version, whose text was `statement` between `previous` and `next`.
ProbeOutcome placed_at_line_of_another_version(const std::string& code, const std::string& statement, const std::string& previous,
                                               const std::string& next, const std::vector<std::string>& above = {}) {
  Probe probe = make_probe("at", statement, "w");
  probe.nest = above;
  probe.file = "src/main.cc";
  probe.line = 3;
  probe.previous = previous;
  probe.next = next;
  const UnitAnalysis analysis = analyse_unit({.text = "int step(int);\n" + code, .headers = {}, .flags = {}}, {probe});
  return analysis.report.probes.at(0);
}

TEST(PlaceAtALine, FollowsItsTextToAnotherLine) {
  const ProbeOutcome outcome = placed_at_line_of_another_version("int f(int w) {\n\n\n  w = 1;\n  step( 2 ); // why\n  return w;\n}\n", "step(2)", "int f(int w) {", "return w");
  ASSERT_EQ(outcome.placed.size(), 1u) << outcome.refused;
  EXPECT_EQ(outcome.placed[0].line, 6u);
}

TEST(PlaceAtALine, TellsEqualLinesApartByTheirNeighbours) {
  const ProbeOutcome outcome =
      placed_at_line_of_another_version("int f(int w) {\n  step(2);\n  w = 1;\n  step(2);\n  return w;\n}\n", "step(2)", "w = 1", "return w");
  ASSERT_EQ(outcome.placed.size(), 1u) << outcome.refused;
  EXPECT_EQ(outcome.placed[0].line, 5u);
}

TEST(PlaceAtALine, TellsEqualLinesBetweenEqualLinesApartByAllThatStandsAbove) {
  const std::string code = "int f(int w) {\n  w = 1;\n  // twice\n\n  step(2);\n  return w;\n}\nint g(int w) {\n  w = 1;\n  step(2);\n  return w;\n}\n";
  const std::vector<std::string> up_to_f = {"int step(int)", "int f(int w) {", "w = 1"};
  const std::vector<std::string> up_to_g = {"int step(int)", "int f(int w) {", "w = 1", "// twice", "step(2)", "return w", "}", "int g(int w) {", "w = 1"};
  const auto line = [&](const std::vector<std::string>& above) {
    const ProbeOutcome outcome = placed_at_line_of_another_version(code, "step(2)", "w = 1", "return w", above);
    return outcome.placed.empty() ? 0u : outcome.placed[0].line;
  };
  EXPECT_EQ(line(up_to_f), 6u);
  EXPECT_EQ(line(up_to_g), 11u);
  // Both end like this; neither stands below that.
  EXPECT_EQ(line({"w = 1"}), 0u);
  EXPECT_EQ(line({"int h(int w) {", "w = 1"}), 0u);
}

TEST(PlaceAtALine, IsRefusedWhereTheLineIsNotOrCannotBeTold) {
  EXPECT_EQ(placed_at_line_of_another_version("int f(int w) {\n  step(1);\n  return w;\n}\n", "step(2)", "int f(int w) {", "return w").refused,
            "this version of src/main.cc has no line 'step(2)'");
  EXPECT_EQ(placed_at_line_of_another_version("int f(int w) {\n  step(2);\n  step(2);\n  return w;\n}\n", "step(2)", "w = 1", "return w").refused,
            "the line 'step(2)' occurs 2 times in this version, and none stands between the same lines");
}

}  // namespace
}  // namespace hindsight::instrument

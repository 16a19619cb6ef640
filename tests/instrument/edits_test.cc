#include "instrument/edits.h"

#include <gtest/gtest.h>

#include "support.h"

namespace hindsight::instrument {
namespace {

constexpr char kTop[] = "#include <hindsight/hindsight.h>\nint step(int);\n";

UnitStatements unit_of(const std::string& text) {
  UnitStatements out = read_statements(request_for({.text = kTop + text, .headers = {}, .flags = {}}).input);
  EXPECT_EQ(out.problem, "") << text;
  return out;
}
EditAnswer edits(const std::string& before, const std::string& after) {
  const UnitStatements old_unit = unit_of(before), new_unit = unit_of(after);
  return find_edits({old_unit.unit, old_unit.outline}, {new_unit.unit, new_unit.outline});
}

constexpr char kOld[] = "void f(int n) {\n  for (int e : hindsight::loop(\"epoch\", n)) {\n    int w = step(e);\n    step(w);\n  }\n}\n";

TEST(Edits, AnUnchangedUnitHasNone) { EXPECT_EQ(edits(kOld, kOld), EditAnswer{}); }

TEST(Edits, ReformattingIsNoEdit) {
  EXPECT_EQ(edits("void f() { hindsight::log( \"a\" , 1 ) ; }", "void f() {\n  hindsight::log(\"a\",\n    1);  // here\n}"), EditAnswer{});
}

TEST(Edits, ANewLogStatementIsFoundWithItsPlace) {
  const EditAnswer answer = edits(kOld, "void f(int n) {\n  for (int e : hindsight::loop(\"epoch\", n)) {\n    int w = step(e);\n    hindsight::log(\"w\", w * 2);\n    step(w);\n  }\n}\n");
  ASSERT_EQ(answer.probes.size(), 1u);
  const Probe& probe = answer.probes[0];
  EXPECT_EQ(probe.name, "w");
  EXPECT_EQ(tokens_of(probe.expression), tokens_of("w * 2"));
  EXPECT_EQ(probe.form, "edit");
  EXPECT_EQ(probe.file, "src/main.cc");
  EXPECT_EQ(probe.line, 6u);
  EXPECT_EQ(probe.function, "f(int)");
  EXPECT_EQ(probe.previous, "int w = step(e);");
  EXPECT_EQ(probe.next, "step(w);");
  ASSERT_EQ(probe.nest.size(), 1u);
  EXPECT_EQ(tokens_of(probe.nest[0]), tokens_of("for (int e : hindsight::loop(\"epoch\", n))"));
  EXPECT_TRUE(answer.refused.empty());
}

TEST(Edits, TheMacroAndTheUsingFormAreFoundToo) {
  const EditAnswer answer = edits("void f(int w) { step(w); }", "void f(int w) { step(w); HINDSIGHT_LOG(\"a\", w); ::hindsight::log(\"b\", w); }\n");
  ASSERT_EQ(answer.probes.size(), 2u);
  EXPECT_EQ(answer.probes[0].name, "a");
  EXPECT_EQ(answer.probes[1].name, "b");
  EXPECT_EQ(answer.probes[1].previous, "step(w);") << "new statements are no neighbours";
  const EditAnswer with_using = edits("void f(int w) { step(w); }", "using hindsight::log; void f(int w) { step(w); log(\"c\", w); }\n");
  ASSERT_EQ(with_using.probes.size(), 1u);
  EXPECT_EQ(with_using.probes[0].name, "c");
}

// What was recorded, and today's text, where the loops around the new statement, its neighbours and the names are others.
constexpr char kRecorded[] = R"X(double step(double w, double rate);
double size(double w);
double run(int epochs, double rate) {
  double weight = 0.5;
  double total = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    weight = step(weight, rate);
    total += size(weight) * rate;
    step(total, weight);
  }
  return total;
}
)X";

TEST(Edits, LoopsAndNamesThatChangedAroundAStatementArePutInOldTerms) {
  const std::string today = R"X(double step(double w, double rate);
double size(double w);
double run(int epochs, double rate) {
  double weight = 0.5;
  double total_size = 0;
  for (int epoch = 0; epoch < epochs && weight < 7; ++epoch) {
    weight = step(weight, rate);
    total_size += size(weight) * rate;
    hindsight::log("seen", total_size * 2);
    step(total_size, weight);
  }
  return total_size;
}
)X";
  const EditAnswer answer = edits(kRecorded, today);
  ASSERT_EQ(answer.probes.size(), 1u);
  const Probe& probe = answer.probes[0];
  EXPECT_EQ(tokens_of(probe.expression), tokens_of("total * 2"));
  EXPECT_EQ(probe.previous, "total += size(weight) * rate;");
  EXPECT_EQ(probe.next, "step(total, weight);");
  ASSERT_EQ(probe.nest.size(), 1u);
  EXPECT_EQ(tokens_of(probe.nest[0]), tokens_of("for (int epoch = 0; epoch < epochs; ++epoch)"));
  Probe placed = probe;
  placed.id = kId;
  EXPECT_EQ(analyse_unit({.text = kTop + std::string(kRecorded), .headers = {}, .flags = {}}, {placed}).report.probes[0].refused, "");
}

TEST(Edits, AStatementBesideWhatTheOldTextDoesNotHaveStaysAsItIsAndHasNoPlace) {
  const std::string today = std::string(kRecorded) + "double other(double x) {\n  x *= 3;\n  hindsight::log(\"new\", x);\n  return x;\n}\n";
  const EditAnswer answer = edits(kRecorded, today);
  ASSERT_EQ(answer.probes.size(), 1u);
  EXPECT_EQ(answer.probes[0].previous, "x *= 3;");
  Probe placed = answer.probes[0];
  placed.id = kId;
  EXPECT_EQ(analyse_unit({.text = kTop + std::string(kRecorded), .headers = {}, .flags = {}}, {placed}).report.probes[0].refused, kNotInThisUnit);
}

TEST(Edits, ASecondCopyIsRefusedSinceNobodyKnowsWhichIsNew) {
  const EditAnswer answer = edits("void f(int w) { step(w); hindsight::log(\"a\", w); }", "void f(int w) { hindsight::log(\"a\", w); step(w); hindsight::log(\"a\", w); }");
  EXPECT_TRUE(answer.probes.empty());
  EXPECT_EQ(answer.refused.size(), 1u);
}

TEST(Edits, AStatementThatMovedToAnotherFunctionIsNew) {
  const EditAnswer answer = edits("void f(int w) { step(w); hindsight::log(\"a\", w); } void g(int w) { step(w); }",
                                  "void f(int w) { step(w); } void g(int w) { step(w); hindsight::log(\"a\", w); }");
  ASSERT_EQ(answer.probes.size(), 1u);
  EXPECT_EQ(answer.probes[0].function, "g(int)");
}

struct Refusal {
  const char* claim;
  const char* after;
  const char* reason;
};
std::ostream& operator<<(std::ostream& out, const Refusal& row) { return out << row.claim; }
class RefusedEdits : public testing::TestWithParam<Refusal> {};
TEST_P(RefusedEdits, SayWhy) {
  const EditAnswer answer = edits("void f(int w) { step(w); }", GetParam().after);
  EXPECT_TRUE(answer.probes.empty());
  ASSERT_EQ(answer.refused.size(), 1u);
  EXPECT_EQ(answer.refused[0].reason, GetParam().reason);
}
const Refusal kRefusals[] = {
    {"ANameThatIsNoLiteral", "const char* n = \"x\"; void f(int w) { step(w); hindsight::log(n, w); }", "the name is not a plain text literal"},
    {"ANameWithAnEscape", "void f(int w) { step(w); hindsight::log(\"a\\n\", w); }", "the name is not a plain text literal"},
    {"AStatementThatIsABody", "void f(int w) { step(w); if (w) hindsight::log(\"a\", w); }", "it is the body of an if or loop of its own: put it in a block with other statements"},
    {"AStatementAloneInItsBlock", "void f(int w) { step(w); } void g(int w) { hindsight::log(\"a\", w); }", "it has no neighbour in its block to place it by"},
    {"AStatementInAConstexprFunction", "void f(int w) { step(w); } template <class T> constexpr int g(T w) { w += 1; hindsight::log(\"a\", w); return 1; }", "the function is constexpr"},
};
INSTANTIATE_TEST_SUITE_P(Edits, RefusedEdits, testing::ValuesIn(kRefusals), [](const auto& row) { return row.param.claim; });

// ---- and back: the edit placed in the text that lacks it ----

std::string placed_back(const std::string& before, const std::string& after) {
  const EditAnswer answer = edits(before, after);
  if (answer.probes.size() != 1) return "no edit";
  Probe probe = answer.probes[0];
  probe.id = kId;
  const UnitAnalysis analysis = analyse_unit({.text = kTop + before, .headers = {}, .flags = {}}, {probe});
  const ProbeOutcome& outcome = analysis.report.probes[0];
  if (outcome.placed.empty()) return "refused: " + outcome.refused;
  std::string text = insert_into(kTop + before, analysis.insertions).substr(sizeof kTop - 1);
  const std::size_t at = text.find(outcome.placed[0].text);
  return text.replace(at, outcome.placed[0].text.size(), "<P>");
}

TEST(EditsPlaced, BehindTheStatementBefore) {
  EXPECT_EQ(placed_back("void f(int w) { step(w); step(2); }", "void f(int w) { step(w); hindsight::log(\"a\", w); step(2); }"), "void f(int w) { step(w); <P> step(2); }");
}
TEST(EditsPlaced, BeforeTheStatementBehindWhereThereIsNoneBefore) {
  EXPECT_EQ(placed_back("void f(int w) { step(w); }", "void f(int w) { hindsight::log(\"a\", w); step(w); }"), "void f(int w) { <P> step(w); }");
}
TEST(EditsPlaced, InTheSameLoopOnly) {
  EXPECT_EQ(placed_back("void f(int w) { step(w); for (int i = 0; i < w; ++i) { step(w); } }",
                        "void f(int w) { step(w); for (int i = 0; i < w; ++i) { step(w); hindsight::log(\"a\", i); } }"),
            "void f(int w) { step(w); for (int i = 0; i < w; ++i) { step(w); <P> } }");
}
TEST(EditsPlaced, TwinsAreToldApartByTheOtherNeighbour) {
  EXPECT_EQ(placed_back("void f(int w) { step(w); step(1); step(w); step(2); }", "void f(int w) { step(w); step(1); step(w); hindsight::log(\"a\", w); step(2); }"),
            "void f(int w) { step(w); step(1); step(w); <P> step(2); }");
}
TEST(EditsPlaced, TwinsThatCannotBeToldApartAreRefused) {
  EXPECT_EQ(placed_back("void f(int w) { step(w); step(1); step(w); step(1); }", "void f(int w) { step(w); step(1); step(w); hindsight::log(\"a\", w); step(1); }"),
            "refused: the statement beside it occurs 2 times in those loops");
}
TEST(EditsPlaced, AnOlderVersionWithoutTheNeighbourRefuses) {
  Probe probe = edits("void f(int w) { step(w); }", "void f(int w) { step(w); hindsight::log(\"a\", w); }").probes.at(0);
  probe.id = kId;
  const UnitAnalysis analysis = analyse_unit({.text = std::string(kTop) + "void f(int w) { step(w + 1); }", .headers = {}, .flags = {}}, {probe});
  EXPECT_EQ(analysis.report.probes[0].refused, "in f(int) no statement 'step(w);' stands in the same loops as the new one's neighbour");
}
TEST(EditsPlaced, AnOlderVersionWithoutTheFunctionRefuses) {
  Probe probe = edits("void f(int w) { step(w); }", "void f(int w) { step(w); hindsight::log(\"a\", w); }").probes.at(0);
  probe.id = kId;
  EXPECT_EQ(analyse_unit({.text = std::string(kTop) + "void g(int w) { step(w); }", .headers = {}, .flags = {}}, {probe}).report.probes[0].refused, kNotInThisUnit);
}

}  // namespace
}  // namespace hindsight::instrument

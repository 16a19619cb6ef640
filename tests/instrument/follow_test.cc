// A probe of one text in another one. `^` marks the statement that it stands beside: in the first text, and where it is expected in the second.
#include <ostream>

#include <gtest/gtest.h>

#include "instrument/follow.h"
#include "instrument/outlines.h"
#include "support.h"

namespace hindsight::instrument {
namespace {

struct Marked {
  std::string text;
  std::optional<std::size_t> at;
};
Marked read(std::string text) {
  const std::size_t mark = text.find('^');
  if (mark == std::string::npos) return {text, {}};
  return {text.erase(mark, 1), mark};
}

Outline outline_of_text(const std::string& text) {
  Outline out;
  const UnitRequest request = request_for({.text = text, .headers = {}, .flags = {}});
  const ParseOutcome outcome = parse(request.input, [&](clang::ASTContext& context, const Preprocessed&) {
    const UserCode user(context.getSourceManager(), request.input.project, request.input.cwd);
    out = outline_of(context, user, functions_of(context, user));
  });
  EXPECT_TRUE(outcome.parsed) << text;
  return out;
}

struct Row {
  const char* claim;
  const char* from;
  const char* expression;
  const char* to;
  const char* there;  // the expression, or how the refusal ends
};
std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim; }

constexpr char kTraining[] =
    "double data[9];\n"
    "int main() {\n"
    "  double w = 0, rate = 0.5;\n"
    "  for (int epoch = 0; epoch < 3; ++epoch) {\n"
    "    double loss = 0;\n"
    "    for (int i = 0; i < 9; ++i) {\n"
    "      double error = w * data[i] - 1;\n"
    "      loss += error * error;\n"
    "      w -= rate * error * data[i];\n"
    "    }\n"
    "    ^loss /= 9;\n"
    "  }\n"
    "}\n";

class Follow : public testing::TestWithParam<Row> {};

TEST_P(Follow, GoesWhereTheSameIsDone) {
  const Row& row = GetParam();
  const Marked from = read(row.from), to = read(row.to);
  const Outline a = outline_of_text(from.text), b = outline_of_text(to.text);
  const Followed found = follow({kId, row.expression, {"src/main.cc", from.at.value_or(0)}}, a, b, align(a, b));
  EXPECT_EQ(found.id, kId);
  if (!to.at) {
    EXPECT_NE(found.refused.find(row.there), std::string::npos) << found.refused;
    return;
  }
  EXPECT_EQ(found.refused, "");
  EXPECT_EQ(found.at.offset, *to.at);
  EXPECT_EQ(found.at.file, "src/main.cc");
  EXPECT_EQ(found.expression, row.there);
}

const Row kRows[] = {
    {"TheSameText", kTraining, "loss + w", kTraining, "loss + w"},
    {"RenamedVariables", kTraining, "loss + w * rate",
     "double data[9];\nint main() {\n  double weight = 0, lr = 0.5;\n  for (int step = 0; step < 3; ++step) {\n    double total = 0;\n    for (int k = 0; k < 9; ++k) {\n      double e = weight * data[k] - 1;\n"
     "      total += e * e;\n      weight -= lr * e * data[k];\n    }\n    ^total /= 9;\n  }\n}\n",
     "total+weight*lr"},
    {"VariablesThatBecameMembers", kTraining, "loss + w",
     "double data[9];\nstruct Trainer {\n  double w_ = 0, rate_ = 0.5, loss_ = 0;\n  void run() {\n    for (int epoch = 0; epoch < 3; ++epoch) {\n      loss_ = 0;\n      for (int i = 0; i < 9; ++i) {\n"
     "        double error = w_ * data[i] - 1;\n        loss_ += error * error;\n        w_ -= rate_ * error * data[i];\n      }\n      ^loss_ /= 9;\n    }\n  }\n};\nint main() { Trainer t; t.run(); }\n",
     "loss_+w_"},
    {"AVariableThatIsAMemberOfAnotherObject", kTraining, "rate",
     "double data[9];\nstruct Config { double rate = 0.5; };\nint main() {\n  Config config;\n  double w = 0;\n  for (int epoch = 0; epoch < 3; ++epoch) {\n    double loss = 0;\n    for (int i = 0; i < 9; ++i) {\n"
     "      double error = w * data[i] - 1;\n      loss += error * error;\n      w -= config.rate * error * data[i];\n    }\n    ^loss /= 9;\n  }\n}\n",
     "config.rate"},
    {"ANameOfALibraryStays", kTraining, "fabs(loss)", kTraining, "fabs(loss)"},
    {"ANameWithoutACounterpart", kTraining, "rate",
     "double data[9];\nint main() {\n  double w = 0;\n  for (int epoch = 0; epoch < 3; ++epoch) {\n    double loss = 0;\n    for (int i = 0; i < 9; ++i) {\n      double error = w * data[i] - 1;\n"
     "      loss += error * error;\n      w -= 0.25 * error * data[i];\n    }\n    loss /= 9;\n  }\n}\n",
     "'rate' has no counterpart there"},
    {"AStatementThatIsNotThere", kTraining, "loss",
     "double data[9];\nint main() {\n  double w = 0, rate = 0.5;\n  for (int epoch = 0; epoch < 3; ++epoch) {\n    for (int i = 0; i < 9; ++i) {\n      double error = w * data[i] - 1;\n"
     "      w -= rate * error * data[i];\n    }\n  }\n}\n",
     "it has no counterpart"},
    {"AnotherProgram", kTraining, "loss", "int main() { int n = 4; while (n > 0) n = n / 2; return n; }\n", "it has no counterpart"},
    {"APlaceThatIsNoStatement", "int main() { ^}\n", "1", "int main() { }\n", "is not known"},
};
INSTANTIATE_TEST_SUITE_P(Texts, Follow, testing::ValuesIn(kRows), [](const auto& row) { return std::string(row.param.claim); });

// One function with `count` statements that all say something of their own, and one that never changes.
Outline large(std::size_t count, const std::string& word) {
  Outline out;
  out.functions = {{"changes", "src/main.cc", {}}, {"stays", "src/main.cc", {}}};
  const auto add = [&](std::size_t function, const std::string& text) {
    out.statements.push_back({Statement::Kind::kExpression, "src/main.cc", out.statements.size() * 10, out.statements.size() * 10 + 9, 1, function, {}, {{text, {}}, {"(", {}}, {")", {}}}});
  };
  for (std::size_t i = 0; i < count; ++i) add(0, word + std::to_string(i));
  for (const char* text : {"begin", "middle", "end"}) add(1, text);
  return out;
}

TEST(Align, TooMuchThatChangedIsRefusedAndWhatDidNotChangeIsFound) {
  const Outline from = large(1600, "now"), to = large(1600, "then");
  const Alignment alignment = align(from, to);
  ASSERT_EQ(alignment.statements.size(), from.statements.size());
  for (std::size_t i = 0; i < 1600; ++i) EXPECT_NE(alignment.statements[i].refused.find("too much has changed"), std::string::npos) << i;
  for (std::size_t i = 1600; i < from.statements.size(); ++i) EXPECT_EQ(alignment.statements[i].statement, i);
}

TEST(Align, NothingHasNoCounterpart) {
  const Outline some = large(3, "now");
  EXPECT_TRUE(align({}, some).statements.empty());
  for (const Counterpart& each : align(some, {}).statements) EXPECT_NE(each.refused, "");
}

TEST(Outline, IsReadAsItWasWritten) {
  const Outline outline = outline_of_text(read(kTraining).text);
  EXPECT_GE(outline.statements.size(), 8u);
  const std::optional<Outline> read_again = parse_outline(to_json(outline));
  ASSERT_TRUE(read_again);
  EXPECT_EQ(*read_again, outline);
}

TEST(Outline, DamagedTextIsNone) {
  const std::string json = to_json(outline_of_text(read(kTraining).text));
  for (std::size_t cut = 0; cut + 1 < json.size(); cut += 7) EXPECT_FALSE(parse_outline(json.substr(0, cut))) << cut;
  for (const char* text : {"", "[]", "{}", "null", "{\"symbols\":[],\"functions\":[],\"statements\":[[0,\"a\",1,2,3,0,-1,[]]]}", "{\"symbols\":[[9,\"a\",\"b\",\"c\"]],\"functions\":[],\"statements\":[]}"}) {
    EXPECT_FALSE(parse_outline(text)) << text;
  }
}

TEST(Outline, WhatTwoUnitsIncludeIsThereOnce) {
  const Outline one = outline_of_text(read(kTraining).text);
  EXPECT_EQ(joined({one, one}).functions, joined({one}).functions);
  EXPECT_EQ(joined({one, one}).statements, joined({one}).statements);
}

}  // namespace
}  // namespace hindsight::instrument

// A probe of one text in another one. `^` marks the statement that it stands beside: in the first text, and where it is expected in the second.
#include <array>
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

// ---- what is sure ----

Followed follow_texts(const std::string& from_text, const std::string& expression, const std::string& to_text) {
  const Marked from = read(from_text);
  const Outline a = outline_of_text(from.text), b = outline_of_text(to_text);
  return follow({kId, expression, {"src/main.cc", from.at.value_or(0)}}, a, b, align(a, b));
}

TEST(Sure, IsARenameThatIsSaidMoreThanOnce) {
  std::string renamed = read(kTraining).text;
  for (std::size_t at = renamed.find("loss"); at != std::string::npos; at = renamed.find("loss", at)) renamed.replace(at, 4, "total");
  const Followed found = follow_texts(kTraining, "loss * w", renamed);
  EXPECT_EQ(found.refused, "");
  EXPECT_EQ(found.expression, "total*w");
  EXPECT_TRUE(found.is_sure);
}

// Each is a name that both versions have, for something else: from, expression, to.
const std::array<const char*, 3> kMisleading[] = {
    // An inner variable that hid the outer one has got a name of its own.
    {"#include <cstdio>\nint main() {\n  double loss = 0, best = 9, w = 1;\n  for (int i = 0; i < 4; ++i) {\n    double err = w * i - 2;\n    w -= 0.1 * err;\n    ^best = best < err ? best : err;\n  }\n"
     "  loss += best;\n  std::printf(\"%g\\n\", loss);\n}\n",
     "loss",
     "#include <cstdio>\nint main() {\n  double loss = 0, best = 9, w = 1;\n  for (int i = 0; i < 4; ++i) {\n    double loss = w * i - 2;\n    w -= 0.1 * loss;\n    best = best < loss ? best : loss;\n  }\n"
     "  loss += best;\n  std::printf(\"%g\\n\", loss);\n}\n"},
    // A parameter hides the global.
    {"double scale = 10;\ndouble step(double& w, double x, double lr) {\n  double err = w * x - 2 * x;\n  double grad = err * x * lr;\n  ^w -= grad;\n  return err * err;\n}\n"
     "int main() { double w = 0; for (int i = 0; i < 4; ++i) { step(w, i, 0.1); scale *= 0.9; } }\n",
     "scale",
     "double scale = 10;\ndouble step(double& w, double x, double scale) {\n  double err = w * x - 2 * x;\n  double grad = err * x * scale;\n  w -= grad;\n  return err * err;\n}\n"
     "int main() { double w = 0; for (int i = 0; i < 4; ++i) { step(w, i, 0.1); scale *= 0.9; } }\n"},
    // Two names were exchanged, and the statement beside says neither.
    {"#include <cstdio>\nint main() {\n  double slow = 0, fast = 0, w = 0.5;\n  for (int i = 0; i < 5; ++i) {\n    double d = w * i - 2.0 * i;\n    ^w -= 0.01 * d * i;\n    slow = 0.5 * slow + 0.5 * d;\n"
     "    fast = 0.9 * fast + 0.1 * d;\n  }\n  std::printf(\"%g %g\\n\", slow, fast);\n}\n",
     "fast",
     "#include <cstdio>\nint main() {\n  double fast = 0, slow = 0, w = 0.5;\n  for (int i = 0; i < 4; ++i) {\n    double d = w * i - 2.0 * i;\n    w -= 0.01 * d * i;\n    fast = 0.5 * fast + 0.5 * d;\n"
     "    slow = 0.9 * slow + 0.1 * d;\n  }\n  std::printf(\"%g %g\\n\", fast, slow);\n}\n"},
    // So were those of two loops, one in the other.
    {"int main() {\n  double w[3] = {1, 2, 3}, s = 0;\n  for (int j = 0; j < 3; ++j) {\n    for (int i = 0; i < 3; ++i) {\n      double t = w[i] * (j + 1);\n      ^s += t;\n    }\n    w[j] += 0.2 * (1 - s);\n  }\n}\n",
     "i",
     "int main() {\n  double w[3] = {1, 2, 3}, s = 0;\n  for (int i = 0; i < 3; ++i) {\n    for (int j = 0; j < 3; ++j) {\n      double t = w[j] * (i + 1);\n      s += t;\n    }\n    w[i] += 0.1 * (1 - s);\n  }\n}\n"},
};

TEST(Sure, IsNoNameThatMayMeanSomethingElse) {
  for (const auto& [from, expression, to] : kMisleading) {
    const Followed found = follow_texts(from, expression, to);
    EXPECT_EQ(found.refused.find("is not known"), std::string::npos) << "no statement begins at the mark in\n" << from;
    EXPECT_FALSE(found.is_sure) << found.expression << " in\n" << to;
  }
}

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

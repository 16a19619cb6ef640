#include "instrument/text.h"

#include <gtest/gtest.h>

namespace hindsight::instrument {
namespace {

using Tokens = std::vector<std::string>;

TEST(Text, SpaceAndCommentsAreNoTokens) {
  EXPECT_EQ(tokens_of("loss . backward( /* now */ ) ; // done"), (Tokens{"loss", ".", "backward", "(", ")", ";"}));
}

TEST(Text, LiteralsAreOneToken) {
  EXPECT_EQ(tokens_of("f(\"a b\", 'c', 1'000, R\"(x \" y)\", 0x1p3)"),
            (Tokens{"f", "(", "\"a b\"", ",", "'c'", ",", "1'000", ",", "R\"(x \" y)\"", ",", "0x1p3", ")"}));
}

TEST(Text, JoiningTheTokensOfAJoinChangesNothing) {
  for (const char* text : {"a - -b", "a+ +b", "int x=y;", "return x ;", "a<b>>c", "x ? y : - z", "\"a\" \"b\"", "f ( a , b ) [ 0 ]", "a && & b", "p->*q"}) {
    const Tokens tokens = tokens_of(text);
    EXPECT_EQ(tokens_of(join(tokens)), tokens) << text << " became " << join(tokens);
  }
}

TEST(Text, OneLineKeepsWhatSeparates) {
  EXPECT_EQ(one_line("int\n  x = // why\n  3;"), "int x = 3;");
  EXPECT_EQ(one_line("f(a,\n  b)"), "f(a, b)");
}

TEST(Text, InsertionsAtOnePlaceKeepTheirOrder) {
  EXPECT_EQ(insert_into("abc", {{1, "X"}, {3, "E"}, {1, "Y"}, {0, "S"}}), "SaXYbcE");
}

TEST(Text, LinesAndColumnsCountFromOne) {
  const std::string text = "ab\ncd\n";
  const std::pair<unsigned, unsigned> expected[] = {{1, 1}, {1, 2}, {1, 3}, {2, 1}, {2, 2}, {2, 3}, {3, 1}};
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const LineColumn at = line_column(text, i);
    EXPECT_EQ(std::make_pair(at.line, at.column), expected[i]) << i;
  }
}

TEST(Text, QuotedTextIsItsOwnLiteral) {
  EXPECT_EQ(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(quoted("a\nb"), "\"a\\012b\"");
  EXPECT_EQ(quoted("what?\?/"), "\"what\\077\\077/\"");
}

TEST(Text, LineDirectivesGoOnFromTheLastOne) {
  const auto at = [](std::string_view text, const std::string& mark) { return line_directive_at(text, text.find(mark), "\"a.cc\""); };
  EXPECT_EQ(at("x\n", "x"), "1 \"a.cc\"");
  EXPECT_EQ(at("#include <a>\n\nx\n", "x"), "3 \"a.cc\"");
  EXPECT_EQ(at("#line 50 \"gen.y\"\n#include <a>\nx\n", "x"), "51 \"gen.y\"");
  EXPECT_EQ(at("a\n # 7\nx\n", "x"), "7 \"a.cc\"");
  EXPECT_EQ(at("#line 9 \"b\"\n#line 20\n\nx", "x"), "21 \"b\"");
  EXPECT_EQ(at("#if 1\n#linear\n#define N 5\n# \nx", "x"), "5 \"a.cc\"");
  EXPECT_EQ(line_directive_at("", 0, ""), "1");
}

}  // namespace
}  // namespace hindsight::instrument

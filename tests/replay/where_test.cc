#include "replay/where.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace hindsight::replay {
namespace {

Where parsed(std::string_view text) {
  Result<Where> where = parse_where(text);
  if (!where) {
    ADD_FAILURE() << where.error().message();
    return {};
  }
  return *where;
}

TEST(Where, ReadsANumberARangeAndSeveralJoinedByAnd) {
  EXPECT_EQ(parsed("epoch=7"), (Where{{"epoch", 7, 7}}));
  EXPECT_EQ(parsed("epoch = -7"), (Where{{"epoch", -7, -7}}));
  EXPECT_EQ(parsed("epoch in 3..5"), (Where{{"epoch", 3, 5}}));
  EXPECT_EQ(parsed(" epoch  in -3 .. 5 "), (Where{{"epoch", -3, 5}}));
  EXPECT_EQ(parsed("epoch in 3..5 and step=7"), (Where{{"epoch", 3, 5}, {"step", 7, 7}}));
  EXPECT_EQ(parsed("and=1 and in in 2..2"), (Where{{"and", 1, 1}, {"in", 2, 2}}));
}

TEST(Where, NamesThePlaceOfAMistake) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "expected a loop's name at column 1"},
      {"epoch", "expected '=' or 'in' at column 6"},
      {"epoch 7", "expected '=' or 'in' at column 7"},
      {"epoch=", "expected a whole number at column 7"},
      {"epoch=x", "expected a whole number at column 7"},
      {"epoch=7x", "expected a whole number at column 7"},
      {"epoch=99999999999999999999", "expected a whole number at column 7"},
      {"epoch in 3", "expected '..' at column 11"},
      {"epoch in 3..", "expected a whole number at column 13"},
      {"epoch in 5..3", "expected a number not below 5 at column 13"},
      {"epoch=7 step=3", "expected 'and' or the end at column 9"},
      {"epoch=7 and", "expected a loop's name at column 12"},
      {"epoch=7 and and", "expected '=' or 'in' at column 16"},
      {"epoch=7..9", "expected 'and' or the end at column 8"},
  };
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    const Result<Where> where = parse_where(text);
    ASSERT_FALSE(where.has_value());
    EXPECT_EQ(where.error().kind(), ErrorKind::kInvalid);
    EXPECT_NE(where.error().message().find(expected), std::string::npos) << where.error().message();
    EXPECT_FALSE(where.error().hint().empty());
  }
}

TEST(Where, MatchesByLabelAndByOrdinalWhereThereIsNone) {
  const store::Position labelled = {{"epoch", 0, 3, 10}, {"step", 0, 4, std::nullopt}};
  EXPECT_TRUE(matches({}, labelled));
  EXPECT_TRUE(matches({{"epoch", 10, 10}}, labelled));
  EXPECT_FALSE(matches({{"epoch", 3, 3}}, labelled));
  EXPECT_TRUE(matches({{"step", 4, 4}}, labelled));
  EXPECT_TRUE(matches({{"epoch", 9, 11}, {"step", 0, 4}}, labelled));
  EXPECT_FALSE(matches({{"epoch", 9, 11}, {"step", 5, 9}}, labelled));
}

TEST(Where, AClauseOnALoopThatThePositionDoesNotHaveIsNotSatisfied) {
  EXPECT_FALSE(matches({{"epoch", 0, 100}}, {}));
  EXPECT_FALSE(matches({{"fold", 0, 100}}, {{"epoch", 0, 3, 10}}));
}

}  // namespace
}  // namespace hindsight::replay

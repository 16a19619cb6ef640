#include "tools/suggest.h"

#include <gtest/gtest.h>

namespace hindsight::tools {
namespace {

TEST(Suggest, DistanceCountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("loss", "loss"), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("recrod", "record"), 1u);
  EXPECT_EQ(edit_distance("runs", "run"), 1u);
  EXPECT_EQ(edit_distance("los", "loss"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Suggest, DistanceIsSymmetric) {
  const std::vector<std::string> words = {"", "a", "ab", "ba", "grad_norm", "grad.norm", "norm_grad", "lr"};
  for (const std::string& a : words) {
    for (const std::string& b : words) EXPECT_EQ(edit_distance(a, b), edit_distance(b, a)) << a << " " << b;
  }
}

TEST(Suggest, TheNearestNameIsMeant) {
  EXPECT_EQ(nearest("recrod", {"replay", "record", "runs"}), "record");
  EXPECT_EQ(nearest("gradnorm", {"loss", "grad_norm"}), "grad_norm");
}

TEST(Suggest, TheBeginningOfALongNameIsMeant) { EXPECT_EQ(nearest("grad", {"loss", "gradient_norm_total"}), "gradient_norm_total"); }

TEST(Suggest, NothingNearMeansNoSuggestion) {
  EXPECT_EQ(nearest("accuracy", {"loss", "lr"}), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  EXPECT_EQ(did_you_mean("accuracy", {"loss"}, "look there"), "look there");
}

}  // namespace
}  // namespace hindsight::tools

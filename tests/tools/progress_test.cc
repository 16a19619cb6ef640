#include "tools/progress.h"

#include <gtest/gtest.h>

#include "tools/layout.h"

namespace hindsight::tools {
namespace {

TEST(Progress, TimeLeftFollowsFromHowFarItIs) {
  EXPECT_DOUBLE_EQ(*time_left(0, 10, 0.5), 10);
  EXPECT_DOUBLE_EQ(*time_left(1000, 10, 0.25), 30);
  EXPECT_DOUBLE_EQ(*time_left(5, 60, 1), 0);
}

TEST(Progress, BeforeMuchIsDoneTheExpectationCounts) {
  EXPECT_DOUBLE_EQ(*time_left(100, 10, 0), 90);
  EXPECT_EQ(time_left(0, 10, 0), std::nullopt);
  // Longer than expected, and nobody knows how far: better silent than wrong.
  EXPECT_EQ(time_left(5, 10, 0), std::nullopt);
}

TEST(Progress, TheLineNeverExceedsTheTerminal) {
  for (std::size_t width = 20; width < 120; ++width) {
    EXPECT_LE(width_of(progress_line("replay r3 with a rather long description of it", 0.5, 80.0, width)), width);
  }
  EXPECT_EQ(progress_line("build v2", 0.45, 80.0, 80), "build v2  45 %  1 min 20 s left");
  EXPECT_EQ(progress_line("build v2", 0, std::nullopt, 80), "build v2");
}

}  // namespace
}  // namespace hindsight::tools

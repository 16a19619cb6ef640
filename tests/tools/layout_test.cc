#include "tools/layout.h"

#include <gtest/gtest.h>

namespace hindsight::tools {
namespace {

TEST(Layout, ColumnsAreTwoSpacesApartAndLinesHaveNoTrailingSpace) {
  EXPECT_EQ(lay_out({{"run", "records"}, {"r1", "5"}, {"r10", ""}}, {Align::kLeft, Align::kRight}),
            "run  records\n"
            "r1         5\n"
            "r10\n");
}

TEST(Layout, WidthsAreCharactersNotBytes) {
  EXPECT_EQ(width_of("grün"), 4u);
  EXPECT_EQ(lay_out({{"grün", "x"}, {"blau", "y"}}, {Align::kLeft, Align::kLeft}), "grün  x\nblau  y\n");
}

TEST(Layout, ShortRowsAreAllowed) { EXPECT_EQ(lay_out({{"a", "b"}, {"c"}}, {Align::kLeft, Align::kLeft}), "a  b\nc\n"); }

}  // namespace
}  // namespace hindsight::tools

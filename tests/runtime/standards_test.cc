// The face is one library in all standards: what a C++11 program saves comes back in it as in a C++20 one.
#include "tests/runtime/standards.h"

#include <gtest/gtest.h>

#include "tests/runtime/archive_io.h"

std::string round_trip(void (*visit)(hindsight_archive*, void*), void* from, void* to) {
  using namespace hindsight;
  const std::string stored = test::save(visit, from);
  for (const int mode : {HINDSIGHT_CHECK, HINDSIGHT_LOAD}) {
    hindsight_archive archive;
    client::begin(archive, mode);
    archive.in = stored.data();
    archive.in_size = stored.size();
    hindsight_ar_push(&archive, "x", 1);
    visit(&archive, to);
    hindsight_ar_pop(&archive);
    client::resolve_pointers(archive);
    if (!archive.failed && archive.at != stored.size()) hindsight_ar_fail(&archive, "left something over");
    client::finish(archive);
    if (archive.failed) return archive.reason;
  }
  return "";
}

namespace hindsight::test {
namespace {

TEST(EveryStandard, RestoresWhatItSavedOrSaysWhyNot) {
  EXPECT_EQ(wrong_in_11(), "");
  EXPECT_EQ(wrong_in_14(), "");
  EXPECT_EQ(wrong_in_17(), "");
  EXPECT_EQ(wrong_in_20(), "");
}

}  // namespace
}  // namespace hindsight::test

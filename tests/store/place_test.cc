#include "store/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

TEST(Place, TheFormatFileIsANumberAndANewline) {
  TemporaryFolder folder;
  need(write_format(folder.path(), 1));
  EXPECT_EQ(read_file(folder / "format"), "1\n");
  EXPECT_EQ(need(read_format(folder.path())), 1);
  need(write_format(folder.path(), 23));
  EXPECT_EQ(need(read_format(folder.path())), 23);
  EXPECT_FALSE(std::filesystem::exists(folder / "format.new"));
}

TEST(Place, ALocalFolderIsAccepted) {
  TemporaryFolder folder;
  EXPECT_TRUE(check_is_local(folder.path()));
  EXPECT_EQ(check_is_local(folder / "nothing").error().kind(), ErrorKind::kIo);
}

TEST(Place, AStoreHasTheFilesThatItsFormatNames) {
  TemporaryFolder folder;
  const Store store = need(Store::create(folder / "deep" / "s"));
  for (const char* name : {"format", "data.mdb", "lock.mdb", "write.lock", "journal"}) {
    EXPECT_TRUE(std::filesystem::exists(store.folder() / name)) << name;
  }
  EXPECT_EQ(store.journal_folder(), store.folder() / "journal");
}

}  // namespace
}  // namespace hindsight::store::test

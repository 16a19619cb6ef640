// The page check must never call a good file damaged, whatever LMDB has done to it.
#include "store/page_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/base/bytes.h"
#include "store/lmdb.h"
#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

using testing::IsEmpty;

TEST(PageCheck, AFileThatLmdbWroteIsGoodAfterEveryTransaction) {
  TemporaryFolder folder(true);
  const std::shared_ptr<Environment> environment = need(Environment::open(folder.path(), true));
  Draw draw(seed());
  std::map<std::pair<Table, std::string>, std::string> expected;
  for (int round = 0; round < 300 && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(round);
    const auto before = expected;
    Transaction transaction = need(environment->write());
    for (std::uint64_t i = draw.number(60); i > 0; --i) {
      const TableInfo& info = kTables[draw.number(kTableCount)];
      std::string key;
      while (key.size() < info.key_bytes) append_big(key, draw.number(40));
      const bool fixed = info.table == Table::kChunks;  // chunks are neither changed nor removed
      if (fixed && expected.count({info.table, key}) != 0) continue;
      if (!fixed && draw.number(3) == 0) {
        need(transaction.remove(info.table, key));
        expected.erase({info.table, key});
      } else {
        const std::string value = draw.bytes(8 * draw.number(draw.coin() ? 60 : 4000));
        need(transaction.put(info.table, key, value));
        expected[{info.table, key}] = value;
      }
    }
    if (draw.number(5) == 0) {
      const Transaction given_up = std::move(transaction);
      expected = before;
    } else {
      need(transaction.commit());
    }
    for (const PageCheckDepth depth : {PageCheckDepth::kTrees, PageCheckDepth::kAll}) {
      const PageFindings findings = need(environment->look_through(depth));
      EXPECT_THAT(findings.damaged, IsEmpty());
      EXPECT_EQ(findings.free_list, "");
      EXPECT_GT(findings.pages, 0u);
    }
  }
  const Transaction now = need(environment->read());
  for (const auto& [where, value] : expected) {
    const std::optional<std::string_view> found = need(now.find(where.first, where.second));
    ASSERT_TRUE(found && *found == value);
  }
}

TEST(PageCheck, WhatIsNoDataFileIsRefusedInWords) {
  Draw draw(seed());
  EXPECT_FALSE(check_metas("", 0));
  for (int i = 0; i < 300; ++i) {
    const std::string bytes = draw.bytes(draw.number(20000));
    const Result<DataFileHead> head = check_metas(bytes, bytes.size());
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().kind(), ErrorKind::kCorrupt);
    EXPECT_FALSE(check_pages(bytes, draw.bits(), PageCheckDepth::kAll, "chunks"));
  }
}

// Beyond what the fault suite does through LMDB: many bits at once, straight into the check, which must not step outside.
TEST(PageCheck, AnyDamageEndsInFindingsAndNeverOutsideTheFile) {
  TemporaryFolder folder(true);
  {
    Store store = need(Store::create(folder / "s"));
    fill(store, seed());
  }
  const std::string whole = read_file(folder / "s" / "data.mdb");
  const DataFileHead head = need(check_metas(whole, whole.size()));
  EXPECT_THAT(need(check_pages(whole, head.transaction, PageCheckDepth::kAll, "chunks")).damaged, IsEmpty());
  Draw draw(seed());
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = whole.substr(0, draw.coin() ? whole.size() : 8192 + draw.number(whole.size() - 8192));
    for (std::uint64_t flips = 1 + draw.number(30); flips > 0; --flips) {
      const std::size_t page = draw.number(std::min<std::size_t>(damaged.size() / 4096, draw.coin() ? 40 : 1 << 30));
      damaged[page * 4096 + draw.number(draw.coin() ? 64 : 4096)] ^= static_cast<char>(1 << draw.number(8));
    }
    (void)check_metas(damaged, damaged.size());
    (void)check_pages(damaged, head.transaction, PageCheckDepth::kAll, "chunks");
  }
}

}  // namespace
}  // namespace hindsight::store::test

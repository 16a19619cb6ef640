#include "store/series_block.h"

#include <gtest/gtest.h>

#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

TEST(SeriesBlock, RowsOfEveryKindComeBackBitForBit) {
  Draw draw(seed());
  for (int i = 0; i < 500; ++i) {
    const SeriesKey key = draw.series_key();
    const SeriesColumns rows = draw.columns(key, draw.number(60));
    if (rows.size() == 0) continue;
    ASSERT_TRUE(check_columns(key, rows));
    ASSERT_EQ(need(decode_block(key, encode_block(key, rows))), rows);
  }
}

TEST(SeriesBlock, EveryDtypeIsExactAsScalarAndAsVector) {
  Draw draw(seed());
  for (int dtype = 1; dtype <= 18; ++dtype) {
    for (const bool is_vector : {false, true}) {
      SeriesKey key = draw.series_key();
      key.dtype = static_cast<DType>(dtype);
      key.is_vector = is_vector;
      const SeriesColumns rows = draw.columns(key, 50);
      const SeriesColumns back = need(decode_block(key, encode_block(key, rows)));
      for (std::size_t row = 0; row < rows.size(); ++row) {
        ASSERT_EQ(back.value(row, key), rows.value(row, key)) << dtype;
        ASSERT_EQ(back.position(row, key.nest), rows.position(row, key.nest));
      }
    }
  }
}

TEST(SeriesBlock, RegularRowsTakeFewBytes) {
  SeriesKey key{.name = "loss", .nest = {"epoch", "step"}, .thread = 0, .dtype = DType::kF32, .is_vector = false, .site = {},
                .is_argument = false, .is_draw = false, .replay = {}, .probe = {}};
  SeriesColumns rows;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    rows.append({{"epoch", 0, i / 100, static_cast<std::int64_t>(i / 100)}, {"step", 0, i % 100, static_cast<std::int64_t>(i % 100)}}, 0, i,
                Status::kRecorded, 0, {.dtype = DType::kF32, .is_vector = false, .bytes = "\1\2\3\4"});
  }
  EXPECT_LT(encode_block(key, rows).size(), 10000u * 18);  // before zstd, which takes most of it
}

TEST(SeriesBlock, ACutBlockIsAnError) {
  Draw draw(seed());
  for (int i = 0; i < 40; ++i) {
    const SeriesKey key = draw.series_key();
    const std::string block = encode_block(key, draw.columns(key, 1 + draw.number(10)));
    for (std::size_t size = 0; size < block.size(); ++size) {
      ASSERT_FALSE(decode_block(key, std::string_view(block).substr(0, size))) << size << " of " << block.size();
    }
    EXPECT_FALSE(decode_block(key, block + "x"));
  }
}

TEST(SeriesBlock, ADamagedBlockIsAnErrorOrRowsAndNeverACrash) {
  Draw draw(seed());
  for (int i = 0; i < 2000; ++i) {
    const SeriesKey key = draw.series_key();
    std::string block = encode_block(key, draw.columns(key, 1 + draw.number(10)));
    for (std::uint64_t flips = 1 + draw.number(4); flips > 0; --flips) {
      block[draw.number(block.size())] ^= static_cast<char>(1 << draw.number(8));
    }
    const Result<SeriesColumns> rows = decode_block(key, block);
    EXPECT_TRUE(!rows || check_columns(key, *rows));
  }
}

TEST(SeriesBlock, ABlockOfAnotherSeriesIsRefused) {
  Draw draw(seed());
  SeriesKey key = draw.series_key();
  key.dtype = DType::kF64;
  key.is_vector = false;
  const std::string block = encode_block(key, draw.columns(key, 3));
  SeriesKey other = key;
  other.dtype = DType::kI64;
  EXPECT_FALSE(decode_block(other, block));
  other = key;
  other.nest.push_back("deeper");
  EXPECT_FALSE(decode_block(other, block));
}

}  // namespace
}  // namespace hindsight::store::test

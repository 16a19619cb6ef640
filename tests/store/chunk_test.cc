#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/base/bytes.h"
#include "store/message.h"
#include "store/value.h"
#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string dense(std::size_t size, std::uint64_t from) {
  std::mt19937_64 engine(from);
  std::string bytes;
  while (bytes.size() < size) append_little(bytes, static_cast<std::uint64_t>(engine()));
  bytes.resize(size);
  return bytes;
}

class ChunkStore : public testing::Test {
 protected:
  Hash put(const std::string& bytes) {
    WriteBatch batch = need(store_.write());
    const Hash hash = need(batch.put_blob(bytes));
    need(batch.commit());
    return hash;
  }
  std::uintmax_t file_bytes() const { return std::filesystem::file_size(folder_ / "s" / "data.mdb"); }
  TemporaryFolder folder_;
  Store store_ = need(Store::create(folder_ / "s"));
};

TEST_F(ChunkStore, BlobsOfEverySizeAroundAChunksComeBack) {
  constexpr std::size_t kChunk = 256 << 10;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 3 * kChunk, 3 * kChunk + 5}) {
    for (const std::string& bytes : {dense(size, size), std::string(size, 'a')}) {
      EXPECT_TRUE(need(store_.read_blob(put(bytes))) == bytes) << size;
      EXPECT_EQ(put(bytes), hash_bytes(bytes));
    }
  }
  EXPECT_THAT(need(store_.check()).problems, IsEmpty());
}

TEST_F(ChunkStore, PuttingABlobTwiceStoresItOnce) {
  const std::string bytes = dense(5 << 20, 1);
  put(bytes);
  const std::uintmax_t once = file_bytes();
  for (int i = 0; i < 5; ++i) put(bytes);
  EXPECT_LT(file_bytes(), once + (1 << 20));
}

TEST_F(ChunkStore, AStateThatChangedInOnePlaceStoresThatPlace) {
  std::string bytes = dense(5 << 20, 2);
  put(bytes);
  const std::uintmax_t before = file_bytes();
  bytes[3 << 20] ^= 1;
  put(bytes);
  EXPECT_LT(file_bytes(), before + (1 << 20));
}

TEST_F(ChunkStore, WhatCompressesTakesLessRoom) {
  std::string bytes;
  while (bytes.size() < (5 << 20)) bytes += "for (int epoch = 0; epoch < 10; ++epoch) " + std::to_string(bytes.size());
  put(bytes);
  EXPECT_LT(file_bytes(), 2u << 20);
}

TEST(SealedValue, ComesBackAndIsAlignedForWhatFollows) {
  Compressor compressor;
  for (std::size_t size = 0; size < 3000; size += 7) {
    for (const std::string& payload : {dense(size, 3), std::string(size, 'z')}) {
      const std::string value = seal(compressor, Table::kRuns, "12345678", Form::kMessage, payload);
      EXPECT_EQ(value.size() % 8, 0u);
      const Opened opened = need(open_value(Table::kRuns, "12345678", value));
      std::string room;
      EXPECT_TRUE(need(payload_of(opened, room)) == payload);
    }
  }
}

TEST(SealedValue, UnderAnotherKeyOrInAnotherTableItsChecksumDiffers) {
  Compressor compressor;
  const std::string value = seal(compressor, Table::kRuns, "12345678", Form::kMessage, "payload");
  EXPECT_TRUE(open_value(Table::kRuns, "12345678", value));
  EXPECT_EQ(open_value(Table::kRuns, "12345679", value).error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(open_value(Table::kLoops, "12345678", value).error().kind(), ErrorKind::kCorrupt);
}

TEST(SealedValue, AnyFlippedBitAndAnyCutIsNoticed) {
  Compressor compressor;
  for (const std::string& payload : {std::string("a short one"), std::string(2000, 'q'), std::string()}) {
    const std::string value = seal(compressor, Table::kRuns, "12345678", Form::kMessage, payload);
    for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
      std::string damaged = value;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      EXPECT_FALSE(open_value(Table::kRuns, "12345678", damaged)) << bit;
    }
    for (std::size_t size = 0; size < value.size(); ++size) {
      EXPECT_FALSE(open_value(Table::kRuns, "12345678", std::string_view(value).substr(0, size))) << size;
    }
  }
}

// The bytes of FORMAT.md's example: what a reader without this code relies on.
TEST(SealedValue, TheExampleOfTheFormatIsWhatIsWritten) {
  static constexpr unsigned char kExample[72] = {
      0x7b, 0x92, 0x0b, 0x2f, 0x3d, 0x77, 0x6e, 0xf1,  //
      1,    0,    0,    0,    0,    0,    0,    0,     //
      0x30, 0,    0,    0,    0,    0,    0,    0,     //
      0,    0,    0,    0,    5,    0,    0,    0,     //
      0,    0,    0,    0,    4,    0,    0,    0,     //
      1,    0,    0,    0,    0,    0,    0,    0,     //
      2};
  const std::string example(reinterpret_cast<const char*>(kExample), sizeof kExample);
  Compressor compressor;
  const std::string message = need(encode(Counts{.versions = 1, .runs = 2, .replays = 0, .probes = 0}));
  EXPECT_TRUE(seal(compressor, Table::kCounts, make_key(1), Form::kMessage, message) == example);
  const Opened opened = need(open_value(Table::kCounts, make_key(1), example));
  EXPECT_EQ(need(decode<Counts>(opened.payload)).runs, 2u);
}

}  // namespace
}  // namespace hindsight::store::test

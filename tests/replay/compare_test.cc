#include "replay/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace hindsight::replay {
namespace {

using store::DType;
using store::Value;

template <class T>
Value vector_of(DType dtype, const std::vector<T>& elements) {
  return {.dtype = dtype, .is_vector = true, .bytes = std::string(reinterpret_cast<const char*>(elements.data()), elements.size() * sizeof(T))};
}
template <class T>
Value scalar(DType dtype, T element) {
  return {.dtype = dtype, .is_vector = false, .bytes = std::string(reinterpret_cast<const char*>(&element), sizeof element)};
}
Value text(DType dtype, std::string bytes) { return {.dtype = dtype, .is_vector = false, .bytes = std::move(bytes)}; }

TEST(Compare, EqualMeansBitForBit) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(compare(scalar(DType::kF64, 1.5), scalar(DType::kF64, 1.5), {}).equal);
  EXPECT_TRUE(compare(scalar(DType::kF64, nan), scalar(DType::kF64, nan), {}).equal);
  EXPECT_FALSE(compare(scalar(DType::kF64, 0.0), scalar(DType::kF64, -0.0), {}).equal);
  EXPECT_FALSE(compare(scalar(DType::kF64, 1.5), scalar(DType::kF64, std::nextafter(1.5, 2.0)), {}).equal);
  EXPECT_FALSE(compare(scalar(DType::kI64, std::int64_t{1}), scalar(DType::kU64, std::uint64_t{1}), {}).equal);
  EXPECT_FALSE(compare(text(DType::kText, ""), text(DType::kText, "x"), {}).equal);
}

TEST(Compare, WithinTheToleranceIsCloseByTheLargestDeviation) {
  const Value recorded = vector_of<double>(DType::kF64, {1, 2, 3});
  const Comparison close = compare(recorded, vector_of<double>(DType::kF64, {1.25, 2, 2.5}), 0.5);
  EXPECT_FALSE(close.equal);
  EXPECT_EQ(close.deviation, 0.5);
  EXPECT_EQ(compare(recorded, vector_of<double>(DType::kF64, {1.25, 2, 2.4}), 0.5).deviation, std::nullopt);
  EXPECT_EQ(compare(recorded, vector_of<double>(DType::kF64, {1, 2}), 0.5).deviation, std::nullopt);
  EXPECT_EQ(compare(scalar(DType::kF32, 1.0F), scalar(DType::kF32, 1.5F), 0.5).deviation, 0.5);
  EXPECT_EQ(compare(scalar(DType::kF16, std::uint16_t{0x3c00}), scalar(DType::kF16, std::uint16_t{0x3e00}), 0.5).deviation, 0.5);
  EXPECT_EQ(compare(scalar(DType::kBF16, std::uint16_t{0x3f80}), scalar(DType::kBF16, std::uint16_t{0x3fc0}), 0.5).deviation, 0.5);
}

TEST(Compare, NeitherNanNorInfinityNorWholeNumbersAreClose) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const double most = std::numeric_limits<double>::max();
  EXPECT_EQ(compare(scalar(DType::kF64, nan), scalar(DType::kF64, 1.0), most).deviation, std::nullopt);
  EXPECT_EQ(compare(scalar(DType::kF64, 1.0), scalar(DType::kF64, nan), most).deviation, std::nullopt);
  EXPECT_EQ(compare(scalar(DType::kF64, 1.0), scalar(DType::kF64, infinity), most).deviation, std::nullopt);
  EXPECT_EQ(compare(scalar(DType::kI64, std::int64_t{1}), scalar(DType::kI64, std::int64_t{2}), 5.0).deviation, std::nullopt);
}

TEST(Compare, ValuesAreShownShort) {
  EXPECT_EQ(show(scalar(DType::kF32, 0.1F)), "0.1");
  EXPECT_EQ(show(scalar(DType::kF64, 0.1)), "0.1");
  EXPECT_EQ(show(scalar(DType::kI8, std::int8_t{-3})), "-3");
  EXPECT_EQ(show(scalar(DType::kU64, ~std::uint64_t{0})), "18446744073709551615");
  EXPECT_EQ(show(scalar(DType::kBool, std::uint8_t{1})), "true");
  EXPECT_EQ(show(scalar(DType::kF16, std::uint16_t{0x3555})), "0.33325195");
  EXPECT_EQ(show(scalar(DType::kF16, std::uint16_t{0x0001})), "5.9604645e-08");
  EXPECT_EQ(show(scalar(DType::kF16, std::uint16_t{0xfc00})), "-inf");
  EXPECT_EQ(show(scalar(DType::kBF16, std::uint16_t{0x3f80})), "1");
  EXPECT_EQ(show(vector_of<std::int32_t>(DType::kI32, {1, 2})), "[1, 2]");
  EXPECT_EQ(show(vector_of<std::int32_t>(DType::kI32, {1, 2, 3, 4, 5})), "[1, 2, 3, 4, ... 5 in all]");
  EXPECT_EQ(show(vector_of<float>(DType::kC64, {1, 2})), "[1+2i]");
  EXPECT_EQ(show(text(DType::kText, "abc")), "'abc'");
  EXPECT_EQ(show(text(DType::kError, "no such key")), "error 'no such key'");
  EXPECT_EQ(show(text(DType::kBytes, "abc")), "3 bytes");
}

}  // namespace
}  // namespace hindsight::replay

#include "tools/text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace hindsight::tools {
namespace {

template <class T>
store::Value scalar(store::DType dtype, T element) {
  store::Value value{dtype, false, std::string(sizeof element, '\0')};
  std::memcpy(value.bytes.data(), &element, sizeof element);
  return value;
}
template <class T>
store::Value vector(store::DType dtype, const std::vector<T>& elements) {
  store::Value value{dtype, true, std::string(sizeof(T) * elements.size(), '\0')};
  if (!elements.empty()) std::memcpy(value.bytes.data(), elements.data(), value.bytes.size());
  return value;
}

using store::DType;

TEST(ValueText, EveryTypeIsWrittenInItsOwnWay) {
  EXPECT_EQ(to_text(scalar(DType::kBool, std::uint8_t{1})), "true");
  EXPECT_EQ(to_text(scalar(DType::kI8, std::int8_t{-5})), "-5");
  EXPECT_EQ(to_text(scalar(DType::kU8, std::uint8_t{250})), "250");
  EXPECT_EQ(to_text(scalar(DType::kI16, std::int16_t{-300})), "-300");
  EXPECT_EQ(to_text(scalar(DType::kI64, INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(to_text(scalar(DType::kU64, UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(to_text(scalar(DType::kF32, 0.1f)), "0.1");
  EXPECT_EQ(to_text(scalar(DType::kF64, 0.1)), "0.1");
  EXPECT_EQ(to_text(scalar(DType::kF64, std::nan(""))), "nan");
  EXPECT_EQ(to_text(scalar(DType::kF64, -std::numeric_limits<double>::infinity())), "-inf");
  EXPECT_EQ(to_text(scalar(DType::kF16, std::uint16_t{0x2e66})), "0.1");
  EXPECT_EQ(to_text(scalar(DType::kBF16, std::uint16_t{0x3dcd})), "0.1");
  EXPECT_EQ(to_text(scalar(DType::kF16, std::uint16_t{0xfbff})), "-65500");
  EXPECT_EQ(to_text(vector(DType::kF32, std::vector<float>{1.5f, -2})), "[1.5, -2]");
  EXPECT_EQ(to_text(vector(DType::kI32, std::vector<int>{})), "[]");
  EXPECT_EQ(to_text(store::Value{DType::kText, false, "two\nlines"}), "two\\nlines");
}

TEST(ValueText, JsonKeepsTypesApart) {
  EXPECT_EQ(to_json(scalar(DType::kF32, 1.0f)), "1.0");
  EXPECT_EQ(to_json(scalar(DType::kI32, 1)), "1");
  EXPECT_EQ(to_json(scalar(DType::kI64, INT64_MAX)), "\"9223372036854775807\"");
  EXPECT_EQ(to_json(scalar(DType::kF32, NAN)), "\"NaN\"");
  EXPECT_EQ(to_json(scalar(DType::kF16, std::uint16_t{0x7c00})), "\"Infinity\"");
  EXPECT_EQ(to_json(scalar(DType::kBool, std::uint8_t{0})), "false");
  EXPECT_EQ(to_json(vector(DType::kF64, std::vector<double>{0.5, INFINITY})), "[0.5,\"Infinity\"]");
  EXPECT_EQ(to_json(vector(DType::kC64, std::vector<float>{1, 2, 3, 4})), "[[1.0,2.0],[3.0,4.0]]");
  EXPECT_EQ(to_json(store::Value{DType::kText, false, "a\"b"}), "\"a\\\"b\"");
  EXPECT_EQ(to_json(store::Value{DType::kBytes, false, std::string("\x00\xff", 2)}), "\"00ff\"");
}

// The 16-bit types have so few values that all can be tried.
TEST(ValueText, EveryHalfComesBackFromItsText) {
  for (std::uint32_t bits = 0; bits < 0x7c00; ++bits) {
    const double text = std::strtod(to_text(scalar(DType::kF16, static_cast<std::uint16_t>(bits))).c_str(), nullptr);
    const int exponent = bits < 0x400 ? -24 : static_cast<int>(bits >> 10) - 25;
    const double value = std::ldexp(static_cast<int>(bits < 0x400 ? bits : (bits & 0x3ff) | 0x400), exponent);
    const double half_step = std::ldexp(0.5, exponent);
    // Below a power of two the steps are half as wide.
    const double below = (bits & 0x3ff) == 0 && bits > 0x400 ? half_step / 2 : half_step;
    EXPECT_TRUE(value - below < text && text < value + half_step) << bits << ": " << text;
  }
}
TEST(ValueText, EveryBFloatComesBackFromItsText) {
  for (std::uint32_t bits = 0; bits < 0x7f80; ++bits) {
    const std::string text = to_text(scalar(DType::kBF16, static_cast<std::uint16_t>(bits)));
    const auto back = std::bit_cast<std::uint32_t>(std::strtof(text.c_str(), nullptr));
    // Round to nearest 16 bits.
    const std::uint32_t rounded = (back + 0x7fff + ((back >> 16) & 1)) >> 16;
    EXPECT_EQ(rounded, bits) << text;
  }
}

TEST(ValueText, DamagedLengthsAreNotReadPast) {
  for (int dtype = 0; dtype < 25; ++dtype) {
    for (std::size_t length = 0; length < 20; ++length) {
      for (const bool is_vector : {false, true}) {
        const store::Value value{static_cast<DType>(dtype), is_vector, std::string(length, '\x7f')};
        to_text(value);
        to_json(value);
      }
    }
  }
}

TEST(ValueText, LongValuesAreCutOnRequest) {
  const store::Value text{DType::kText, false, std::string(100, 'x')};
  EXPECT_EQ(to_text(text, 10), "xxxxxxx...");
  const std::string cut = to_text(vector(DType::kI32, std::vector<int>(500, 7)), 20);
  EXPECT_LE(cut.size(), 40u);
  EXPECT_NE(cut.find("500 elements"), std::string::npos);
}

TEST(Text, TerminalControlCharactersNeverGetThrough) {
  for (int c = 0; c < 0x20; ++c) {
    for (const char out : escaped(std::string(1, static_cast<char>(c)))) EXPECT_GE(out, 0x20) << c;
  }
  EXPECT_EQ(escaped("\x1b[31m"), "\\x1b[31m");
}

TEST(Text, WordsAreQuotedAsAShellNeedsThem) {
  EXPECT_EQ(shell_text({"./train", "--lr=0.1", "a b", "it's", ""}), "./train --lr=0.1 'a b' 'it'\\''s' ''");
}

TEST(Text, TimesAreUtc) {
  EXPECT_EQ(when_text(0), "-");
  EXPECT_EQ(when_text(1763712149'123456789), "2025-11-21 08:02:29");
  EXPECT_EQ(when_json(1763712149'023456789), "\"2025-11-21T08:02:29.023456789Z\"");
  EXPECT_EQ(when_json(0), "null");
}

TEST(Text, DurationsAndSizesReadAsPeopleSayThem) {
  EXPECT_EQ(duration_text(0), "0 ms");
  EXPECT_EQ(duration_text(0.000042), "42 us");
  EXPECT_EQ(duration_text(0.0042), "4.2 ms");
  EXPECT_EQ(duration_text(0.0123), "12 ms");
  EXPECT_EQ(duration_text(0.9999), "1.0 s");
  EXPECT_EQ(duration_text(59.96), "1 min 00 s");
  EXPECT_EQ(duration_text(125), "2 min 05 s");
  EXPECT_EQ(duration_text(3600 * 2 + 180), "2 h 03 min");
  EXPECT_EQ(duration_text(3599.9), "1 h 00 min");
  EXPECT_EQ(duration_text(-1), "?");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1'400'000), "1.4 MB");
  EXPECT_EQ(bytes_text(999'960), "1.0 MB");
  EXPECT_EQ(count_text(1, "value", "values"), "1 value");
  EXPECT_EQ(count_text(0, "value", "values"), "0 values");
}

TEST(Text, ARunsStatusSaysHowItEnded) {
  store::Run run;
  run.state = store::RunState::kFinished;
  EXPECT_EQ(status_text(run), "finished");
  run.exit_code = 3;
  EXPECT_EQ(status_text(run), "exit 3");
  run.signal = 9;
  EXPECT_EQ(status_text(run), "SIGKILL");
  run.state = store::RunState::kCrashed;
  EXPECT_EQ(status_text(run), "crashed");
}

}  // namespace
}  // namespace hindsight::tools

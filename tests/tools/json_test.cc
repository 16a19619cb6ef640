#include "tools/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

namespace hindsight::tools {
namespace {

TEST(Json, MembersKeepTheirOrderWithTheTypeFirst) {
  json::Object object("run");
  object.text("run", "r1").number("records", 3).null("signal").flag("kept", true);
  EXPECT_EQ(object.str(), R"({"type":"run","run":"r1","records":3,"signal":null,"kept":true})");
}

TEST(Json, IntegersThatADoubleWouldRoundAreStrings) {
  EXPECT_EQ(json::integer(std::int64_t{9007199254740992}), "9007199254740992");
  EXPECT_EQ(json::integer(std::int64_t{9007199254740993}), "\"9007199254740993\"");
  EXPECT_EQ(json::integer(std::int64_t{-9007199254740993}), "\"-9007199254740993\"");
  EXPECT_EQ(json::integer(std::numeric_limits<std::int64_t>::min()), "\"-9223372036854775808\"");
  EXPECT_EQ(json::integer(std::numeric_limits<std::uint64_t>::max()), "\"18446744073709551615\"");
}

TEST(Json, NumbersThatJsonCannotSayAreStrings) {
  EXPECT_EQ(json::real(std::nan("")), "\"NaN\"");
  EXPECT_EQ(json::real(INFINITY), "\"Infinity\"");
  EXPECT_EQ(json::real(-INFINITY), "\"-Infinity\"");
}

TEST(Json, FloatsAreTheShortestTextOfTheirOwnType) {
  EXPECT_EQ(json::real(0.1f), "0.1");
  EXPECT_EQ(json::real(0.1), "0.1");
  EXPECT_EQ(json::real(static_cast<double>(0.1f)), "0.10000000149011612");
  EXPECT_EQ(json::real(1.0), "1.0");
  EXPECT_EQ(json::real(-0.0), "-0.0");
}

TEST(Json, EveryFloatComesBackBitForBit) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double d;
    std::memcpy(&d, &bits, sizeof d);
    if (std::isfinite(d)) {
      const double back = nlohmann::json::parse(json::real(d)).get<double>();
      EXPECT_EQ(std::memcmp(&back, &d, sizeof d), 0) << json::real(d);
    }
    float f;
    std::memcpy(&f, &bits, sizeof f);
    if (std::isfinite(f)) {
      const auto back = static_cast<float>(nlohmann::json::parse(json::real(f)).get<double>());
      EXPECT_EQ(std::memcmp(&back, &f, sizeof f), 0) << json::real(f);
    }
  }
}

TEST(Json, EveryByteStringIsALineOfValidJson) {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 20, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    json::Object object("x");
    object.text("bytes", bytes);
    EXPECT_EQ(object.str().find('\n'), std::string::npos);
    EXPECT_FALSE(nlohmann::json::parse(object.str(), nullptr, false).is_discarded());
  }
}

}  // namespace
}  // namespace hindsight::tools

#include "store/codec.h"

#include <gtest/gtest.h>
#include <xmmintrin.h>

#include <cmath>
#include <cstring>

#include "store/byte_planes.h"
#include "store/hash.h"
#include "store/store.h"
#include "tests/store/support.h"

namespace hindsight::store {
namespace {

using test::Draw;

constexpr Element kElements[] = {Element::kInt8,   Element::kInt16,  Element::kInt32, Element::kInt64,
                                 Element::kReal16, Element::kReal32, Element::kReal64};

// The bits of what arithmetic would change: NaNs with payloads, both zeros, denormals, infinities.
std::string ugly_reals() {
  std::string bytes;
  for (const std::uint32_t bits : {0x7fc00001U, 0xffc12345U, 0x7f800001U, 0xff9abcdeU, 0U, 0x80000000U, 1U, 0x807fffffU, 0x7f800000U, 0xff800000U}) {
    bytes.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  return bytes;
}

// Like weights: normally distributed, no two alike.
std::string weights(Draw& draw, std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += static_cast<double>(draw.number(1 << 20)) / (1 << 20);
    const auto value = static_cast<float>(sum * 0.02);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}
std::string trained_on(Draw& draw, std::string bytes, double rate) {
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    float value;
    std::memcpy(&value, bytes.data() + at, 4);
    value += static_cast<float>(rate * (static_cast<double>(draw.number(1 << 20)) / (1 << 20) - 0.5));
    std::memcpy(bytes.data() + at, &value, 4);
  }
  return bytes;
}

class Codec : public ::testing::Test {
 protected:
  // The size of what `bytes` is stored as, after it has been read back and compared.
  std::size_t there_and_back(Element element, const std::string& bytes, const std::string* before = nullptr) {
    std::optional<BaseChunk> base;
    if (before != nullptr) base = BaseChunk{.hash = hash_bytes(*before), .depth = 1, .bytes = *before};
    Hints hints;
    const auto coded = encoder_.encode(element, bytes, base ? &*base : nullptr, hints);
    if (!coded) return bytes.size();
    const std::string payload(coded->payload);
    const CodedHead head = test::need(read_coded_head(payload));
    EXPECT_EQ(head.element, element);
    EXPECT_EQ(head.depth, coded->depth);
    EXPECT_EQ(head.base.has_value(), coded->depth == 2);
    std::string back = head.base ? *before : std::string(bytes.size(), '?');
    test::need(decoder_.decode(payload, back));
    EXPECT_TRUE(back == bytes) << "elements " << static_cast<int>(element) << ", " << bytes.size() << " bytes";
    return payload.size();
  }

  Draw draw_{test::seed()};
  ChunkEncoder encoder_;
  ChunkDecoder decoder_;
};

TEST_F(Codec, PlanesHoldOneByteOfEveryElement) {
  const std::string bytes = "\x01\x02\x03\x04\x11\x12\x13\x14";
  std::string planes(8, '\0');
  split_planes(Element::kInt32, bytes.data(), 2, planes.data());
  EXPECT_EQ(planes, "\x01\x11\x02\x12\x03\x13\x04\x14");
  const float one = -1.0F;  // bf800000: rotated 7f000001, the exponent is the highest byte
  split_planes(Element::kReal32, reinterpret_cast<const char*>(&one), 1, planes.data());
  EXPECT_EQ(planes.substr(0, 4), std::string("\x01\x00\x00\x7f", 4));
  const std::int16_t numbers[] = {5, -3}, earlier[] = {7, -4};  // -2 and 1: zigzag 3 and 2
  split_difference(Element::kInt16, reinterpret_cast<const char*>(numbers), reinterpret_cast<const char*>(earlier), 2, planes.data());
  EXPECT_EQ(planes.substr(0, 4), std::string("\x03\x02\x00\x00", 4));
}

TEST_F(Codec, AnyBytesComeBackWhateverTheirElementsAndSize) {
  for (const Element element : kElements) {
    for (const std::size_t size : {1UL, 2UL, 7UL, 8UL, 31UL, 512UL, 4095UL, 4096UL, 20000UL, 262144UL}) {
      for (int kind = 0; kind < 3; ++kind) {
        const std::string bytes = kind == 0 ? draw_.noise(size) : kind == 1 ? draw_.bytes(size) : std::string(size, 'x');
        std::string before = draw_.coin() ? draw_.noise(size) : bytes;
        before[draw_.number(size)] ^= 1;
        there_and_back(element, bytes);
        there_and_back(element, bytes, &before);
      }
    }
  }
}

TEST_F(Codec, BitPatternsThatArithmeticWouldChangeComeBack) {
  std::string bytes = ugly_reals();
  while (bytes.size() < 65536) bytes += bytes;
  const std::string before = weights(draw_, bytes.size() / 4);
  const unsigned mode = _mm_getcsr();
  for (const unsigned extra : {0U, 0x8040U /* FTZ, DAZ */, 0x6000U /* round towards zero */}) {
    _mm_setcsr(mode | extra);
    for (const Element element : kElements) {
      there_and_back(element, bytes);
      there_and_back(element, bytes, &before);
      there_and_back(element, before, &bytes);
    }
  }
  _mm_setcsr(mode);
}

TEST_F(Codec, WhatHasStructureIsSmaller) {
  const std::string one = weights(draw_, 65536), two = trained_on(draw_, one, 1e-5);
  const std::size_t alone = there_and_back(Element::kReal32, two);
  EXPECT_LT(alone, two.size() * 88 / 100);  // exponents
  EXPECT_LT(there_and_back(Element::kReal32, two, &one), alone * 8 / 10);
  EXPECT_EQ(there_and_back(Element::kReal32, draw_.noise(262144)), 262144U);
  std::string sparse = one;
  for (int i = 0; i < 100; ++i) sparse[draw_.number(sparse.size())] ^= 1;
  EXPECT_LT(there_and_back(Element::kReal32, sparse, &one), one.size() / 100);
  std::string tokens(262144, '\0');  // int64, all small
  for (std::size_t at = 0; at < tokens.size(); at += 8) tokens[at] = static_cast<char>(draw_.number(100));
  EXPECT_LT(there_and_back(Element::kInt64, tokens), tokens.size() / 8);
  EXPECT_LT(there_and_back(Element::kInt64, std::string(262144, '\7')), 200U);
}

TEST_F(Codec, ABaseThatSavesNothingIsNotUsed) {
  const std::string one = weights(draw_, 65536), other = weights(draw_, 65536);
  Hints hints;
  const BaseChunk base{.hash = hash_bytes(other), .depth = 0, .bytes = other};
  const auto coded = encoder_.encode(Element::kReal32, one, &base, hints);
  ASSERT_TRUE(coded);
  EXPECT_EQ(coded->depth, 0U);
}

TEST_F(Codec, TheSameBytesAreCodedTheSameWay) {
  const std::string one = weights(draw_, 65536), two = trained_on(draw_, one, 1e-4);
  const BaseChunk base{.hash = hash_bytes(one), .depth = 0, .bytes = one};
  Hints hints, others;
  ChunkEncoder other;
  const std::string first(encoder_.encode(Element::kReal32, two, &base, hints)->payload);
  EXPECT_EQ(first, other.encode(Element::kReal32, two, &base, others)->payload);
}

TEST_F(Codec, DamageIsAnErrorOrOtherBytesButNoCrash) {
  const std::string one = weights(draw_, 3000) + "abc", two = trained_on(draw_, one, 1e-5);
  const BaseChunk base{.hash = hash_bytes(one), .depth = 0, .bytes = one};
  Hints hints;
  const std::string payload(encoder_.encode(Element::kReal32, two, &base, hints)->payload);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = payload;
    if (i % 3 == 0) damaged.resize(draw_.number(damaged.size()));
    for (std::uint64_t flips = draw_.number(4); flips > 0 && !damaged.empty(); --flips) {
      damaged[draw_.number(draw_.coin() ? std::min<std::size_t>(damaged.size(), 60) : damaged.size())] ^= static_cast<char>(1 << draw_.number(8));
    }
    std::string back = one;
    const Result<void> done = decoder_.decode(damaged, back);
    EXPECT_TRUE(done || done.error().kind() == ErrorKind::kCorrupt);
    if (damaged == payload) {
      EXPECT_TRUE(done && back == two);
    }
  }
}

}  // namespace
}  // namespace hindsight::store

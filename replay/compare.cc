#include "replay/compare.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace hindsight::replay {
namespace {

using store::DType;
using store::Value;

std::size_t width(DType dtype) {
  switch (dtype) {
    case DType::kBool: case DType::kI8: case DType::kU8: return 1;
    case DType::kI16: case DType::kU16: case DType::kF16: case DType::kBF16: return 2;
    case DType::kI32: case DType::kU32: case DType::kF32: return 4;
    case DType::kI64: case DType::kU64: case DType::kF64: case DType::kC64: return 8;
    case DType::kC128: return 16;
    case DType::kText: case DType::kBytes: case DType::kError: break;
  }
  return 0;
}

template <class T>
T load(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

double from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double magnitude = exponent == 0    ? std::ldexp(fraction, -24)
                           : exponent == 31 ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                                            : std::ldexp(fraction + 1024, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

bool is_floating(DType dtype) {
  return dtype == DType::kF16 || dtype == DType::kBF16 || dtype == DType::kF32 || dtype == DType::kF64 ||
         dtype == DType::kC64 || dtype == DType::kC128;
}

// The floats of a value; a complex number is two.
double float_at(const Value& value, std::size_t index) {
  switch (value.dtype) {
    case DType::kF16: return from_half(load<std::uint16_t>(value.bytes, index * 2));
    case DType::kBF16: return from_bfloat(load<std::uint16_t>(value.bytes, index * 2));
    case DType::kF32: case DType::kC64: return load<float>(value.bytes, index * 4);
    default: return load<double>(value.bytes, index * 8);
  }
}

std::size_t float_width(DType dtype) { return dtype == DType::kC64 ? 4 : dtype == DType::kC128 ? 8 : width(dtype); }

template <class T>
std::string number(T value) {
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end);
}

std::string element(const Value& value, std::size_t index) {
  const std::string& bytes = value.bytes;
  const std::size_t at = index * width(value.dtype);
  switch (value.dtype) {
    case DType::kBool: return load<std::uint8_t>(bytes, at) != 0 ? "true" : "false";
    case DType::kI8: return number(static_cast<int>(load<std::int8_t>(bytes, at)));
    case DType::kI16: return number(load<std::int16_t>(bytes, at));
    case DType::kI32: return number(load<std::int32_t>(bytes, at));
    case DType::kI64: return number(load<std::int64_t>(bytes, at));
    case DType::kU8: return number(static_cast<unsigned>(load<std::uint8_t>(bytes, at)));
    case DType::kU16: return number(load<std::uint16_t>(bytes, at));
    case DType::kU32: return number(load<std::uint32_t>(bytes, at));
    case DType::kU64: return number(load<std::uint64_t>(bytes, at));
    case DType::kF16: return number(static_cast<float>(from_half(load<std::uint16_t>(bytes, at))));
    case DType::kBF16: return number(from_bfloat(load<std::uint16_t>(bytes, at)));
    case DType::kF32: return number(load<float>(bytes, at));
    case DType::kF64: return number(load<double>(bytes, at));
    case DType::kC64: return number(load<float>(bytes, at)) + "+" + number(load<float>(bytes, at + 4)) + "i";
    case DType::kC128: return number(load<double>(bytes, at)) + "+" + number(load<double>(bytes, at + 8)) + "i";
    case DType::kText: case DType::kBytes: case DType::kError: break;
  }
  return {};
}

std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 60;
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

}  // namespace

Comparison compare(const Value& recorded, const Value& replayed, std::optional<double> tolerance) {
  if (recorded == replayed) return {.equal = true, .deviation = {}};
  const bool comparable = recorded.dtype == replayed.dtype && recorded.is_vector == replayed.is_vector &&
                          recorded.bytes.size() == replayed.bytes.size();
  if (!tolerance || !comparable || !is_floating(recorded.dtype)) return {};
  double largest = 0;
  const std::size_t count = recorded.bytes.size() / float_width(recorded.dtype);
  for (std::size_t i = 0; i < count; ++i) {
    const double a = float_at(recorded, i);
    const double b = float_at(replayed, i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    const double distance = std::fabs(a - b);
    if (!(distance <= *tolerance)) return {};
    largest = std::max(largest, distance);
  }
  return {.equal = false, .deviation = largest};
}

std::string show(const Value& value) {
  if (value.dtype == DType::kText) return "'" + shortened(value.bytes) + "'";
  if (value.dtype == DType::kError) return "error '" + shortened(value.bytes) + "'";
  if (value.dtype == DType::kBytes) return std::to_string(value.bytes.size()) + " bytes";
  const std::size_t count = value.bytes.size() / width(value.dtype);
  if (!value.is_vector) return count == 0 ? "nothing" : element(value, 0);
  constexpr std::size_t kMost = 4;
  std::string text = "[";
  for (std::size_t i = 0; i < count && i < kMost; ++i) text += (i > 0 ? ", " : "") + element(value, i);
  return text + (count > kMost ? ", ... " + std::to_string(count) + " in all]" : "]");
}

}  // namespace hindsight::replay

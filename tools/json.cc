#include "tools/json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace hindsight::tools::json {
namespace {

constexpr std::uint64_t kExactInDouble = std::uint64_t{1} << 53;

template <class Real>
std::string real_text(Real value) {
  if (std::isnan(value)) return "\"NaN\"";
  if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  std::string text = fmt::format("{}", value);
  // "1" would be read as an integer, and "-0" lose its sign.
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

template <class Map, class Print>
std::string object_of(const Map& map, Print print) {
  Object object;
  for (const auto& [key, value] : map) object.raw(key, print(value));
  return object.str();
}

}  // namespace

std::string quote(std::string_view text) {
  using nlohmann::json;
  return json(std::string(text)).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string integer(std::int64_t value) {
  const std::string digits = std::to_string(value);
  const std::uint64_t magnitude =
      value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  return magnitude > kExactInDouble ? quote(digits) : digits;
}

std::string integer(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  return value > kExactInDouble ? quote(digits) : digits;
}

std::string real(double value) { return real_text(value); }
std::string real(float value) { return real_text(value); }

std::string array(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) {
    if (text.size() > 1) text += ',';
    text += element;
  }
  return text + "]";
}

std::string strings(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  quoted.reserve(texts.size());
  for (const std::string& text : texts) quoted.push_back(quote(text));
  return array(quoted);
}

std::string object(const std::map<std::string, std::string>& texts) {
  return object_of(texts, [](const std::string& text) { return quote(text); });
}

std::string object(const std::map<std::string, std::uint64_t>& numbers) {
  return object_of(numbers, [](std::uint64_t number) { return integer(number); });
}

Object& Object::text_or_null(std::string_view key, std::string_view value) {
  return value.empty() ? null(key) : text(key, value);
}

Object& Object::raw(std::string_view key, std::string_view json) {
  if (!members_.empty()) members_ += ',';
  members_ += quote(key);
  members_ += ':';
  members_ += json;
  return *this;
}

}  // namespace hindsight::tools::json

// JSON text, composed: objects of one line with "type" first and the members in the order they were added.
//
//   json::Object line("run");
//   line.text("run", "r3").number("records", 120).null("signal");
//   out.object(line.str());   // {"type":"run","run":"r3","records":120,"signal":null}
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hindsight::tools::json {

// A quoted string; bytes that are not UTF-8 become U+FFFD.
std::string quote(std::string_view text);
// Digits; beyond 2^53, where a reader's double would round, a string.
std::string integer(std::int64_t value);
std::string integer(std::uint64_t value);
// Shortest round trip; NaN and infinities as the strings "NaN", "Infinity", "-Infinity".
std::string real(double value);
std::string real(float value);
// `elements` are JSON texts.
std::string array(const std::vector<std::string>& elements);
std::string strings(const std::vector<std::string>& texts);
std::string object(const std::map<std::string, std::string>& texts);
std::string object(const std::map<std::string, std::uint64_t>& numbers);

class Object {
 public:
  Object() = default;  // without "type"
  explicit Object(std::string_view type) { text("type", type); }

  Object& text(std::string_view key, std::string_view value) { return raw(key, quote(value)); }
  // null if empty.
  Object& text_or_null(std::string_view key, std::string_view value);
  Object& number(std::string_view key, std::uint64_t value) { return raw(key, integer(value)); }
  Object& signed_number(std::string_view key, std::int64_t value) { return raw(key, integer(value)); }
  Object& real(std::string_view key, double value) { return raw(key, json::real(value)); }
  Object& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  Object& null(std::string_view key) { return raw(key, "null"); }
  Object& raw(std::string_view key, std::string_view json);

  // The object, on one line, without a newline.
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace hindsight::tools::json

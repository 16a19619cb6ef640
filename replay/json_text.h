// Reading JSON that another program wrote: what is missing or of another type is empty, nothing throws.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hindsight::replay {

inline nlohmann::json parse_json(const std::string& text) { return nlohmann::json::parse(text, nullptr, false); }

inline const nlohmann::json& member_of(const nlohmann::json& object, const char* name) {
  static const nlohmann::json nothing;
  if (!object.is_object()) return nothing;
  const auto at = object.find(name);
  return at != object.end() ? *at : nothing;
}
inline std::string text_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json& member = member_of(object, name);
  return member.is_string() ? member.get<std::string>() : std::string();
}
inline std::uint64_t number_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json& member = member_of(object, name);
  return member.is_number_unsigned() ? member.get<std::uint64_t>() : 0;
}
inline bool flag_of(const nlohmann::json& object, const char* name, bool otherwise) {
  const nlohmann::json& member = member_of(object, name);
  return member.is_boolean() ? member.get<bool>() : otherwise;
}
inline std::vector<std::string> texts_of(const nlohmann::json& object, const char* name) {
  std::vector<std::string> texts;
  const nlohmann::json& member = member_of(object, name);
  if (!member.is_array()) return texts;
  for (const nlohmann::json& element : member) {
    if (element.is_string()) texts.push_back(element.get<std::string>());
  }
  return texts;
}
// Text that is not UTF-8 is written with replacement characters.
inline std::string dump_json(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace hindsight::replay

// Small text work that several files here need.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hindsight::replay {

std::vector<std::string> split(std::string_view text, char separator);  // empty parts kept
std::string trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view between);
// The text without any white space: how statements are looked for before anything parses them.
std::string without_space(std::string_view text);

// The candidate most like `word`, if it is like it at all.
std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates);

// Does a pattern of [build] exclude cover this path (relative, '/' between parts)? As in .gitignore: a pattern without '/'
// matches a file or folder of that name anywhere, one with '/' is meant from the root; '*', '?', '[...]' within a part,
// '**' for any number of parts; what lies in a covered folder is covered.
bool is_excluded(std::string_view path, std::span<const std::string> patterns);

}  // namespace hindsight::replay

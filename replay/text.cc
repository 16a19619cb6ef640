#include "replay/text.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>

namespace hindsight::replay {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string trim(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

std::string join(std::span<const std::string> parts, std::string_view between) {
  std::string all;
  for (const std::string& part : parts) {
    if (!all.empty()) all += between;
    all += part;
  }
  return all;
}

std::string without_space(std::string_view text) {
  std::string rest;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) rest += c;
  }
  return rest;
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

using Parts = std::vector<std::string>;

// Do all of `pattern` and the first parts of `path` match? What lies below a match is matched too.
bool parts_match(const Parts& pattern, std::size_t p, const Parts& path, std::size_t i) {
  if (p == pattern.size()) return true;
  if (pattern[p] == "**") {
    if (p + 1 == pattern.size()) return i < path.size();
    for (std::size_t next = i; next <= path.size(); ++next) {
      if (parts_match(pattern, p + 1, path, next)) return true;
    }
    return false;
  }
  return i < path.size() && fnmatch(pattern[p].c_str(), path[i].c_str(), 0) == 0 && parts_match(pattern, p + 1, path, i + 1);
}

}  // namespace

std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = (word.size() < 4 ? 1 : std::max<std::size_t>(2, word.size() / 3)) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

bool is_excluded(std::string_view path, std::span<const std::string> patterns) {
  const Parts parts = split(path, '/');
  for (const std::string& written : patterns) {
    std::string_view pattern = written;
    while (pattern.ends_with('/')) pattern.remove_suffix(1);
    const bool anchored = pattern.find('/') != std::string_view::npos;
    if (pattern.starts_with("./")) pattern.remove_prefix(2);
    if (pattern.starts_with('/')) pattern.remove_prefix(1);
    if (pattern.empty()) continue;
    const Parts wanted = split(pattern, '/');
    for (std::size_t start = 0; start < parts.size(); ++start) {
      if (parts_match(wanted, 0, parts, start)) return true;
      if (anchored) break;
    }
  }
  return false;
}

}  // namespace hindsight::replay

#include "runtime/host/notes.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace hindsight::host {
namespace {

// A run that skips for ever new reasons must not grow for ever.
constexpr std::size_t kMostNotes = 200;
constexpr std::string_view kTooMany = "further notes were left out";

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void append(std::vector<std::string>& notes, std::string note) {
  if (notes.size() < kMostNotes) {
    notes.push_back(std::move(note));
  } else if (notes.back() != kTooMany) {
    notes.emplace_back(kTooMany);
  }
}

}  // namespace

void add_note(std::vector<std::string>& notes, std::string_view text) {
  constexpr std::string_view kTimes = " times)";
  for (std::string& note : notes) {
    if (!note.starts_with(text)) continue;
    std::string_view behind = std::string_view(note).substr(text.size());
    std::uint64_t times = 1;
    if (!behind.empty()) {
      if (!behind.starts_with(" (") || !behind.ends_with(kTimes)) continue;
      const auto counted = number(behind.substr(2, behind.size() - 2 - kTimes.size()));
      if (!counted) continue;
      times = *counted;
    }
    note = std::string(text) + " (" + std::to_string(times + 1) + std::string(kTimes);
    return;
  }
  append(notes, std::string(text));
}

void add_skipped(std::vector<std::string>& notes, const store::Point& point, std::string_view reason) {
  constexpr std::string_view kOne = "1 state was not captured, at ";
  constexpr std::string_view kMany = " states were not captured, the first at ";
  const std::string because = ": " + std::string(reason);
  for (std::string& note : notes) {
    if (!note.ends_with(because)) continue;
    std::string_view first = std::string_view(note).substr(0, note.size() - because.size());
    std::uint64_t count = 1;
    if (first.starts_with(kOne)) {
      first.remove_prefix(kOne.size());
    } else {
      const std::size_t many = first.find(kMany);
      const auto counted = many == std::string_view::npos ? std::nullopt : number(first.substr(0, many));
      if (!counted) continue;
      count = *counted;
      first.remove_prefix(many + kMany.size());
    }
    note = std::to_string(count + 1) + std::string(kMany) + std::string(first) + because;
    return;
  }
  append(notes, std::string(kOne) + to_string(point) + because);
}

}  // namespace hindsight::host

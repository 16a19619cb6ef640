#include "tools/ids.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "tools/suggest.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace {

constexpr std::size_t kShortestPrefix = 4;

// The number in `r3` for prefix 'r'; `3` too where `bare`.
std::optional<std::uint64_t> numbered(std::string_view text, char prefix, bool bare) {
  if (!text.empty() && text[0] == prefix) {
    text.remove_prefix(1);
  } else if (!bare) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_prefix_of(std::string_view text, const store::Hash& hash) {
  return text.size() >= kShortestPrefix && hex(hash).starts_with(text);
}

Error unknown_run(std::string_view text, const std::vector<store::Run>& runs) {
  std::string hint = "there are no runs yet: 'hindsight record -- PROGRAM' makes one";
  if (!runs.empty()) {
    hint = runs.size() == 1 ? fmt::format("the only run is {}", to_text(runs.back().id))
                            : fmt::format("'hindsight runs' lists all: {} to {}", to_text(runs.front().id),
                                          to_text(runs.back().id));
  }
  return Error(ErrorKind::kNotFound, fmt::format("no run '{}'", text), hint);
}

}  // namespace

Result<store::Version> find_version(std::string_view text, const std::vector<store::Version>& versions) {
  const auto number = numbered(text, 'v', false);
  std::vector<const store::Version*> hits;
  for (const store::Version& version : versions) {
    if (number ? version.number == *number : is_prefix_of(text, version.id.hash)) hits.push_back(&version);
  }
  if (hits.size() == 1) return *hits[0];
  if (hits.size() > 1) {
    return Error(ErrorKind::kInvalid, fmt::format("'{}' is the beginning of {} versions", text, hits.size()),
                 "give more digits");
  }
  return Error(ErrorKind::kNotFound, fmt::format("no version '{}'", text),
               versions.empty()       ? "nothing has been recorded yet"
               : versions.size() == 1 ? "the only version is " + version_text(versions.back().number)
                                      : fmt::format("'hindsight runs' shows versions v1 to {}", version_text(versions.back().number)));
}

Result<std::vector<store::Run>> find_runs(std::string_view text, const std::vector<store::Run>& runs,
                                          const std::vector<store::Version>& versions) {
  std::vector<store::Run> hits;
  if (const auto number = numbered(text, 'r', true)) {
    for (const store::Run& run : runs) {
      if (run.id.number == *number) hits.push_back(run);
    }
  }
  if (!hits.empty()) return hits;
  for (const store::Run& run : runs) {
    if (is_prefix_of(text, run.uid)) hits.push_back(run);
  }
  if (hits.size() > 1) {
    return Error(ErrorKind::kInvalid, fmt::format("'{}' is the beginning of {} runs", text, hits.size()),
                 "give more digits, or the run's short id (r1)");
  }
  if (!hits.empty()) return hits;

  Result<store::Version> version = find_version(text, versions);
  if (!version) {
    const bool meant_version = text.starts_with('v') || version.error().kind() == ErrorKind::kInvalid;
    return meant_version ? std::move(version).error() : unknown_run(text, runs);
  }
  for (const store::Run& run : runs) {
    if (run.version == version->id) hits.push_back(run);
  }
  if (hits.empty()) {
    return Error(ErrorKind::kNotFound, fmt::format("version '{}' has no runs", text), "'hindsight runs' lists all runs");
  }
  return hits;
}

Result<std::vector<store::Run>> find_all_runs(const std::vector<std::string>& texts, const std::vector<store::Run>& runs,
                                              const std::vector<store::Version>& versions) {
  if (texts.empty()) return runs;
  std::set<store::RunId> wanted;
  for (const std::string& text : texts) {
    Result<std::vector<store::Run>> found = find_runs(text, runs, versions);
    if (!found) return std::move(found).error();
    for (const store::Run& run : *found) wanted.insert(run.id);
  }
  std::vector<store::Run> result;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(result),
               [&](const store::Run& run) { return wanted.contains(run.id); });
  return result;
}

Result<std::vector<store::Probe>> find_probes(std::string_view text, const std::vector<store::Probe>& probes) {
  std::vector<store::Probe> hits;
  std::vector<std::string> names;
  for (const store::Probe& probe : probes) {
    if (probe.name == text) hits.push_back(probe);
    names.push_back(probe.name);
  }
  if (!hits.empty()) return hits;
  for (const store::Probe& probe : probes) {
    if (is_prefix_of(text, probe.id.hash)) hits.push_back(probe);
  }
  if (hits.size() > 1) {
    return Error(ErrorKind::kInvalid, fmt::format("'{}' is the beginning of {} probes", text, hits.size()),
                 "give more digits");
  }
  if (!hits.empty()) return hits;
  return Error(ErrorKind::kNotFound, fmt::format("no probe '{}'", text),
               probes.empty() ? "there are no probes yet: 'hindsight log NAME=EXPR --after STMT' adds one"
                              : did_you_mean(text, names, "'hindsight probes' lists all"));
}

}  // namespace hindsight::tools

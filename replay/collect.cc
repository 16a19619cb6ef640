#include "replay/collect.h"

#include <algorithm>
#include <regex>
#include <set>
#include <system_error>

#include "replay/files.h"
#include "replay/json_text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

// What hindsight-cc wrote about the program's units, beside its report `file`.
struct FoundReport {
  std::string order;
  fs::path file;
  Json report;
};

Result<std::vector<FoundReport>> find_reports(const fs::path& folder) {
  std::vector<FoundReport> reports;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".json") continue;
    Result<std::string> text = read_file(at->path());
    if (!text) return std::move(text).error();
    Json report = parse_json(*text);
    if (!report.is_object()) return Error(ErrorKind::kCorrupt, "hindsight-cc wrote a report that cannot be read: " + at->path().string());
    const std::string cwd = text_of(report, "cwd");
    // What CMake compiles to find out about the compiler is no part of the program.
    static const std::regex probing("/CMakeFiles/(CMakeScratch|CMakeTmp|[0-9.]+/CompilerId)");
    if (std::regex_search(cwd + "/", probing)) continue;
    std::string order = cwd + '\0' + text_of(report, "output") + '\0' + text_of(report, "unit");
    reports.push_back({std::move(order), at->path(), std::move(report)});
  }
  if (error) return system_error("list " + folder.string(), error.value());
  std::sort(reports.begin(), reports.end(), [](const FoundReport& a, const FoundReport& b) { return a.order < b.order; });
  return reports;
}

}  // namespace

Result<std::string> collect_reports(const fs::path& folder) {
  Result<std::vector<FoundReport>> reports = find_reports(folder);
  if (!reports) return std::move(reports).error();
  Json all = Json::array();
  for (FoundReport& each : *reports) all.push_back(std::move(each.report));
  return dump_json(all);
}

Result<std::string> collect_outlines(const fs::path& folder) {
  Result<std::vector<FoundReport>> reports = find_reports(folder);
  if (!reports) return std::move(reports).error();
  std::string all;
  for (const FoundReport& each : *reports) {
    const Result<std::string> outline = read_file(fs::path(each.file).replace_extension(".outline"));
    if (outline) all += (all.empty() ? "" : ",") + *outline;  // a unit that could not be parsed has none
  }
  return "[" + all + "]";
}

std::optional<std::string> merged_reports(const std::string& recorded, const std::string& built, const std::vector<std::string>& files) {
  Json all = parse_json(recorded);
  std::set<std::string> seen;
  for (const Json& unit : parse_json(built)) {
    const auto is_it = [&](const Json& each) { return text_of(each, "unit") == text_of(unit, "unit") && text_of(each, "cwd") == text_of(unit, "cwd") && text_of(each, "output") == text_of(unit, "output"); };
    const auto known = std::find_if(all.begin(), all.end(), is_it);
    if (known == all.end()) return std::nullopt;
    *known = unit;
    seen.insert(text_of(unit, "unit"));
  }
  if (!std::all_of(files.begin(), files.end(), [&](const std::string& file) { return seen.contains(file); })) return std::nullopt;
  return dump_json(all);
}

}  // namespace hindsight::replay

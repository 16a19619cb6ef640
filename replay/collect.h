// What hindsight-cc wrote down about the units of a build, each in files of its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "store/base/result.h"

namespace hindsight::replay {

// All reports in a folder as a JSON array, in a stable order.
Result<std::string> collect_reports(const std::filesystem::path& folder);
// The outlines beside them, likewise.
Result<std::string> collect_outlines(const std::filesystem::path& folder);

// `recorded`, an array of reports, with the reports on the units that `built` has in their place. Nothing: one of them was not there before,
// or one of `files` has no new report.
std::optional<std::string> merged_reports(const std::string& recorded, const std::string& built, const std::vector<std::string>& files);

}  // namespace hindsight::replay

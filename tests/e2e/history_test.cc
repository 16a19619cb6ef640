// One program through twelve versions: renamed, reformatted, extracted, migrated, wrapped into a class, made a template. What is asked of the newest
// is answered in all of them, exactly.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/e2e/scratch_project.h"

namespace hindsight::e2e {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What each epoch printed as its loss.
std::vector<double> losses_in(const std::string& out) {
  std::vector<double> losses;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find(" loss "); at != std::string::npos) losses.push_back(std::strtod(line.c_str() + at + 6, nullptr));
  }
  return losses;
}

TEST(History, AProbeOfTheNewestVersionHasExactValuesInEveryVersion) {
  constexpr int kVersions = 12;
  const ScratchProject project = ScratchProject::of_unmodified("../history/v01", "history", "-std=c++17 -O2");
  std::vector<std::vector<double>> truth;
  for (int v = 1; v <= kVersions; ++v) {
    const std::string name = std::string(v < 10 ? "v0" : "v") + std::to_string(v) + ".cc";
    project.write("train.cc", text_of(fs::path(HINDSIGHT_SOURCES) / "tests/programs/history" / name));
    const Call recorded = project.run({"hindsight", "record", "--", "./train"});
    ASSERT_EQ(recorded.code, 0) << recorded.story();
    truth.push_back(losses_in(recorded.out));
    ASSERT_GE(truth.back().size(), 6u) << recorded.story();
  }
  const Call added = project.hindsight("log", {"seen=loss_", "--after", "loss_ /= samples.size();"});
  ASSERT_EQ(added.code, 0) << added.story();
  const Call replayed = project.hindsight("replay", {"seen"});
  const std::vector<nlohmann::json> placements = replayed.of_type("placement");
  ASSERT_EQ(placements.size(), static_cast<std::size_t>(kVersions)) << replayed.story();
  for (int v = 1; v <= kVersions; ++v) {
    const std::string run = "r" + std::to_string(v);
    SCOPED_TRACE("v" + std::to_string(v));
    const nlohmann::json& placement = placements[static_cast<std::size_t>(v) - 1];
    ASSERT_TRUE(placement.at("refused").is_null()) << placement.dump();
    if (v < kVersions) {
      EXPECT_EQ(placement.at("from_version"), kVersions) << placement.dump();
    }
    const Answer answer = project.values("seen", run);
    std::vector<double> values;
    for (const nlohmann::json& each : answer.records) values.push_back(each.at("value").get<double>());
    EXPECT_EQ(values, truth[static_cast<std::size_t>(v) - 1]) << placement.dump();
    EXPECT_EQ(answer.statuses, (std::map<std::string, int>{{"exact", static_cast<int>(values.size())}})) << replayed.story();
  }
}

}  // namespace
}  // namespace hindsight::e2e

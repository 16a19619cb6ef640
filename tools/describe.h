// Stored things as JSON objects: the lines that tools/CLI.md lists. Pure.
#pragma once

#include "replay/replay.h"
#include "store/types.h"
#include "tools/json.h"

namespace hindsight::tools {

json::Object run_json(const store::Run& run, std::uint64_t version);
// With environment, host and inputs.
json::Object full_run_json(const store::Run& run, std::uint64_t version);
json::Object version_json(const store::Version& version);
json::Object loop_json(store::RunId run, const store::LoopInstance& loop);
json::Object series_json(store::RunId run, const store::SeriesKey& key, std::uint64_t values);
json::Object checkpoint_json(store::RunId run, const store::Checkpoint& checkpoint);
json::Object probe_json(const store::Probe& probe);
json::Object replay_json(const store::Replay& replay);

json::Object placement_json(store::RunId run, std::uint64_t version, const std::string& name,
                            const replay::ProbePlacement& placement);
json::Object plan_json(store::RunId run, std::uint64_t version, const replay::Plan& plan, bool explain);
json::Object answer_json(const replay::RunAnswer& answer, std::uint64_t version);

}  // namespace hindsight::tools

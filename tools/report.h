// What replay says of its answers. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "replay/replay.h"
#include "tools/json.h"

namespace hindsight::tools {

struct ReportStyle {
  bool dry_run = false;
  bool verbose = false;
  std::vector<std::string> plan;  // its lines (replay/explain.h), problems included; empty: the plan is not shown
};

// Where probes go in a version, two lines or more for each; without `all` only refusals.
std::string placements_text(const std::vector<replay::ProbePlacement>& placements, const std::map<store::ProbeId, std::string>& names, bool all);

// One run's answer: placements and refusals, the plan (dry run, explain), counts, the first difference.
std::string answer_text(const replay::RunAnswer& answer, std::uint64_t version,
                        const std::map<store::ProbeId, std::string>& names, const ReportStyle& style);

// Has no probe a place in this version?
bool is_all_refused(const replay::RunAnswer& answer);
// Did the user stop it?
bool was_interrupted(const replay::RunAnswer& answer);

// Sums over all runs.
struct Tally {
  std::uint64_t runs = 0, exact = 0, close = 0, unverified = 0, diverged = 0, errors = 0;
  std::uint64_t refused = 0;     // probes in versions, or whole runs
  std::uint64_t unanswered = 0;  // parts of the question that got no answer
  std::uint64_t segments = 0;
  double cpu_seconds = 0, build_cpu_seconds = 0, full_run_seconds = 0;
  void add(const replay::RunAnswer& answer);
};

// Exit code 3?
bool is_bad(const Tally& tally);
std::string total_text(const Tally& tally);
json::Object summary_json(const Tally& tally, bool dry_run);

}  // namespace hindsight::tools

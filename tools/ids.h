// What users call things, looked up: r3, v2, p1, names, beginnings of hashes. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::tools {

// The runs that `text` names: `r3` or `3`, `v2` or the beginning of a version's hash (all runs of that version), or the
// beginning of a run's uid. At least 4 digits of a hash. kNotFound has a hint; kInvalid where a beginning fits several.
Result<std::vector<store::Run>> find_runs(std::string_view text, const std::vector<store::Run>& runs,
                                          const std::vector<store::Version>& versions);

// As find_runs, for several texts: each run once, by id. No text: all runs.
Result<std::vector<store::Run>> find_all_runs(const std::vector<std::string>& texts, const std::vector<store::Run>& runs,
                                              const std::vector<store::Version>& versions);

// `v2`, or the beginning of its hash.
Result<store::Version> find_version(std::string_view text, const std::vector<store::Version>& versions);

// The probes of that name (several may share one), or the one whose id begins so.
Result<std::vector<store::Probe>> find_probes(std::string_view text, const std::vector<store::Probe>& probes);

}  // namespace hindsight::tools

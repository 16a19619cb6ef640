// Which probes are asked of which runs.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace hindsight::tools {

// Runs that are asked for the same probes.
struct Ask {
  std::vector<store::RunId> runs;      // by id
  std::vector<store::Probe> probes;
  std::vector<std::string> left_out;   // what is not asked of these runs and why, one sentence each
  bool left_out_bad = false;           // something was left out that leaves a question without an answer
};

// `texts`: names or ids of probes; none: all of `known`. kNotFound has "did you mean".
Result<std::vector<store::Probe>> choose_probes(const std::vector<std::string>& texts, const std::vector<store::Probe>& known);

// A run whose program logs a probe's name itself is not asked for that probe: the name would mean two things. A run that is
// still being recorded is not asked at all.
Result<std::vector<Ask>> make_asks(const store::Store& store, const std::vector<store::Run>& runs,
                                   const std::vector<store::Probe>& probes);

}  // namespace hindsight::tools

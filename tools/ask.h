// Which probes are asked of which runs.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"

namespace hindsight::tools {

// What a run is asked for.
struct Ask {
  store::Run run;
  std::vector<store::Probe> probes;    // may be none
  std::vector<std::string> left_out;   // what it is not asked for and why, one sentence each
};
struct Asks {
  std::vector<Ask> of_runs;            // by run
  std::vector<std::string> unasked;    // questions that no run is asked, one sentence each: they stay without an answer
};

// `texts`: names or ids of probes; none: all of `known`. kNotFound has "did you mean".
Result<std::vector<store::Probe>> choose_probes(const std::vector<std::string>& texts, const std::vector<store::Probe>& known);

// A run whose program logs a probe's name itself is not asked for that probe: the name would mean two things. A run that is
// still being recorded is not asked at all.
Result<Asks> make_asks(const store::Store& store, const std::vector<store::Run>& runs,
                       const std::vector<store::Probe>& probes);

}  // namespace hindsight::tools

// Where probes go in a version: hindsight-cc's dry mode over the recorded compile calls. Compiles nothing.
#pragma once

#include <string>
#include <vector>

#include "replay/builder.h"
#include "replay/plan.h"
#include "replay/replay.h"
#include "replay/reports.h"

namespace hindsight::replay {

struct Placing {
  std::vector<ProbePlacement> placements;  // one per probe, in order; of a pattern one per place, at least one
  std::vector<Placement> places;           // of those that were placed, for the planner
  std::vector<Reports::Unit> probed;       // as they are with the probes in place
  HeaderProbes in_headers;                 // of those that are in headers
  double cpu_seconds = 0;                  // of hindsight-cc; 0: the answer was there already
};

// `recorded` is the version's build without probes. Answers are kept: the same probes in the same build parse nothing.
// Probes go where their own text says, but for those that `counterparts` has.
Result<Placing> place_probes(const Workspace& workspace, const Build& recorded, const Environment& environment,
                             const std::vector<store::Probe>& probes, const Counterparts& counterparts, unsigned workers, Progress& progress);

// Sets what lets the compiler compute otherwise than the source says in the units of each placement.
Result<void> note_arithmetic(const Build& recorded, Placing& placing);

// Reads the placements out of unit reports (JSON).
Result<Placing> read_placing(const std::string& reports, const std::vector<store::Probe>& probes);

}  // namespace hindsight::replay

// Where probes go in a version: hindsight-cc's dry mode over the recorded compile calls. Compiles nothing.
#pragma once

#include <string>
#include <vector>

#include "replay/builder.h"
#include "replay/plan.h"
#include "replay/replay.h"

namespace hindsight::replay {

// A variable that the program writes before it reads it, so that the loop's state leaves it out, and that a probe reads before.
struct Revived {
  std::string loop;
  std::string variable;
  friend bool operator==(const Revived&, const Revived&) = default;
};

struct Placing {
  std::vector<ProbePlacement> placements;  // one per probe, in order
  std::vector<Placement> places;           // of those that were placed, for the planner
  std::vector<Revived> revived;            // what the probes read of what loops leave out of their state
  double cpu_seconds = 0;                  // of hindsight-cc; 0: the answer was there already
};

// `recorded` is the version's build without probes. Answers are kept: the same probes in the same build parse nothing.
Result<Placing> place_probes(const Workspace& workspace, const Build& recorded, const Environment& environment,
                             const std::vector<store::Probe>& probes, unsigned workers, Progress& progress);

// Reads the placements out of unit reports (JSON).
Result<Placing> read_placing(const std::string& reports, const std::vector<store::Probe>& probes);

}  // namespace hindsight::replay

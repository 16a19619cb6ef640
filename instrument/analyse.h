// One unit: parse, report, place probes, check that the result still compiles.
#pragma once

#include <string>
#include <vector>

#include "instrument/model.h"
#include "instrument/outline.h"
#include "instrument/parse.h"
#include "instrument/probe.h"

namespace hindsight::instrument {

struct UnitRequest {
  ParseInput input;
  std::string text;         // of the main file, as it is on disk or in the overlay
  std::string include_dir;  // holds hindsight/probe.h; empty: where the unit's own flags lead
  std::vector<Probe> probes;
};

struct UnitAnalysis {
  // unit, parsed, problem, loops, functions and probes are set; the call itself is the caller's.
  UnitReport report;
  std::vector<Insertion> insertions;  // into the text; empty: nothing was placed
  std::string outline;                // as JSON, of a unit without probes
  // The text to compile, with the include of hindsight/probe.h and #line directives; empty if nothing was placed.
  std::string edited;
};
UnitAnalysis analyse(const UnitRequest& request);

// What a unit offers to place probes in; nothing of it if the unit does not parse (`problem`).
struct UnitStatements {
  PlacingUnit unit;  // `text` is left empty
  Outline outline;
  std::string problem;
};
UnitStatements read_statements(const ParseInput& input);

}  // namespace hindsight::instrument

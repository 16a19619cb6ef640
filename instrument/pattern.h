// Probes that go to many places: behind every call of a function, every assignment to a variable, at the end of every iteration of a loop. Pure.
#pragma once

#include <string>
#include <vector>

#include "instrument/probe.h"

namespace hindsight::instrument {

struct PatternPlace {
  const Statement* statement = nullptr;  // of the unit; the probe goes behind it
  std::string refusal;                   // why it does not; empty: it does
};
bool is_pattern(const Probe& probe);
// Where the text says what the probe's form looks for (`statement`: a call with or without arguments, a variable, the name of a loop), whatever the names mean there.
// In the order in which the statements end; empty: nowhere in this unit.
std::vector<PatternPlace> places_of_pattern(const Probe& probe, const PlacingUnit& unit);

}  // namespace hindsight::instrument

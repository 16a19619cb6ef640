// New log statements: which whole `hindsight::log` statements does a unit have that it did not have. Pure.
#pragma once

#include "instrument/probe.h"
#include "instrument/report.h"

namespace hindsight::instrument {

// Token-equal statements of the same function are the same, as often as they occur. Probes have no id.
EditAnswer find_edits(const PlacingUnit& old_unit, const PlacingUnit& new_unit);

}  // namespace hindsight::instrument

// New log statements: which whole `hindsight::log` statements does a unit have that it did not have. Pure.
#pragma once

#include "instrument/outline.h"
#include "instrument/probe.h"
#include "instrument/report.h"

namespace hindsight::instrument {

struct EditedUnit {
  const PlacingUnit& unit;
  const Outline& outline;
};
// Token-equal statements of the same function are the same, as often as they occur. Probes have no id. Where today's text no longer has the statements or loops around one as
// they were, it is put in terms of the old text, if it is sure what that calls them.
EditAnswer find_edits(const EditedUnit& before, const EditedUnit& now);

}  // namespace hindsight::instrument

// Do the loops that --where names exist?
#pragma once

#include <vector>

#include "replay/plan.h"
#include "store/store.h"

namespace hindsight::tools {

// kNotFound, with "did you mean", for a loop that no run has: neither one with state nor around any value.
Result<void> check_loops(const store::Store& store, const std::vector<store::Run>& runs, const replay::Where& where);

}  // namespace hindsight::tools

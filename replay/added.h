// What changed while a run was recorded although the analysis calls it unchanged: the client has added it to the state of its loop from there on
// (client/watch.h). States from before that are not complete.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "replay/plan.h"

namespace hindsight::replay {

// Loop and variable, as the run's notes say.
std::vector<std::pair<std::string, std::string>> added_to_states(const store::Run& run);

// Takes from `recorded` the bytes of the states that lack what was added to a loop they lie in: they are compared, and nothing enters or skips by
// them. Where no state of a loop has it, the gate says that it is missing.
void leave_incomplete_states(const std::vector<std::pair<std::string, std::string>>& added, Recorded& recorded, Gate& gate);

}  // namespace hindsight::replay

// The sentences of a run's notes: said once, counted when they come again. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/types.h"

namespace hindsight::host {

// Adds a sentence, or counts it: "text (3 times)".
void add_note(std::vector<std::string>& notes, std::string_view text);

// Adds that the state at `point` was not captured, or counts it with those of the same reason:
// "12 states were not captured, the first at head of epoch=3: pool full".
void add_skipped(std::vector<std::string>& notes, const store::Point& point, std::string_view reason);

}  // namespace hindsight::host

// A plan in words, for --dry-run and --explain. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "replay/plan.h"

namespace hindsight::replay {

// One line per segment, then one that says what it all takes; `reasons` adds why (--explain). Problems come last.
std::vector<std::string> explain(const Plan& plan, const Recorded& recorded, bool reasons);

// Each name once.
std::vector<std::string> names_of(const std::set<Gate::Loop>& loops);

// "1.3 s", "25 min", "0.2 ms": for people.
std::string show_seconds(double seconds);

}  // namespace hindsight::replay

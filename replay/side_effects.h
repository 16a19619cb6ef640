// What a placed probe does besides giving its value, joined over all units. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "replay/linked.h"
#include "replay/reports.h"

namespace hindsight::replay {

struct SideEffects {
  std::string impure;        // why it may change the program's state; empty: no reason seen
  bool is_certain = false;   // it does: code that is known says so
  std::string volatile_why;  // what its value takes from outside the program; empty: nothing is seen
};

// `seen`: the place as its units see it (ProbeReport::seen), parts of the reports that are linked. What the probe calls in other units, directly or not, counts as
// its own: globals written, random numbers drawn, files written, calls through pointers. A function that no report has and that is
// no known library's may change anything.
SideEffects side_effects(const Linked& linked, const std::vector<std::pair<const Reports::Unit*, const Reports::Place*>>& seen);

}  // namespace hindsight::replay

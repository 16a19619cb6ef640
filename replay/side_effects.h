// What a placed probe does besides giving its value, joined over all units. Pure.
#pragma once

#include <string>

#include "replay/linked.h"
#include "replay/reports.h"

namespace hindsight::replay {

struct SideEffects {
  std::string impure;        // why it may change the program's state; empty: no reason seen
  std::string volatile_why;  // what its value takes from outside the program; empty: nothing is seen
};

// `place` is in `unit`, and that in the reports that are linked. What the probe calls in other units, directly or not, counts as
// its own: globals written, random numbers drawn, files written, calls through pointers. A function that no report has and that is
// no known library's may change anything.
SideEffects side_effects(const Linked& linked, const Reports::Unit& unit, const Reports::Place& place);

}  // namespace hindsight::replay

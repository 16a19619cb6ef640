// What the units' reports say of loops, joined over all units of a version. Pure.
//
//   Gate gate = make_gate(*parse_reports(version.unit_reports));
#pragma once

#include <string>
#include <vector>

#include "replay/plan.h"
#include "replay/reports.h"

namespace hindsight::replay {

// For every loop what its state leaves out:
// - its `missing`, where the functions that this depends on do modify what they are given;
// - every global that functions of other units write which its body calls, directly or not, unless the loop's state, or that of
//   a loop around it in its function, has it by its qualified name ('::counter'; a bare name could be a local variable's), or it
//   is registered;
// - "(files)", where the body writes files, and the body or what may run after it reads some;
// - where a unit could not be parsed, what that unit may modify, if the body calls something which no report knows.
Gate make_gate(const Reports& reports);
// Adds to the gate what the state of a loop leaves out since the program writes it before it reads it (`dead`, as it was when the run was recorded), and
// what one of the probes reads before that. `probed`: the units that have probes, with the probes in place.
void add_what_probes_read(const Reports& recorded, const std::vector<Reports::Unit>& probed, Gate& gate);
// Where the gate had to trust the analysis: loops whose bodies call through pointers, one sentence each.
std::vector<std::string> gate_notes(const Reports& reports);

}  // namespace hindsight::replay

// What the parts of a replay take, estimated from recorded times. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "replay/course.h"
#include "store/types.h"

namespace hindsight::replay {

struct Costs {
  double start = 0;           // seconds until a worker's own code runs
  std::vector<double> slots;  // seconds to run each slot of the course, nested loops skipped where they can be
  double full_run = 0;        // seconds that the training took
  bool free_jumps = false;    // restoring a state counts as nothing: it is what is asked for
};

// `skip_nested`: the loops whose time does not count where their exit is kept.
Costs make_costs(const Course& course, const std::set<Gate::Loop>& skip_nested);

// Seconds to restore a state.
double restore_seconds(const store::Checkpoint& checkpoint);

}  // namespace hindsight::replay

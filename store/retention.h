// Which states of a recording can be given up so that it can still be replayed, only more slowly. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "store/types.h"

namespace hindsight::store {

// kSpaced: of every main loop the first head stays, the last, and those at twice the distance from the last each time (1, 2, 4, 8 ... heads), and its end.
// kEnds: only the first head and the end. In both the states of nested loops go: they save running what can be run again.
enum class Thinning { kSpaced, kEnds };

// The numbers of the checkpoints whose bytes can go, in order. `loops`: all loops with state of the run.
std::vector<std::uint64_t> find_thinned(const std::vector<Checkpoint>& checkpoints, const std::vector<LoopInstance>& loops, Thinning how);

}  // namespace hindsight::store

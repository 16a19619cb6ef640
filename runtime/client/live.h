// The variables that hindsight::Live objects speak for (include/hindsight/live.h): a stack of them per thread, and the statics of the process.
//
// An entry is kept here, not in the Live object: a scope that was left by longjmp is still in the list, but no longer in memory. One is believed only
// if it lies above the frame that asks, in this thread's own stack, and holds the mark that it was given. Frames on other stacks (fibers, coroutines)
// are not known. An automatic variable has an automatic Live, a static one a static Live; thread_local ones are not known.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client {

struct Variable {
  const char* name;
  const void* object;
  const hindsight_live_type* type;
};

// Those that are there now, innermost first: this thread's, then the statics. Fills up to `room` of them; returns how many there are.
uint32_t live_variables(Variable* variables, uint32_t room);

}  // namespace hindsight::client

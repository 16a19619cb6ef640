// The variables that hindsight::Live objects speak for (include/hindsight/live.h): a stack of them per thread, and the statics of the process.
//
// An entry is kept here, not in the Live object: a scope that was left by longjmp is still in the list, but no longer in memory. One is believed only
// if it lies above the frame that asks, in this thread's own stack, and holds the mark that it was given. After a longjmp that can be wrong where a
// later frame covers the old one and has not written there, while no function further out has entered a scope or passed a loop's head.
//
// An automatic variable has an automatic Live, a static one a static Live. Others are not known: thread_local ones, and what is on stacks that are
// not the thread's own (fibers, coroutines).
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

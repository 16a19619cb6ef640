// Positions are written to the journal when something needs them.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client {

inline constexpr uint64_t kNoPosition = ~uint64_t{0};  // it could not be written

// REQUIRES: the journal's lock. The id of the iteration that the loop is in.
uint64_t position_of(Frame& frame);

}  // namespace hindsight::client

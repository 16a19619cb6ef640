// State that belongs to no variable: the C library's random generators, the floating-point environment, and how much was drawn.
#pragma once

#include "runtime/client/archive.h"

namespace hindsight::client {

// REQUIRES: no other thread runs yet.
void open_ambient();
// Visits the client's own ambient state, then what adapters have registered.
void visit_ambient(hindsight_archive& archive);

}  // namespace hindsight::client

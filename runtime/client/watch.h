// What a loop only reads from outside: digested at its first head, which replay compares before it jumps, and now and then while
// recording, to find out whether the analysis that calls it unchanged is right.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client {

// At a head of the frame's loop. The first one appends a kDigest record; later ones, in a recording, a note where something changed.
void watch_head(Frame& frame, ThreadState& thread, const wire::PointFields& point);
// When the frame goes away.
void end_watch(Frame& frame);

}  // namespace hindsight::client

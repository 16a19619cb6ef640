// What a loop only reads from outside: digested at its first head, which replay compares before it jumps, and now and then while recording, to
// find out whether the analysis that calls it unchanged is right. What changed is said by name, and is state from there on.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client {

// At a head of the frame's loop. The first one of a main loop appends a kDigest record; later ones look for changes in a recording.
void watch_head(Frame& frame, ThreadState& thread, const wire::PointFields& point);
// At its exit, as long as what it reads is there.
void watch_exit(Frame& frame, ThreadState& thread);
// When the frame goes away.
void end_watch(Frame& frame);
// Around the restoring of a state: what the main loops that the thread is in only read. The name of one that is not as it was before; null: there is none.
void look_before_restoring(const ThreadState& thread);
const char* changed_by_restoring(const ThreadState& thread);

// The `i`th root that is watched, if it has changed in a loop of this place while this run was recorded: it is state then. Null: it has not.
const hindsight_root* added_root(const Frame& frame, uint32_t i);
uint32_t watched_roots(const Frame& frame);

}  // namespace hindsight::client

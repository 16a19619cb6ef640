// Captures a state into the pool, and restores one from it.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client {

struct Reach;

// The state at a point: ambient state, what is registered, and the roots of all loops with state that this thread is in.
// Appends a kCapture record; or, where that cannot be, a kSkipped and a kDigest record. False: it was skipped. `spare`: nobody asked for
// this one, so that a full pool is not worth a kSkipped record.
bool capture(ThreadState& thread, const wire::PointFields& point, wire::Purpose purpose, bool leave_one, bool spare = false);

// What that state consists of, in memory.
void visit_state(const ThreadState& thread, Reach& reach);

// Appends the small digest of that state as a kDigest record.
void note_digest(ThreadState& thread, const wire::PointFields& point);

// Replaces the state by the one in `slot`, and appends a kJump record. Ends the process if that does not fit the program:
// the layout of all of it is compared before the first byte is changed.
void restore(ThreadState& thread, const wire::PointFields& point, uint64_t from_ordinal, uint32_t slot, uint64_t bytes);

// Appends a kJump record that says why it could not be made, and ends the process.
[[noreturn]] void fail_jump(const wire::PointFields& point, uint64_t from_ordinal, uint64_t bytes, const char* reason);

}  // namespace hindsight::client

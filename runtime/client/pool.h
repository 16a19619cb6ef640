// The memory that states travel in (wire.h: the pool).
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client::pool {

// False: the memory cannot be mapped.
bool open();

struct Room {
  uint32_t slot;
  char* bytes;        // null: there is none
  uint64_t capacity;
};

// Takes a slot of at least `bytes`, allocated and mapped. `leave_one`: only if another one remains to be had.
Room take(uint64_t bytes, bool leave_one);
// Hands a taken slot to the host, or gives it up.
void hand_over(uint32_t slot);
void give_up(uint32_t slot);

// Whether the system has refused memory for a slot, although the limit allowed it.
bool lacks_memory();

// Whether so much waits to be stored that the host had better be told.
bool is_filling();

// What the host needs to store a state, in nanoseconds of CPU time, as last measured; 0: it has not stored one yet.
int64_t host_cost();

// A slot that the host has filled; null if it is none. Given back with give_up.
const char* answer(uint32_t slot, uint64_t bytes);

}  // namespace hindsight::client::pool

// Numbers for the places of a program and for the names of its loops.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client::sites {

inline constexpr uint32_t kNoName = 0xffffffffu;

struct Site {
  uint32_t number;  // from 1
  uint32_t name;    // interned: equal names have equal numbers
};

// REQUIRES: the journal's lock. The number of a place, by the content of its name, its file and its line; a new one is written to the
// journal first. Number 0: there is no room for it; its name is known nevertheless, but kNoName where there is no memory.
Site number(const hindsight_site& site);
// REQUIRES: the journal's lock.
const char* loop_name(uint32_t interned);

}  // namespace hindsight::client::sites

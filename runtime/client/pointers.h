// Raw pointers in a state: which places a pass visits, which blocks pointers own, and what each pointer is stored as.
//
// The pointer P becomes `*P.to`, four numbers: what it points to (null, a place, a block, text, a constant, a function, a variable that lives), which
// one, its dynamic type, and the offset in bytes; never an address. Where it is the first to reach a block of the heap, `*P.block` (bytes, kind,
// alignment, elements) and the elements at `*P.value` follow, or at `heap#N` where P is long; where it is the first to reach a variable that lives,
// `*P.scope` (bytes, type, bytes of an element, number among those of the name), `*P.name`, and the variable at `*P.value`. All of this comes after
// everything that is reached without pointers.
#pragma once

#include "runtime/client/archive.h"

namespace hindsight::client {

void begin_pointers(hindsight_archive& archive);
void finish_pointers(hindsight_archive& archive);
// How many pointers the pass has met.
uint32_t pointers_met(const hindsight_archive& archive);
// What lies at [address, address + bytes) is visited now. Ignored within a place that is known, and for what is gone when the pass ends.
void note_place(hindsight_archive& archive, const void* address, uint64_t bytes, bool is_array);

}  // namespace hindsight::client

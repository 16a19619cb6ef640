// Frees what is no longer wanted: the bytes of checkpoints, whole runs, and chunks that nothing refers to.
#pragma once

#include "store/lmdb.h"
#include "store/store.h"
#include "store/view.h"

namespace hindsight::store {

// Puts all of it into `writer`, to be committed as one. A chunk that stays and is a difference from one that goes is stored anew, whole. kInvalid: a run
// or checkpoint that is not there, or a run that is being recorded. `view`: what is there now; ended before anything is written.
// `only_look`: nothing is put; what is stored anew is then taken to need as much as its bytes.
Result<Collected> collect(Transaction view, Writer& writer, const Unwanted& unwanted, bool only_look);

}  // namespace hindsight::store

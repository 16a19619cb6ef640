// Puts what a training process reports into a store: the Listener of `hindsight record`.
#pragma once

#include <memory>

#include "runtime/host/host.h"
#include "store/store.h"

namespace hindsight::host {

// Everything about a run that is known before it starts (version, group, every, arguments, inputs, environment,
// host...). The recorder fills in the rest; begin_run commits it as kRecording.
Result<Session> begin_run(store::Store& store, store::Run run, const Attached& attached);

// Sets how the runs of `group` ended, once the program's exit is known.
Result<void> end_runs(store::Store& store, std::uint64_t group, const ProcessExit& exit);

// Takes journals left behind by killed recordings into the store, and marks their runs crashed; called by every command
// that opens a store for writing. Journals of recordings still going on are left alone. Returns how many were taken in.
Result<std::size_t> recover_journals(store::Store& store);

}  // namespace hindsight::host

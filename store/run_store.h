// Runs, how much belongs to each, and their loops.
#pragma once

#include <span>
#include <vector>

#include "store/view.h"

namespace hindsight::store {

Result<Counts> read_counts(const Reader& reader);
Result<void> put_counts(Writer& writer, const Counts& counts);

Result<RunId> put_run(Writer& writer, Run run);
// kNotFound: there is no such run.
Result<Run> read_run(const Reader& reader, RunId id);
Result<std::vector<Run>> read_runs(const Reader& reader);

// kNotFound: there is no such run.
Result<RunCounts> read_run_counts(const Reader& reader, RunId id);
Result<void> put_run_counts(Writer& writer, RunId id, const RunCounts& counts);

Result<void> put_loops(Writer& writer, RunId run, std::span<const LoopInstance> instances);
Result<std::vector<LoopInstance>> read_loops(const Transaction& transaction, RunId run);

}  // namespace hindsight::store

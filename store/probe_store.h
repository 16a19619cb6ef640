// Probes, replays, and which stretches of runs are answered.
#pragma once

#include <vector>

#include "store/view.h"

namespace hindsight::store {

Result<void> put_probe(Writer& writer, const Probe& probe);
Result<void> remove_probe(Writer& writer, ProbeId id);
// All that were ever stored, by creation. kCorrupt (I5) if some are missing.
Result<std::vector<StoredProbe>> read_stored_probes(const Transaction& transaction);

Result<ReplayId> put_replay(Writer& writer, Replay replay);
Result<std::vector<Replay>> read_replays(const Reader& reader);

Result<void> put_coverage(Writer& writer, const Coverage& coverage);
Result<std::vector<Coverage>> read_coverage(const Reader& reader, RunId run, ProbeId probe);

}  // namespace hindsight::store

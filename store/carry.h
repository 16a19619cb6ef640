// Copies runs, and all that belongs to them, from one store into another.
#pragma once

#include <span>

#include "store/lmdb.h"
#include "store/store.h"
#include "store/view.h"

namespace hindsight::store {

// Whose store the runs come from. kForeign: versions are marked as foreign, and so are probes.
enum class Origin { kOurs, kForeign };

// Puts runs of `from` into `to`, to be committed as one. kCorrupt: something of the same hash is there, and is something else. kInvalid: a run that is
// not there or is being recorded.
Result<Carried> carry(const Transaction& from, Writer& to, std::span<const RunId> runs, Origin origin);

// Why what a version or run says of its files cannot be believed: a path that leads out of the project, by itself or through a link that is there too.
// `beside`: files that lie in the same folder, and were looked at before. nullopt: nothing is wrong.
std::optional<std::string> find_unsafe_path(const Tree& files, const Tree& beside);

}  // namespace hindsight::store

// The project that a command works in, and its store, opened with what a user should hear about them.
#pragma once

#include <map>
#include <vector>

#include "replay/project.h"
#include "store/store.h"
#include "tools/output.h"

namespace hindsight::tools {

struct Workplace {
  replay::Project project;
  store::Store store;
};

// The project around the current folder; kNotFound has the hint `hindsight init`.
Result<replay::Project> open_project();

enum class IfMissing { kFail, kCreate };
// For writing. Journals that killed recordings left behind are taken in first, and that is said.
Result<Workplace> open_to_write(Output& out, IfMissing if_missing = IfMissing::kFail);
// For reading. Journals left behind are taken in where the store can be written; where not, what they hold is not seen
// and that is said.
Result<Workplace> open_to_read(Output& out);

// The store's runs as they are: a run that the store calls recording, and that nobody records any more, has crashed.
enum class Deleted { kLeaveOut, kInclude };
Result<std::vector<store::Run>> read_runs(const store::Store& store, Deleted deleted = Deleted::kLeaveOut);

// The numbers of versions (v2) by id.
std::map<store::VersionId, std::uint64_t> version_numbers(const std::vector<store::Version>& versions);

// For -j: half of the processors, since trainings bring threads of their own.
unsigned default_workers();

}  // namespace hindsight::tools

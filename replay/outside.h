// What a program takes from outside itself, by the reports of its units (instrument/README.md): what a recording keeps of it, and
// what of it a replay cannot give back. Pure.
//
//   keep_environment(run, environment_use(reports), current_environment());
//   const std::string outside = outside_of(reports, run, draws, current_environment());   // as for judge()
#pragma once

#include <set>
#include <string>
#include <vector>

#include "replay/draws.h"
#include "replay/reports.h"
#include "replay/runner.h"
#include "store/types.h"

namespace hindsight::replay {

// What the program reads of its environment itself.
struct EnvironmentUse {
  std::set<std::string> names;
  bool whole = false;  // others, too, whose names are not known
};
EnvironmentUse environment_use(const Reports& reports);

// Does the name look like that of a secret, whose value is not to be stored?
bool is_secret(std::string_view name);

// Sets the run's environment: the values of the kept variables (builder.h) and of those that are used by name; secrets, and with
// `whole` all others, by salted hash only. `run.environment_salt` is set before.
void keep_environment(store::Run& run, const EnvironmentUse& use, const Environment& now);

// The environment that a worker gets, given ours: everything as recorded where that is known.
Environment worker_environment(const store::Run& run, const Environment& now);

// Something that the run's values may depend on and that neither is given back nor can be compared, as a phrase for "depends on
// ..."; empty: nothing is known. `now`: our environment, for what was kept as a hash.
std::string outside_of(const Reports& reports, const store::Run& run, const Draws& draws, const Environment& now);

// Names that the program logs with what depends on a clock.
std::vector<std::string> volatile_names(const Reports& reports);

}  // namespace hindsight::replay

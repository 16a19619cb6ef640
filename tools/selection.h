// What a command is asked about: the runs, and whether the loops that --where names exist.
#pragma once

#include <string>
#include <vector>

#include "replay/plan.h"
#include "store/store.h"

namespace hindsight::tools {

struct Selection {
  std::vector<store::Version> versions;  // all of the store
  std::vector<store::Run> all;
  std::vector<store::Run> runs;  // those asked for
};
// The runs that `texts` name, as find_all_runs().
Result<Selection> select_runs(const store::Store& store, const std::vector<std::string>& texts);

// kNotFound, with "did you mean", for a loop that no run has: neither one with state nor around any value.
Result<void> check_loops(const store::Store& store, const std::vector<store::Run>& runs, const replay::Where& where);

}  // namespace hindsight::tools

// What a recorded process drew from outside itself (wire::Draw): random numbers, clocks, its number. A replay gives it back. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "replay/reports.h"
#include "store/types.h"

namespace hindsight::replay {

struct Draws {
  std::vector<std::vector<std::uint64_t>> numbers;  // by wire::Draw, in order: host::HostOptions::draws
  std::string unseen;                               // why not all that is drawn is seen; empty: it is
  std::map<std::string, std::string> lost;          // of these sources not all that was drawn is known, and why

  // Of sources that are none of wire::Draw.
  static constexpr const char* kNotRecorded = "what it gives is not recorded";
  // Why not all that this source (as in Reports::Outside::what) gave is given back; empty: it is.
  std::string why_not(const std::string& source) const;
};

// `series`: those of the run with SeriesKey::is_draw. `shared_library`: one that the project's build makes, whose own calls are not seen; empty: none.
Draws draws_of(const store::Run& run, const std::vector<store::Series>& series, const std::string& shared_library);

// Of a replay that shares its machine with others: process numbers are its own, as who is told by the old one to stop could be anybody.
void leave_process_numbers(Draws& draws);

// Is it a source of random numbers, and no clock?
bool is_random(const std::string& source);

// Sources whose draws have to be the same again for a value to be exact: what is random, and the clocks that decide more than what is shown.
std::set<std::string> deciding_draws(const Draws& draws, const Reports& reports);

}  // namespace hindsight::replay

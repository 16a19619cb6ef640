// Which statement of one version of a program is which of another. Pure.
//
// Statements of like functions are aligned in order (Needleman and Wunsch, J. Mol. Biol. 48, 1970), by what they say and by what is around them; what
// is left is aligned across functions, where code was moved, extracted or put inside; which declaration is which follows by votes of the statements
// that name them, and the next round compares by that. What is not clear, or contradicted by another method (tree_match.h, and the same once more without
// any names), has no counterpart: a wrong one is worse than none.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "instrument/outline.h"

namespace hindsight::instrument {

// The counterpart of a statement, or why there is none.
struct Counterpart {
  std::optional<std::size_t> statement;  // of the other version
  double likeness = 0;                   // of the two, 0 to 1: what they say, names that were changed taken for the same
  double margin = 0;                     // by how much it is better than the next best
  bool is_sure = false;                  // found in more than one way, and very much alike
  std::string refused = {};              // empty: `statement` is set
  std::vector<std::size_t> candidates = {};  // of a refusal, best first
};

struct Alignment {
  std::vector<Counterpart> statements;              // of `from`, in order
  std::vector<std::optional<std::size_t>> symbols;  // what a symbol of `from` is in `to`
  std::set<std::size_t> sure_symbols;               // those of `from` whose counterpart all sure statements that name them agree on
};

Alignment align(const Outline& from, const Outline& to);

}  // namespace hindsight::instrument

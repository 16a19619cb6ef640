// Which statement of one version of a program is which of another. Pure.
//
// What did not change is found by its text. Of the rest there are several opinions: statements in order, with the names that they give each other
// (statement_match.h), the same without any names, and trees (tree_match.h). What is not clear, or contradicted by another opinion, has no
// counterpart: a wrong one is worse than none. What two opinions agree on, and is very much alike, is sure.
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

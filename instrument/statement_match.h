// The first opinion on which statement of one version is which of another (align.h). Pure.
//
// Statements of like functions are aligned in order (Needleman and Wunsch, J. Mol. Biol. 48, 1970), by what they say and by what is around them; what
// is left is aligned across functions, where code was moved, extracted or put inside; which declaration is which follows by votes of the statements
// that name them, and the next round compares by that.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "instrument/align.h"

namespace hindsight::instrument {

enum class Names { kFollowed, kIgnored };  // ignored: types stand in their place

inline bool is_head(Statement::Kind kind) { return kind == Statement::Kind::kLoop || kind == Statement::Kind::kChoice; }

// `same`: symbols that are known to be the same. `nameless`: what those of `from` are if no names are looked at; a name that is something else is doubted.
// Nothing of the answer is sure.
Alignment match_statements(const Outline& from, const Outline& to, Names names, const std::vector<std::pair<std::size_t, std::size_t>>& same, const std::vector<std::optional<std::size_t>>& nameless);

}  // namespace hindsight::instrument

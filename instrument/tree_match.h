// A second opinion on which statement of one version is which of another, by another method than align.h's. Pure.
//
// The versions are trees: functions, statements, what stands in brackets, tokens. GumTree with the simple recovery (Falleri and Martinez, Fine-grained,
// accurate and scalable source differencing, ICSE 2024): functions of one name, the largest subtrees that are the same, what holds many of them, and the
// children of those, as they are written, as they are built, and where only one is left of its kind; at last statements that are built like no other one.
// No name is ever taken for another one.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "instrument/outline.h"

namespace hindsight::instrument {

// Of each statement of `from`, the one of `to`.
std::vector<std::optional<std::size_t>> match_trees(const Outline& from, const Outline& to);

}  // namespace hindsight::instrument

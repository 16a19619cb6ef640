// Values side by side: equal bit for bit, close, or different; and how they are shown. Pure.
#pragma once

#include <optional>
#include <string>

#include "store/types.h"

namespace hindsight::replay {

struct Comparison {
  bool equal = false;
  std::optional<double> deviation;  // differs, but by no more than the tolerance: the largest absolute difference
};
// `tolerance` is for numbers of floating point, element by element; NaN is close to nothing but itself.
Comparison compare(const store::Value& recorded, const store::Value& replayed, std::optional<double> tolerance);

// "0.5", "[1, 2, 3, ...]", "'text'": short, floats in the digits that tell them apart.
std::string show(const store::Value& value);

}  // namespace hindsight::replay

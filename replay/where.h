// The text form of positions asked for: `epoch in 3..5 and step=7`.
#pragma once

#include <string_view>

#include "replay/plan.h"
#include "store/base/result.h"

namespace hindsight::replay {

// kInvalid names the place of the mistake and shows the form.
Result<Where> parse_where(std::string_view text);

// The number that a level is shown with and asked for by: its label, else its ordinal.
std::int64_t shown_label(const store::Level& level);

// Does `position` satisfy every clause? A clause on a loop that the position does not have is not satisfied.
bool matches(const Where& where, const store::Position& position);

}  // namespace hindsight::replay

// What makes a probe that one, and what its forms are called. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "store/types.h"

namespace hindsight::replay {

// The identity of a probe: the hash of expression and placement. The name is not part of it.
store::ProbeId probe_id(const store::Probe& probe);

// What a probe's form is called: after, before, at, edit, on_call, on_assign, each_loop.
std::string_view name_of(store::Probe::Form form);
std::optional<store::Probe::Form> form_of(std::string_view name);
// Does it go to every place that fits?
bool is_pattern(const store::Probe& probe);

}  // namespace hindsight::replay

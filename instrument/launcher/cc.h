// hindsight-cc: stands in the compiler's place (README.md).
#pragma once

#include <string>
#include <vector>

namespace hindsight::instrument {

// `arguments` as main() got them. Returns the exit status: that of the user's compiler.
int hindsight_cc(const std::vector<std::string>& arguments);

}  // namespace hindsight::instrument

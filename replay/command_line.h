// Which of the recipe's outputs a command runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "replay/project.h"
#include "replay/runner.h"

namespace hindsight::replay {

// The output that command[0] names, seen from `cwd` (it need not have been built by the user). kInvalid: it is none of
// them, with a hint that fits (a script, mpirun, a misspelled name).
Result<std::string> match_output(const Project& project, const std::filesystem::path& cwd,
                                 const std::vector<std::string>& command, const Environment& environment);

}  // namespace hindsight::replay

// Builds with probes that go on from the build without them, instead of from nothing.
#pragma once

#include <functional>

#include "replay/builder.h"
#include "replay/project.h"

namespace hindsight::replay {

// Runs the recipe's command in an area, and counts what it takes.
using RunCommand = std::function<Result<void>(const Area& area, const Environment& environment)>;

// Goes on from `request.recorded`: the probed files are newer, so that the tool that decides what is compiled compiles them, and nothing is configured
// again. Fills build.folder, and sets build.unit_reports. False: what the command runs may not work like that, the probes do not compile, or not all are
// in the program afterwards; it has to be run from nothing.
Result<bool> continue_build(const Workspace& workspace, Build& build, const BuildRequest& request, const Recipe& recipe, const RunCommand& run);

}  // namespace hindsight::replay

// --loop and --never, which record and instrument have.
#pragma once

#include <optional>

#include "replay/taken.h"

namespace CLI {
class App;
}

namespace hindsight::tools {

// `into` outlives the parsing.
void add_loop_options(CLI::App& app, replay::LoopRequest& into);

// What is wrong with them, before anything is done.
std::optional<Error> mistake_in(const replay::LoopRequest& loops);

}  // namespace hindsight::tools

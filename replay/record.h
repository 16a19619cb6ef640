// Recording: snapshot, instrumented build, run, store. What `hindsight record` does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/progress.h"
#include "replay/project.h"
#include "replay/taken.h"
#include "runtime/host/host.h"
#include "store/store.h"

namespace hindsight::replay {

struct RecordRequest {
  std::vector<std::string> command;            // as typed after --; empty: [run] command
  std::filesystem::path cwd;                   // the user's
  bool as_built = false;
  std::map<std::string, std::uint64_t> every;  // --every LOOP=N
  std::uint64_t overhead = 20'000;  // --overhead: what may be spent on the states of all other loops, in parts per million of the time
  std::map<std::string, std::string> arguments;  // --set NAME=VALUE
  LoopRequest loops = {};                      // --loop, --never, --no-insert; nothing is built of --as-built
};

struct RecordOutcome {
  host::ProcessExit exit;
  std::vector<store::Run> runs;                // as stored; empty: no process of ours attached, or exit.problems says why
  double build_seconds = 0;                    // CPU; 0: an earlier build was used
  std::optional<Error> refused = {};           // why the loops that were asked for cannot be had of this version: nothing ran
};

// kInvalid: the command is not one of the recipe's outputs and not --as-built; the build failed (first compiler error in
// the message; no run is stored). kNotFound: a wish names no loop.
Result<RecordOutcome> record(store::Store& store, const Project& project, const RecordRequest& request, Progress& progress);

}  // namespace hindsight::replay

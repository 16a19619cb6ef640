// A private view of some folders, at their own paths, in which a program can write without touching anything: overlays
// in a mount namespace of its own, everything else read-only, no network, other processes out of sight.
//
//   View view{.overlays = {{.at = project, .lower = {build, sources}, .upper = scratch / "up", .work = scratch / "wk"}}};
//   std::vector<std::string> argv = enter_call(places, view, {.program = ..., .argv = ..., .cwd = ...});
//
// hindsight-enter (enter_main.cc) sets up the mounts and hands over to bubblewrap.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "replay/places.h"
#include "store/base/result.h"

namespace hindsight::replay {

// At `at` lie the layers of `lower`, the first on top; what is written goes to `upper`. `upper` and `work` are empty folders
// of one file system, or those of an earlier view. No layer may lie inside another. An overlay inside an earlier one needs no folder
// to be there yet.
struct Overlay {
  std::filesystem::path at;
  std::vector<std::filesystem::path> lower;
  std::filesystem::path upper;
  std::filesystem::path work;
};
struct Bind {
  std::filesystem::path from;
  std::filesystem::path to;  // an existing path, or one below /tmp or /run, which are empty in the view
  bool writable = false;
};
struct View {
  std::vector<Overlay> overlays;  // in the order in which they are put over one another
  std::vector<Bind> binds;
};
struct Command {
  std::filesystem::path program;  // absolute, as seen in the view
  std::vector<std::string> argv;  // argv[0] as it is to be seen
  std::filesystem::path cwd;
};

// The call that runs `command` in `view`; its exit status is the command's (128 + signal if it was killed).
std::vector<std::string> enter_call(const Places& places, const View& view, const Command& command);

// Can views with uppers in `folder` be made? kUnsupported says why not. Tries it, once per folder and process.
Result<void> check_sandbox(const Places& places, const std::filesystem::path& folder);

// Paths among `texts` (whole, or parts between ':' ';' '=' and spaces) that exist but would be hidden in a view, since they
// lie below /tmp or /run: to be bound back read-only.
std::vector<std::filesystem::path> hidden_paths(const std::vector<std::string>& texts);

}  // namespace hindsight::replay

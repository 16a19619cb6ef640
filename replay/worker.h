// One worker: the rebuilt program on a private view of its folder, served by a host in this process.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "replay/builder.h"
#include "replay/workspace.h"
#include "runtime/host/host.h"
#include "store/types.h"

namespace hindsight::replay {

// What all workers of a run share: the files as they were, and what lies beside them now.
struct Scene {
  const store::Run* run = nullptr;
  std::filesystem::path old_root;            // the project's folder at the recording
  std::filesystem::path inputs;              // the run's inputs, materialised
  std::vector<std::string> excluded_folders; // shown as they are now
  const Build* build = nullptr;
  std::vector<std::pair<std::string, std::string>> added;  // as host::HostOptions has them
  std::vector<std::vector<std::uint64_t>> draws;  // as host::HostOptions has them
  bool names_shift = false, guard_probes = false;  // likewise
  std::uint64_t largest_state = 0;           // bytes
};

struct WorkerExit {
  host::ProcessExit process;
  double cpu_seconds = 0;   // of the program and of serving it
  std::string last_output;  // for messages
};

// Runs the program to its end, which its listener decides. Threads: may be called from several at once.
Result<WorkerExit> run_worker(const Workspace& workspace, const Scene& scene, const host::SessionFactory& factory);

}  // namespace hindsight::replay

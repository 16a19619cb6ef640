// Runs the segments of a plan, some at once, and stores what each of them answers as soon as it has ended.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "replay/plan.h"
#include "replay/progress.h"
#include "replay/reference.h"
#include "replay/worker.h"
#include "store/store.h"

namespace hindsight::replay {

struct Work {
  const Plan* plan = nullptr;
  const Reference* reference = nullptr;
  const Scene* scene = nullptr;
  std::vector<store::Probe> probes;
  std::string outside;    // as for judge()
  std::map<store::ProbeId, std::string> inexact_probes;  // of whose values none is exact, and why
  unsigned workers = 1;
  store::Replay replay;   // what is known of it before it runs; id none
};

// The replay as stored. A segment that fails is an outcome with a problem, not an error; kIo is a store that cannot be
// written. What a segment answers is stored in one transaction with its coverage.
Result<store::Replay> execute(const Workspace& workspace, store::Store& store, const Work& work, Progress& progress);

}  // namespace hindsight::replay

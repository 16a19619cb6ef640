// Replaying: probes x runs x positions -> plan -> builds -> workers -> records with provenance. What `hindsight replay` does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/plan.h"
#include "replay/probe_id.h"
#include "replay/progress.h"
#include "replay/project.h"
#include "store/store.h"

namespace hindsight::replay {

struct ReplayRequest {
  std::vector<store::Probe> probes;
  std::vector<store::RunId> runs;
  Where where;
  unsigned workers = 1;            // -j
  bool dry_run = false;            // place and plan, build and run nothing
  bool assume_state = false;
  bool force = false;  // also probes that change the program's state
  bool unsafe_no_sandbox = false;
  bool again = false;              // run even what is answered already
  // No probes: the iterations that `where` names (if it is empty: one that is drawn) are entered and run, everything in them too, up
  // to the next place where there is something to compare.
  bool verify = false;
};

// Where a probe went in a version, or why not.
struct ProbePlacement {
  store::ProbeId probe;
  std::string file;
  std::uint32_t line = 0;
  std::string function;
  std::string excerpt;             // the line with the inserted text
  std::uint64_t beside = 0;        // where in the file the statement begins that it stands beside
  bool after = false;              // behind that, not before
  std::uint64_t from_version = 0;  // where its place follows from that in another version: the number of that; else 0
  bool is_sure = false;            // then, that two ways lead there; where they do not, no value is exact
  std::vector<std::string> renamed;  // then, what its expression says and what that is here: `lr = rate`
  std::string impure;              // why the expression may change the program's state; empty: no reason seen
  bool changes_state = false;      // it does; not only that nothing shows that it does not
  bool calls = false;              // functions of the program's
  std::string arithmetic;          // what lets the compiler compute otherwise around it, so that it is never exact; empty: nothing
  std::string volatile_why;        // what its value takes from outside the program, so that it is never exact; empty: nothing is seen
  std::string refused;             // why not; empty: it was placed
  std::vector<std::string> candidates;
};

struct RunAnswer {
  store::RunId run;
  std::vector<ProbePlacement> placements;
  std::string refused;             // nothing could be asked of this run, and why (first compiler error, input changed...)
  Plan plan;
  std::optional<store::Replay> replay;  // none: nothing ran (dry run, all answered, refused)
  std::uint64_t exact = 0, close = 0, unverified = 0, diverged = 0, errors = 0;  // probe values, answered before included
  std::string first_difference;
  Where verified;                  // of a verification: what was run
  bool built = false;              // false: an earlier build was used
  double build_cpu_seconds = 0;    // of what was built, parsed and placed for this answer, also if nothing ran then
};

// One answer per run, in order. A run that cannot be answered does not keep the others from it.
Result<std::vector<RunAnswer>> replay(store::Store& store, const Project& project, const ReplayRequest& request,
                                      Progress& progress);

// What placing probes and building took of the processor, and whether anything was built.
struct Ready {
  double build_cpu_seconds = 0;
  bool built = false;
};
// Places the probes of several requests, and builds, one version per worker at a time: the answers that are asked for afterwards find all that. By the
// first run of each version. What goes wrong is left to those answers to say. With one worker or one version nothing is done.
std::map<store::RunId, Ready> make_ready(store::Store& store, const Project& project, const std::vector<ReplayRequest>& requests, Progress& progress);

// New log statements of the working tree against a recorded version, as probes of form kEdit.
struct FoundEdits {
  std::vector<store::Probe> probes;
  std::vector<std::string> refused;  // one sentence each
  double build_cpu_seconds = 0;      // of building the version and parsing its units
};
Result<FoundEdits> find_edits(const store::Store& store, const Project& project, store::VersionId against);

}  // namespace hindsight::replay

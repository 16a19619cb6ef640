// From a question to a plan, as values: what a run recorded, what is asked, what has to run. No disk, no process, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/types.h"

namespace hindsight::replay {

// A main-loop instance is an entry into a loop with state that lies in no other such loop's iteration.

// One clause of --where: `epoch in 3..5` (labels, inclusive) or `epoch=7`. Clauses are joined by `and`.
struct Clause {
  std::string loop;
  std::int64_t first = 0;
  std::int64_t last = 0;
  friend bool operator==(const Clause&, const Clause&) = default;
};
using Where = std::vector<Clause>;

// Where a probe can fire in a version, from hindsight-cc's reports.
struct Placement {
  store::ProbeId probe;
  std::string function;
  std::vector<std::string> nest;  // hindsight loops around it within its function, outermost first
  // Loops whose body can reach it (lexically or by calls); unset: any loop may.
  std::optional<std::set<std::string>> reached_from;
  bool before_first_loop = false;  // it can fire before the first main loop
  bool after_last_loop = false;    // it can fire after the last one ended
  friend bool operator==(const Placement&, const Placement&) = default;
};

// What is known of the loops of a version: may they be entered and skipped?
struct Gate {
  struct Missing {
    std::string variable;
    std::string why;
    friend bool operator==(const Missing&, const Missing&) = default;
  };
  // A loop of the sources; several may have one name. Without a file: any of that name.
  struct Loop {
    std::string name;
    std::string file = {};
    std::uint32_t line = 0;
    friend auto operator<=>(const Loop&, const Loop&) = default;
  };
  // A loop that is not here was not seen by the analysis and is neither entered nor skipped.
  std::map<Loop, std::vector<Missing>> loops;
  bool assume_state = false;  // --assume-state: as if nothing were missing; every value is unverified

  // What the state of this loop misses; where its place is none that the analysis knows, all that loops of its name miss. None: there is no
  // loop of that name.
  std::optional<std::vector<Missing>> missing(const Loop& loop) const;
};
inline Gate::Loop loop_of(const store::LoopInstance& instance) { return {instance.loop, instance.site.file, instance.site.line}; }

// What a run recorded, as far as planning needs it.
struct Recorded {
  store::Run run;
  std::vector<store::LoopInstance> loops;       // by number
  std::vector<store::Checkpoint> checkpoints;   // by number
  std::vector<store::SmallDigest> digests;
};

struct Question {
  std::vector<Placement> probes;
  Where where;
  std::vector<store::Coverage> answered;  // reusable coverage of these probes in this run
  bool enter = false;                     // by a checkpoint wherever there is one, even if running there is faster
};

// A stretch of a run that a segment answers, in the terms of store::Coverage: iterations [first, last) of a main-loop
// instance, where the number of its iterations stands for what runs between its end and the next main loop's start;
// kNoLoop with [0, 1) is what runs before the first main loop, with [1, 2) what runs after the last one.
struct Stretch {
  std::uint64_t loop_instance = store::Coverage::kNoLoop;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

// One worker's work.
struct Segment {
  std::uint32_t number = 0;                     // from 1
  // All that it answers, and of which probes; what else it runs on the way is not kept. Every stretch becomes one Coverage
  // per probe.
  std::vector<store::ProbeId> probes;
  std::vector<Stretch> asked;
  // Main-loop instances that it jumps into, and at which head; an instance in neither `enters` nor `skip_instances` is run
  // from its start.
  std::map<std::uint64_t, std::uint64_t> enters;
  std::set<std::uint64_t> skip_instances;       // main-loop instances passed by restoring their exit
  std::set<Gate::Loop> skip_nested;             // nested loops that are skipped where their exit is stored

  // A summary of the above, for display.
  std::optional<std::uint64_t> loop_instance;   // the first main-loop instance with iterations asked for, if any
  std::uint64_t enter = 0;                      // the head that it is entered at (0: no jump)
  std::uint64_t first = 0;                      // its iterations [first, last) lie around all that is asked of it
  std::uint64_t last = 0;                       // it ends at the first point after them whose comparison proves something
  bool includes_prologue = false;               // what runs before the first main loop is asked for
  bool runs_to_end = false;                     // nothing that can be compared comes after what is asked but the process's end
  double estimated_seconds = 0;
  friend bool operator==(const Segment&, const Segment&) = default;
};

struct Plan {
  std::vector<Segment> segments;       // empty: everything asked for is answered already, or nothing can be
  std::vector<std::string> reasons;    // --explain: why each iteration runs, one sentence each
  std::vector<std::string> problems;   // parts of the question that cannot be answered, one sentence each
  double estimated_seconds = 0;        // wall clock, with the workers asked for
  double full_run_seconds = 0;         // what training again would take, from the recorded times
};

// REQUIRES: workers >= 1.
Plan make_plan(const Question& question, const Recorded& recorded, const Gate& gate, unsigned workers);

}  // namespace hindsight::replay

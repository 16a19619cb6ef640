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
  // By loop name; a loop that is not here was not seen by the analysis and is neither entered nor skipped.
  std::map<std::string, std::vector<Missing>> loops;
  bool assume_state = false;  // --assume-state: as if nothing were missing; every value is unverified
};

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
};

// One worker's work.
struct Segment {
  std::uint32_t number = 0;                     // from 1
  std::optional<std::uint64_t> loop_instance;   // the main-loop instance it jumps into; none: it runs from the process's start
  std::uint64_t enter = 0;                      // the head it starts at (0: no jump)
  std::uint64_t first = 0;                      // iterations [first, last) are asked for
  std::uint64_t last = 0;                       // it ends at the first point after them that can be compared
  bool includes_prologue = false;               // what runs before the first main loop is asked for
  bool runs_to_end = false;                     // includes what runs after the last main loop; the process ends normally
  std::set<std::uint64_t> skip_instances;       // main-loop instances passed by restoring their exit
  std::set<std::string> skip_nested;            // names of nested loops that are skipped where their exit is stored
  double estimated_seconds = 0;
  friend bool operator==(const Segment&, const Segment&) = default;
};

struct Plan {
  std::vector<Segment> segments;       // empty: everything asked for is answered already, or nothing can be
  std::vector<std::string> reasons;    // --explain: why each iteration runs, one sentence each
  std::vector<std::string> problems;   // parts of the question that cannot be answered, one sentence each
  double estimated_seconds = 0;
  double full_run_seconds = 0;         // what training again would take, from the recorded times
};

// REQUIRES: workers >= 1.
Plan make_plan(const Question& question, const Recorded& recorded, const Gate& gate, unsigned workers);

// `epoch in 3..5 and step=7`; kInvalid with the place of the mistake.
// (parse_where is in where.h, since it returns a Result.)

}  // namespace hindsight::replay

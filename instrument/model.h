// What the analyses of a unit say, as values: the unit report of README.md and the probes that are asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hindsight::instrument {

// An outside variable that a loop's body may modify and that no state covers.
struct Missing {
  std::string variable;
  unsigned line = 0;
  std::string why;
  friend bool operator==(const Missing&, const Missing&) = default;
};

struct LoopReport {
  std::string name;
  std::string file;  // relative to the project where inside it
  unsigned line = 0;
  unsigned end_line = 0;
  std::string function;
  std::vector<std::string> nest;   // hindsight loops around it in this function, outermost first
  std::vector<std::string> state;  // as written
  std::vector<Missing> missing;
  std::vector<std::string> calls;
  bool calls_unknown = false;
  friend bool operator==(const LoopReport&, const LoopReport&) = default;
};

struct GlobalWrite {
  std::string variable;  // qualified name
  unsigned line = 0;
  friend bool operator==(const GlobalWrite&, const GlobalWrite&) = default;
};

struct FunctionReport {
  std::string name;  // qualified, with parameter types: `train_step(Net&)`
  std::string file;
  unsigned line = 0;
  bool tracked = false;
  std::vector<std::string> calls;
  bool calls_unknown = false;
  std::vector<GlobalWrite> writes_globals;
  friend bool operator==(const FunctionReport&, const FunctionReport&) = default;
};

// The fields of store::Probe, with the form and the id as text.
struct Probe {
  std::string id;  // 32 hex digits
  std::string name;
  std::string expression;
  std::string form;  // after, before, at, edit
  std::string statement;
  std::string function;
  std::string file;
  unsigned line = 0;
  std::vector<std::string> nest;
  std::string previous;
  std::string next;
  friend bool operator==(const Probe&, const Probe&) = default;
};

struct Placement {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  std::string function;
  std::vector<std::string> nest;
  std::string text;     // what is inserted
  std::string excerpt;  // the line with the insertion in it
  std::string impure;   // why the expression may change the program's state; empty: no reason seen
  std::string volatile_why = {};  // what its value takes from outside the program: `std::time`; empty: nothing is seen
  friend bool operator==(const Placement&, const Placement&) = default;
};

// Exactly one of `placed` and `refused` is not empty.
struct ProbeOutcome {
  std::string id;
  std::vector<Placement> placed;
  std::string refused;
  std::vector<std::string> candidates;  // `src/train.cc:50: loss.backward();`
  friend bool operator==(const ProbeOutcome&, const ProbeOutcome&) = default;
};
inline constexpr char kNotInThisUnit[] = "not in this unit";

// What the unit's own code takes from outside the program.
struct OutsideReport {
  std::string kind;  // environment, input, entropy; clock: a reading that decides more than what is shown
  std::string what;  // `std::random_device`; the variable's name, empty if it is not known while compiling
  std::string file;
  unsigned line = 0;
  std::string used_file;  // of a clock: where its reading goes
  unsigned used_line = 0;
  friend auto operator<=>(const OutsideReport&, const OutsideReport&) = default;
};

struct UnitReport {
  std::string unit;  // main file, relative to the project where inside it
  std::string cwd;
  std::vector<std::string> arguments;  // the compiler's call
  std::string output;
  bool parsed = false;
  std::string problem;  // why it is compiled as it is
  std::string compiler;
  std::vector<LoopReport> loops;
  std::vector<FunctionReport> functions;
  std::vector<OutsideReport> outside;
  std::vector<std::string> volatile_names;  // logged with what depends on a clock
  std::vector<ProbeOutcome> probes;
  friend bool operator==(const UnitReport&, const UnitReport&) = default;
};

}  // namespace hindsight::instrument

// What the analyses of a unit say, as values: the unit report of README.md and the probes that are asked for.
#pragma once

#include <compare>
#include <cstddef>
#include <set>
#include <optional>
#include <string>
#include <vector>

#include "instrument/text.h"

namespace hindsight::instrument {

// A function whose body is in another unit, and one of its parameters. What depends on it holds if that function modifies
// something which it reaches through the parameter.
struct Condition {
  static constexpr int kThis = -1;
  std::string function;       // as FunctionReport::name
  int parameter = 0;          // from 0; kThis: the object that a method is called on
  bool by_signature = false;  // what to think where no unit has the body
  std::vector<std::string> members = {};  // only these of what the parameter leads to matter; empty: all
  friend auto operator<=>(const Condition&, const Condition&) = default;
};
// It is enough if one holds; `always`: it is so in any case.
struct Conditions {
  bool always = true;
  std::set<Condition> any;
  void add(const Conditions& other) {
    always = always || other.always;
    if (always) any.clear();
    else any.insert(other.any.begin(), other.any.end());
  }
  friend bool operator==(const Conditions&, const Conditions&) = default;
};

// An outside variable that a loop's body may modify and that no state covers.
struct Missing {
  std::string variable;
  unsigned line = 0;
  std::string why;
  Conditions conditions = {};
  friend bool operator==(const Missing&, const Missing&) = default;
};

// Where something stands in its function. Of two places the second may run after the first if its number is higher, or if
// both are in the same outermost loop (of any kind).
struct Step {
  unsigned number = 0;
  unsigned loop = 0;  // 0: in none
  friend auto operator<=>(const Step&, const Step&) = default;
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
  std::vector<std::string> dead;   // modified, but written before they are read, so that no state has to hold them
  std::optional<std::vector<std::string>> dead_with_probes;  // those of them that the unit's probes do not read either; unset: it has none
  std::vector<std::string> calls;
  bool calls_unknown = false;
  bool reads_files = false;   // by library calls in the body itself
  bool writes_files = false;
  Step step;
  friend bool operator==(const LoopReport&, const LoopReport&) = default;
};

struct GlobalWrite {
  std::string variable;  // qualified name, or what to call it
  unsigned line = 0;
  bool hidden = false;   // no state can cover it: a static's first use, the environment, what a call returns
  Conditions conditions = {};
  friend bool operator==(const GlobalWrite&, const GlobalWrite&) = default;
};

// The object or an argument that a function modifies, or something reached through it.
struct Modified {
  int parameter = 0;  // Condition::kThis: the object
  std::string member = {};  // which of its members; empty: any, or not known
  Conditions conditions;
  friend bool operator==(const Modified&, const Modified&) = default;
};

// A call of a function of the user's code, or (with no name) of a library's that reads or writes files.
struct Action {
  std::string call;
  bool reads_files = false;
  bool writes_files = false;
  Step step;
  friend auto operator<=>(const Action&, const Action&) = default;
};

struct FunctionReport {
  std::string name;  // qualified, with parameter types: `train_step(Net&)`
  std::string file;
  unsigned line = 0;
  bool tracked = false;
  bool defined = true;             // false: its body is elsewhere, or is a template's pattern that was not analysed
  std::vector<std::string> calls;
  bool calls_unknown = false;
  std::vector<GlobalWrite> writes_globals;
  std::vector<Modified> modifies;
  std::vector<Action> actions;  // in the order of the source
  bool draws = false;           // random numbers, itself or by functions of the unit that it calls
  std::set<std::string> gives_time = {};  // its result depends on readings of these clocks
  std::vector<std::string> gives_results_of = {};  // its result depends on that of these functions of other units
  bool by_pointer = false;      // a call through a pointer or a function object may run it
  std::vector<std::string> overrides = {};  // the virtual methods that it overrides, in all classes above
  bool beside_thread = false;   // may be called while a thread goes on that one of its callers here has started
  std::string takes = {};       // likewise what it takes from outside the program, clocks left out: `std::random_device`
  friend bool operator==(const FunctionReport&, const FunctionReport&) = default;
};

// The fields of store::Probe, with the form and the id as text.
struct Probe {
  std::string id;  // 32 hex digits
  std::string name;
  std::string expression;
  std::string form;  // after, before, at, edit, on_call, on_assign, each_loop
  std::string statement;
  std::string function;
  std::string file;
  unsigned line = 0;
  std::vector<std::string> nest;
  std::string previous;
  std::string next;
  std::optional<std::size_t> offset = {};  // after, before: where in `file` the statement begins, whatever it says; unset: it is found by its text
  std::string helper = {};               // text that the expression needs in front of the code; empty: none
  std::string helper_name = {};          // that text's file, for messages
  std::vector<std::string> left_out = {};  // files that have the probe already
  friend bool operator==(const Probe&, const Probe&) = default;
};

// What a probe's expression may do to the program's state: `w: assigned`.
struct Change {
  std::string what;
  Conditions conditions = {};
  bool is_certain = false;  // the code does it; else it is only that nothing shows that it does not
  friend bool operator==(const Change&, const Change&) = default;
};

struct Placement {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  std::string function;
  std::vector<std::string> nest;
  std::string text;     // what is inserted
  std::string excerpt;  // the line with the insertion in it
  std::size_t beside = 0;  // where in the file the statement begins that it stands beside
  bool after = false;      // behind that, not before
  std::vector<Change> changes = {};     // what the expression may change of the program's state
  std::vector<std::string> calls = {};  // the user's functions that it calls, by FunctionReport::name
  std::vector<std::string> results_of = {};  // functions of other units whose plain results its value depends on
  std::string volatile_why = {};        // what its value takes from outside the program: `std::time`; empty: nothing is seen
  bool declares = false;                // a lambda, or another thing that symbols of the code around it count
  // In a header: what is to be put into it, which is left to who builds, since other units include it, too. Empty: it is in the unit's own file.
  std::vector<Insertion> insertions = {};
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
  std::string used_file = {};  // of a clock: where its reading goes
  unsigned used_line = 0;
  std::string condition = {};  // only if this function of another unit gives readings of a clock: FunctionReport::name
  friend auto operator<=>(const OutsideReport&, const OutsideReport&) = default;
};

// What runs where nothing shows it: no loop of the program can be entered.
struct Unfollowed {
  std::string what;
  std::string why;
  friend auto operator<=>(const Unfollowed&, const Unfollowed&) = default;
};

// A name that is logged with what depends on a clock.
struct VolatileName {
  std::string name;
  std::string condition = {};  // as above
  friend auto operator<=>(const VolatileName&, const VolatileName&) = default;
};

// A loop of the user's code as the choice of main loops sees it. Loops are known by their line, and by how many keywords of loops
// (`for`, `while`, `do`) stand before on that line: insertions leave both as they are.
struct LoopShape {
  std::string file;  // relative to the project where inside it
  unsigned line = 0;
  unsigned nth = 0;
  int parent = -1;            // the loop around it in the same function, an index into FunctionShape::loops
  std::string label;          // what it counts, as far as its head says: `epoch`
  std::string given;          // the name that a comment gives it: `// hindsight: loop NAME`
  std::string refused;        // why it cannot be rewritten; empty: it can be
  std::vector<std::string> calls;  // functions of the user's that it calls outside of the loops within it
  bool works = false;         // calls what takes long: a library's operations on tensors and matrices
  bool trains = false;        // an optimiser's step, or gradients are computed
  bool reads_files = false;
  bool prints = false;        // on standard output or error
  bool is_known = false;      // hindsight's already
  friend bool operator==(const LoopShape&, const LoopShape&) = default;
};
struct FunctionShape {
  std::string name;  // FunctionReport::name
  bool is_main = false;
  std::vector<std::string> calls;  // outside of loops
  std::vector<LoopShape> loops;    // in the order of the source
  friend bool operator==(const FunctionShape&, const FunctionShape&) = default;
};

// A loop that is to have a name and a state.
struct ChosenLoop {
  std::string file;
  unsigned line = 0;
  unsigned nth = 0;
  std::string name;
  unsigned level = 0;  // 0: a main loop; 1: a loop in one; ...
  std::string why;
  std::string refused = {};  // why it was left as it is, if it was
  std::vector<std::string> state = {};     // the variables of its state
  std::vector<std::string> left_out = {};  // what it may modify and cannot be in the state: `cb: it is a lambda`
  bool beside_thread = false;  // a thread that another unit has started goes on beside it: nothing of it is captured
  friend auto operator<=>(const ChosenLoop&, const ChosenLoop&) = default;
};

struct UnitReport {
  std::string unit;  // main file, relative to the project where inside it
  std::string cwd;
  std::vector<std::string> arguments;  // the compiler's call
  std::string output;
  bool parsed = false;
  std::string problem;  // why it is compiled as it is
  std::string compiler;
  std::vector<std::string> headers;     // the user's that it includes, relative to the project where inside it; sorted
  std::vector<std::string> registered;  // globals that main gives to hindsight::state before anything else can happen
  std::vector<Unfollowed> unfollowed;
  std::vector<LoopReport> loops;
  std::vector<FunctionReport> functions;
  std::vector<OutsideReport> outside;
  std::vector<VolatileName> volatile_names;
  std::vector<ProbeOutcome> probes;
  std::vector<FunctionShape> shapes;  // of the unit's text before anything is inserted; only where that is done
  std::vector<ChosenLoop> chosen;     // the loops of this unit that were rewritten, or would have been
  friend bool operator==(const UnitReport&, const UnitReport&) = default;
};

}  // namespace hindsight::instrument

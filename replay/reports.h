// What hindsight-cc reported about the units of a version (instrument/README.md), over all of them. Pure; gate.h joins what they say of loops.
//
//   Result<Reports> reports = parse_reports(version.unit_reports);
//   ProbeReport placed = find_probe(*reports, probe);
//   if (placed.refused.empty()) Placement placement = make_placement(*reports, probe.id, placed.place);
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/plan.h"
#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::replay {

struct Reports {
  // A function of another unit and one of its parameters: what depends on it holds if that function modifies something that it
  // reaches through the parameter.
  struct Condition {
    static constexpr std::int32_t kThis = -1;  // the object that a method is called on
    std::string function;
    std::int32_t parameter = 0;
    bool by_signature = false;  // what to think where no unit has the body
    std::vector<std::string> members = {};  // only these members matter; empty: all
    friend bool operator==(const Condition&, const Condition&) = default;
  };
  struct Conditions {
    bool always = true;
    std::vector<Condition> any;  // else it is enough if one holds
    friend bool operator==(const Conditions&, const Conditions&) = default;
  };
  // Of two places in a function the second may run after the first if its number is higher, or if both are in the same loop.
  struct Step {
    std::uint32_t number = 0;
    std::uint32_t loop = 0;  // the outermost one, of any kind; 0: in none
    friend bool operator==(const Step&, const Step&) = default;
  };
  struct Missing {
    std::string variable;
    std::string why;
    Conditions conditions;
    friend bool operator==(const Missing&, const Missing&) = default;
  };
  struct Loop {
    std::string name;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t end_line = 0;
    std::string function;
    std::vector<std::string> nest;   // loops around it in its function, outermost first
    std::vector<std::string> state;  // as written
    std::vector<Missing> missing;
    std::vector<std::string> dead;   // written before they are read, so that no state has to hold them; sorted
    std::optional<std::vector<std::string>> dead_with_probes;  // the same with the unit's probes in place; unset: it has none
    std::vector<std::string> calls;
    bool calls_unknown = false;
    bool reads_files = false;        // by library calls in the body itself
    bool writes_files = false;
    Step step;
    friend bool operator==(const Loop&, const Loop&) = default;
  };
  struct Write {
    std::string variable;            // a global by qualified name; hidden: what to call it
    bool hidden = false;             // no state can cover it
    Conditions conditions;
    friend bool operator==(const Write&, const Write&) = default;
  };
  struct Modified {
    std::int32_t parameter = 0;      // Condition::kThis: the object
    std::string member = {};         // which of its members; empty: any
    Conditions conditions;
    friend bool operator==(const Modified&, const Modified&) = default;
  };
  // A call of a function of the project, or (without a name) of a library's that reads or writes files.
  struct Action {
    std::string call;
    bool reads_files = false;
    bool writes_files = false;
    Step step;
    friend bool operator==(const Action&, const Action&) = default;
  };
  struct Function {
    std::string name;
    std::string file;
    std::uint32_t line = 0;
    bool tracked = false;            // all its callers are direct calls
    bool defined = false;            // its body was analysed
    std::vector<std::string> calls;
    bool calls_unknown = false;
    std::vector<Write> writes_globals;
    std::vector<Modified> modifies;
    std::vector<Action> actions;
    bool draws = false;              // random numbers
    std::set<std::string> gives_time = {};  // its result depends on these clocks
    bool by_pointer = false;         // a call through a pointer or a function object may run it
    std::vector<std::string> overrides = {};  // the virtual methods that it overrides
    bool beside_thread = false;      // may be called while a thread goes on that a caller in the unit has started
    std::vector<std::string> gives_results_of = {};  // its result depends on that of these functions of other units
    std::string takes = {};          // what it takes from outside the program, clocks left out; empty: nothing is seen
    friend bool operator==(const Function&, const Function&) = default;
  };
  // What a probe's expression may change of the program's state.
  struct Change {
    std::string what;
    Conditions conditions;
    bool is_certain = false;         // the code does it; else it is only that nothing shows that it does not
    friend bool operator==(const Change&, const Change&) = default;
  };
  struct Insertion {
    std::uint64_t offset = 0;        // in the file as it is without any
    std::string text;
    friend bool operator==(const Insertion&, const Insertion&) = default;
  };
  struct Place {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string function;
    std::vector<std::string> nest;
    std::string excerpt;
    std::uint64_t beside = 0;        // where in the file the statement begins that the probe stands beside
    bool after = false;              // behind that, not before
    std::vector<Change> changes;     // by its unit
    std::vector<std::string> calls;  // functions of the project
    std::vector<std::string> results_of;  // functions of other units whose plain results its value depends on
    std::string volatile_why;        // what its value takes from outside the program; empty: its unit shows nothing
    bool declares = false;           // a lambda, or another thing that symbols of the code around it count
    std::vector<Insertion> insertions = {};  // in a header: what its builder has to put into it; empty: it is in the unit's own file
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct Probe {
    store::ProbeId id;
    std::vector<Place> placed;
    std::string refused;
    std::vector<std::string> candidates;
    friend bool operator==(const Probe&, const Probe&) = default;
  };
  // What the program takes from outside.
  struct Outside {
    std::string kind;                // environment, input, entropy, clock
    std::string what;
    std::string file;
    std::uint32_t line = 0;
    std::string used_file;           // of a clock: where it decides more than what is shown
    std::uint32_t used_line = 0;
    std::string condition = {};      // only if this function of another unit gives the time
    friend bool operator==(const Outside&, const Outside&) = default;
  };
  // A name that is logged with what depends on a clock.
  struct VolatileName {
    std::string name;
    std::string condition = {};      // as above
    friend bool operator==(const VolatileName&, const VolatileName&) = default;
  };
  struct Unit {
    std::string name;
    bool parsed = false;
    std::string problem;
    std::vector<std::string> registered;  // globals that it gives to hindsight::state, by qualified name
    std::vector<Missing> unfollowed = {};  // what runs where nothing shows it: no loop of the program can be entered
    std::vector<Loop> loops;
    std::vector<Function> functions;
    std::vector<Probe> probes;
    std::vector<Outside> outside = {};
    std::vector<VolatileName> volatile_names = {};
    std::vector<std::string> headers = {};  // the user's that it includes
    std::vector<std::string> arguments = {};  // of the compiler's call
    friend bool operator==(const Unit&, const Unit&) = default;
  };
  std::vector<Unit> units;
  friend bool operator==(const Reports&, const Reports&) = default;
};

// A JSON array of unit reports; the empty text is none. kInvalid: not that, with the place or the field.
Result<Reports> parse_reports(std::string_view json);

bool is_main(std::string_view function);
// Are all ways to this function direct calls that the reports show?
bool is_tracked(const Reports& reports, const std::string& function);

// Where a probe went in a version, all units together.
struct ProbeReport {
  Reports::Place place;            // valid if not refused
  // The units that have it, and what each says of it: more than one if it is in a header. Parts of the reports.
  std::vector<std::pair<const Reports::Unit*, const Reports::Place*>> seen;
  std::string refused;             // why not; empty: exactly one place took it
  std::vector<std::string> candidates;
};
ProbeReport find_probe(const Reports& reports, const store::Probe& probe);

// Of a pattern, which goes to every place that fits: each place, and each where it was refused; at least one.
std::vector<ProbeReport> find_pattern(const Reports& reports, const store::Probe& probe);

// Do the probes in these units declare anything that symbols count?
bool declare_something(const std::vector<Reports::Unit>& probed);

// From where the probe can be reached. Unknown is answered with `may be`: no set of loops, before and after.
Placement make_placement(const Reports& reports, store::ProbeId probe, const Reports::Place& place);

}  // namespace hindsight::replay

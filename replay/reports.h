// What hindsight-cc reported about the units of a version (instrument/README.md), joined over all of them. Pure.
//
//   Result<Reports> reports = parse_reports(version.unit_reports);
//   Gate gate = make_gate(*reports);
//   ProbeReport placed = find_probe(*reports, probe.id);
//   if (placed.refused.empty()) Placement placement = make_placement(*reports, probe.id, placed.place);
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "replay/plan.h"
#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::replay {

struct Reports {
  struct Loop {
    std::string name;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t end_line = 0;
    std::string function;
    std::vector<std::string> nest;   // loops around it in its function, outermost first
    std::vector<std::string> state;  // as written
    std::vector<Gate::Missing> missing;
    std::vector<std::string> calls;
    bool calls_unknown = false;
    friend bool operator==(const Loop&, const Loop&) = default;
  };
  struct Function {
    std::string name;
    std::string file;
    std::uint32_t line = 0;
    bool tracked = false;            // all its callers are direct calls
    std::vector<std::string> calls;
    bool calls_unknown = false;
    std::vector<std::string> writes_globals;
    friend bool operator==(const Function&, const Function&) = default;
  };
  struct Place {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string function;
    std::vector<std::string> nest;
    std::string excerpt;
    std::string impure;              // why the expression may change the program's state; empty: no reason seen
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct Probe {
    store::ProbeId id;
    std::vector<Place> placed;
    std::string refused;
    std::vector<std::string> candidates;
    friend bool operator==(const Probe&, const Probe&) = default;
  };
  struct Unit {
    std::string name;
    bool parsed = false;
    std::string problem;
    std::vector<std::string> registered;  // globals that it gives to hindsight::state, by qualified name
    std::vector<Loop> loops;
    std::vector<Function> functions;
    std::vector<Probe> probes;
    friend bool operator==(const Unit&, const Unit&) = default;
  };
  std::vector<Unit> units;
  friend bool operator==(const Reports&, const Reports&) = default;
};

// A JSON array of unit reports; the empty text is none. kInvalid: not that, with the place or the field.
Result<Reports> parse_reports(std::string_view json);

// A loop's `missing`, and every global that functions of other units write which its body calls, directly or not, unless the
// loop's state, or that of a loop around it in its function, has it by its qualified name ('::counter'; a bare name could be a
// local variable's), or it is registered. Where a unit could not be parsed, a loop that calls something which no report knows
// misses what that unit may modify.
Gate make_gate(const Reports& reports);
// Where the gate had to trust the analysis: loops whose bodies call through pointers, one sentence each.
std::vector<std::string> gate_notes(const Reports& reports);

// Where a probe went in a version, all units together.
struct ProbeReport {
  Reports::Place place;            // valid if not refused
  std::string refused;             // why not; empty: exactly one place took it
  std::vector<std::string> candidates;
};
ProbeReport find_probe(const Reports& reports, store::ProbeId probe);

// From where the probe can be reached. Unknown is answered with `may be`: no set of loops, before and after.
Placement make_placement(const Reports& reports, store::ProbeId probe, const Reports::Place& place);

}  // namespace hindsight::replay

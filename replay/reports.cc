#include "replay/reports.h"

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "store/store.h"

namespace hindsight::replay {
namespace {

using Json = nlohmann::json;
using Unit = Reports::Unit;
using Loop = Reports::Loop;
using Function = Reports::Function;

constexpr std::string_view kNotInThisUnit = "not in this unit";

// ---- reading ----

// Reads fields of one JSON object; the first one that is not what it should be is remembered.
class Fields {
 public:
  Fields(const Json& object, std::string& problem) : object_(object), problem_(problem) {
    if (!object.is_object()) complain("an object", "entry");
  }
  std::string text(const char* key) const {
    const Json* found = find(key);
    if (found == nullptr) return {};
    if (!found->is_string()) return complain("text", key), std::string();
    return found->get<std::string>();
  }
  std::uint32_t number(const char* key) const {
    const Json* found = find(key);
    if (found == nullptr) return 0;
    if (!found->is_number_unsigned()) return complain("a number", key), 0;
    return static_cast<std::uint32_t>(found->get<std::uint64_t>());
  }
  bool flag(const char* key) const {
    const Json* found = find(key);
    if (found == nullptr) return false;
    if (!found->is_boolean()) return complain("true or false", key), false;
    return found->get<bool>();
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> all;
    for_each(key, [&](const Json& item) {
      if (!item.is_string()) return complain("a list of texts", key);
      all.push_back(item.get<std::string>());
    });
    return all;
  }
  template <class Use>
  void for_each(const char* key, const Use& use) const {
    const Json* found = find(key);
    if (found == nullptr) return;
    if (!found->is_array()) return complain("a list", key);
    for (const Json& item : *found) use(item);
  }

 private:
  const Json* find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  void complain(std::string_view expected, std::string_view key) const {
    if (problem_.empty()) problem_ = "'" + std::string(key) + "' should be " + std::string(expected);
  }
  const Json& object_;
  std::string& problem_;
};

Loop read_loop(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Loop loop{.name = fields.text("name"), .file = fields.text("file"), .line = fields.number("line"),
            .end_line = fields.number("end_line"), .function = fields.text("function"), .nest = fields.texts("nest"),
            .state = fields.texts("state"), .missing = {}, .calls = fields.texts("calls"),
            .calls_unknown = fields.flag("calls_unknown")};
  fields.for_each("missing", [&](const Json& item) {
    const Fields missing(item, problem);
    loop.missing.push_back({missing.text("variable"), missing.text("why")});
  });
  return loop;
}

Function read_function(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Function function{.name = fields.text("name"), .file = fields.text("file"), .line = fields.number("line"),
                    .tracked = fields.flag("tracked"), .calls = fields.texts("calls"),
                    .calls_unknown = fields.flag("calls_unknown"), .writes_globals = {}};
  fields.for_each("writes_globals",
                  [&](const Json& item) { function.writes_globals.push_back(Fields(item, problem).text("variable")); });
  return function;
}

Reports::Probe read_probe(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Reports::Probe probe{.id = {}, .placed = {}, .refused = fields.text("refused"), .candidates = fields.texts("candidates")};
  const std::string id = fields.text("id");
  if (const auto hash = store::hash_from_hex(id)) {
    probe.id.hash = *hash;
  } else if (problem.empty()) {
    problem = "'" + id + "' is no probe's id";
  }
  fields.for_each("placed", [&](const Json& item) {
    const Fields place(item, problem);
    probe.placed.push_back({place.text("file"), place.number("line"), place.number("column"), place.text("function"),
                            place.texts("nest"), place.text("excerpt"), place.text("impure")});
  });
  return probe;
}

Unit read_unit(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Unit unit{.name = fields.text("unit"), .parsed = fields.flag("parsed"), .problem = fields.text("problem"),
            .registered = fields.texts("registered"), .loops = {}, .functions = {}, .probes = {}};
  fields.for_each("loops", [&](const Json& item) { unit.loops.push_back(read_loop(item, problem)); });
  fields.for_each("functions", [&](const Json& item) { unit.functions.push_back(read_function(item, problem)); });
  fields.for_each("probes", [&](const Json& item) { unit.probes.push_back(read_probe(item, problem)); });
  if (!problem.empty() && !unit.name.empty()) problem = unit.name + ": " + problem;
  return unit;
}

// ---- joining ----

// Which functions of which units a call can mean: the caller's own unit comes first, as a static function would.
class Calls {
 public:
  struct Place {
    const Unit* unit = nullptr;
    const Function* function = nullptr;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  explicit Calls(const Reports& reports) {
    for (const Unit& unit : reports.units) {
      for (const Function& function : unit.functions) by_name_[function.name].push_back({&unit, &function});
    }
  }

  std::vector<Place> resolve(const Unit& from, const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return {};
    std::vector<Place> own;
    for (const Place& place : found->second) {
      if (place.unit == &from) own.push_back(place);
    }
    return own.empty() ? found->second : own;
  }

  // Everything that calls from a place in `unit` lead to.
  struct Reached {
    std::set<Place> seen_by_unit;  // along functions of the unit alone: its own analysis went there, too
    std::set<Place> beyond;        // other ways
    std::set<std::string> unknown; // names that no report has
    bool by_pointer = false;
  };
  Reached from(const Unit& unit, const std::vector<std::string>& calls, bool by_pointer) const {
    Reached reached{.seen_by_unit = {}, .beyond = {}, .unknown = {}, .by_pointer = by_pointer};
    std::deque<std::pair<Place, bool>> todo;
    const auto go = [&](const Unit& from_unit, const std::vector<std::string>& names, bool is_seen) {
      for (const std::string& name : names) {
        const std::vector<Place> places = resolve(from_unit, name);
        if (places.empty()) reached.unknown.insert(name);
        for (const Place& place : places) {
          const bool seen = is_seen && place.unit == &unit;
          if ((seen ? reached.seen_by_unit : reached.beyond).insert(place).second) todo.emplace_back(place, seen);
        }
      }
    };
    go(unit, calls, true);
    while (!todo.empty()) {
      const auto [place, seen] = todo.front();
      todo.pop_front();
      reached.by_pointer = reached.by_pointer || place.function->calls_unknown;
      go(*place.unit, place.function->calls, seen);
    }
    return reached;
  }

 private:
  std::map<std::string, std::vector<Place>> by_name_;
};

bool is_of_library(const std::string& name) {
  static constexpr std::string_view kNamespaces[] = {"std::", "torch::", "at::", "c10::", "caffe2::", "Eigen::", "hindsight::", "__"};
  return std::any_of(std::begin(kNamespaces), std::end(kNamespaces), [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string without_root(const std::string& name) { return name.starts_with("::") ? name.substr(2) : name; }

// Does a state argument name this global? Only a qualified name is sure not to be a local variable of the same name.
bool names_global(const std::string& argument, const std::string& global) {
  return argument.find("::") != std::string::npos && without_root(argument) == without_root(global);
}

bool covers(const Unit& unit, const Loop& loop, const std::string& global) {
  const auto has = [&](const std::vector<std::string>& state) {
    return std::any_of(state.begin(), state.end(), [&](const std::string& each) { return names_global(each, global); });
  };
  if (has(loop.state)) return true;
  return std::any_of(unit.loops.begin(), unit.loops.end(), [&](const Loop& outer) {
    return outer.function == loop.function && outer.file == loop.file &&
           std::find(loop.nest.begin(), loop.nest.end(), outer.name) != loop.nest.end() && has(outer.state);
  });
}

bool is_registered(const Reports& reports, const std::string& global) {
  return std::any_of(reports.units.begin(), reports.units.end(), [&](const Unit& unit) {
    return std::any_of(unit.registered.begin(), unit.registered.end(),
                       [&](const std::string& each) { return without_root(each) == without_root(global); });
  });
}

void add_missing(std::vector<Gate::Missing>& all, Gate::Missing missing) {
  const bool known = std::any_of(all.begin(), all.end(), [&](const Gate::Missing& m) { return m.variable == missing.variable; });
  if (!known) all.push_back(std::move(missing));
}

bool is_main(const std::string& function) { return function == "main" || function.starts_with("main("); }

bool calls_any(const std::vector<std::string>& calls, const std::set<std::string>& targets) {
  return std::any_of(calls.begin(), calls.end(), [&](const std::string& call) { return targets.contains(call); });
}

// Functions from which the named one can be reached, itself included, and the loops whose bodies lead there.
struct Callers {
  std::set<std::string> functions;
  std::set<std::string> loops;
};
Callers find_callers(const Reports& reports, const std::string& function) {
  Callers callers{.functions = {function}, .loops = {}};
  for (std::size_t before = 0; before != callers.functions.size();) {
    before = callers.functions.size();
    for (const Unit& unit : reports.units) {
      for (const Function& each : unit.functions) {
        if (calls_any(each.calls, callers.functions)) callers.functions.insert(each.name);
      }
      for (const Loop& loop : unit.loops) {
        if (!calls_any(loop.calls, callers.functions)) continue;
        callers.functions.insert(loop.function);
        callers.loops.insert(loop.name);
        callers.loops.insert(loop.nest.begin(), loop.nest.end());
      }
    }
  }
  return callers;
}

// Are all ways to this function direct calls that the reports show?
bool is_tracked(const Reports& reports, const std::string& name) {
  if (is_main(name)) return true;
  bool found = false;
  for (const Unit& unit : reports.units) {
    for (const Function& function : unit.functions) {
      if (function.name != name) continue;
      if (!function.tracked) return false;
      found = true;
    }
  }
  return found;
}

// Does a loop around the place have state, so that it only runs in an iteration of a main loop?
bool lies_in_state_loop(const Reports& reports, const Reports::Place& place) {
  return std::any_of(place.nest.begin(), place.nest.end(), [&](const std::string& name) {
    bool found = false;
    for (const Unit& unit : reports.units) {
      for (const Loop& loop : unit.loops) {
        if (loop.name != name || loop.function != place.function || loop.file != place.file) continue;
        if (loop.state.empty()) return false;
        found = true;
      }
    }
    return found;
  });
}

// A call through a pointer or of a virtual function may be one of every function that is not only called by name.
void add_callable_by_pointer(const Reports& reports, const Unit& unit, const Loop& loop, const Unit& other,
                             std::vector<Gate::Missing>& missing) {
  for (const Function& function : other.functions) {
    if (is_main(function.name) || is_tracked(reports, function.name)) continue;
    for (const std::string& global : function.writes_globals) {
      if (covers(unit, loop, global) || is_registered(reports, global)) continue;
      add_missing(missing, {global, "written by " + function.name + " of " + other.name + ", which the body may call through a pointer"});
    }
  }
}

bool all_parsed(const Reports& reports) {
  return std::all_of(reports.units.begin(), reports.units.end(), [](const Unit& unit) { return unit.parsed; });
}

}  // namespace

Result<Reports> parse_reports(std::string_view text) {
  Reports reports;
  if (text.empty()) return reports;
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Error(ErrorKind::kInvalid, "the unit reports are not JSON");
  if (!json.is_array()) return Error(ErrorKind::kInvalid, "the unit reports are not a list");
  for (const Json& unit : json) {
    std::string problem;
    reports.units.push_back(read_unit(unit, problem));
    if (!problem.empty()) return Error(ErrorKind::kInvalid, "unit report: " + problem);
  }
  return reports;
}

Gate make_gate(const Reports& reports) {
  Gate gate;
  const Calls calls(reports);
  for (const Unit& unit : reports.units) {
    for (const Loop& loop : unit.loops) {
      std::vector<Gate::Missing>& missing = gate.loops[loop.name];
      for (const Gate::Missing& each : loop.missing) add_missing(missing, each);
      if (!unit.parsed) add_missing(missing, {unit.name, "this source could not be analysed"});
      const Calls::Reached reached = calls.from(unit, loop.calls, loop.calls_unknown);
      for (const Calls::Place& place : reached.beyond) {
        for (const std::string& global : place.function->writes_globals) {
          if (covers(unit, loop, global) || is_registered(reports, global)) continue;
          add_missing(missing, {global, "written by " + place.function->name + " of " + place.unit->name + ", which the body calls; as state it is '::" +
                                            without_root(global) + "'"});
        }
      }
      const auto stranger = std::find_if(reached.unknown.begin(), reached.unknown.end(),
                                         [](const std::string& name) { return !is_of_library(name); });
      if (stranger == reached.unknown.end() && !reached.by_pointer) continue;
      for (const Unit& other : reports.units) {
        if (other.parsed) {
          if (reached.by_pointer) add_callable_by_pointer(reports, unit, loop, other, missing);
          continue;
        }
        const std::string callee = stranger == reached.unknown.end() ? "through a pointer" : *stranger;
        add_missing(missing, {other.name, "this source could not be analysed, and the body calls " + callee + ", which may lie in it"});
      }
    }
  }
  return gate;
}

std::vector<std::string> gate_notes(const Reports& reports) {
  std::vector<std::string> notes;
  const Calls calls(reports);
  for (const Unit& unit : reports.units) {
    if (!unit.parsed) notes.push_back(unit.name + " could not be analysed" + (unit.problem.empty() ? "" : ": " + unit.problem));
    for (const Loop& loop : unit.loops) {
      if (!calls.from(unit, loop.calls, loop.calls_unknown).by_pointer) continue;
      notes.push_back("'" + loop.name + "' (" + loop.file + ":" + std::to_string(loop.line) +
                      ") calls through pointers; what such a call modifies beyond its arguments is not known");
    }
  }
  return notes;
}

ProbeReport find_probe(const Reports& reports, store::ProbeId id) {
  ProbeReport report;
  std::map<std::tuple<std::string, std::uint32_t, std::uint32_t>, Reports::Place> places;  // a header's place is in many units
  bool contested = false;  // a unit has the place, and refused it
  for (const Unit& unit : reports.units) {
    for (const Reports::Probe& probe : unit.probes) {
      if (probe.id != id) continue;
      for (const Reports::Place& place : probe.placed) places.emplace(std::tuple(place.file, place.line, place.column), place);
      const bool has_reason = !probe.refused.empty() && probe.refused != kNotInThisUnit;
      if (has_reason && (report.refused.empty() || (!contested && !probe.candidates.empty()))) report.refused = probe.refused;
      contested = contested || (has_reason && !probe.candidates.empty());
      for (const std::string& candidate : probe.candidates) {
        if (std::find(report.candidates.begin(), report.candidates.end(), candidate) == report.candidates.end()) {
          report.candidates.push_back(candidate);
        }
      }
    }
  }
  if (places.size() == 1 && !contested) {
    report.place = places.begin()->second;
    report.refused.clear();
    report.candidates.clear();
  } else if (places.size() > 1) {
    report.refused = "ambiguous: " + std::to_string(places.size()) + " places in this version match";
    for (const auto& [where, place] : places) {
      report.candidates.push_back(place.file + ":" + std::to_string(place.line) + ": " + place.excerpt);
    }
  } else if (report.refused.empty()) {
    report.refused = "this version has no such place";
  }
  return report;
}

Placement make_placement(const Reports& reports, store::ProbeId probe, const Reports::Place& place) {
  Placement placement{.probe = probe, .function = place.function, .nest = place.nest, .reached_from = {}};
  placement.before_first_loop = placement.after_last_loop = !lies_in_state_loop(reports, place);
  const Callers callers = is_main(place.function) ? Callers{} : find_callers(reports, place.function);
  const bool known = all_parsed(reports) && std::all_of(callers.functions.begin(), callers.functions.end(),
                                                        [&](const std::string& name) { return is_tracked(reports, name); });
  if (known) {
    placement.reached_from.emplace(place.nest.begin(), place.nest.end());
    placement.reached_from->insert(callers.loops.begin(), callers.loops.end());
  }
  return placement;
}

}  // namespace hindsight::replay

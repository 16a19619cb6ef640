#include "replay/reports.h"

#include <algorithm>
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
  std::int32_t integer(const char* key) const {
    const Json* found = find(key);
    if (found == nullptr) return 0;
    if (!found->is_number_integer()) return complain("a number", key), 0;
    return static_cast<std::int32_t>(found->get<std::int64_t>());
  }
  bool has(const char* key) const { return find(key) != nullptr; }
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
  void use(const char* key, const Use& use) const {
    if (const Json* found = find(key)) use(*found);
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

Reports::Conditions read_conditions(const Fields& fields, std::string& problem) {
  Reports::Conditions conditions{.always = !fields.has("if"), .any = {}};
  fields.for_each("if", [&](const Json& item) {
    const Fields each(item, problem);
    conditions.any.push_back({each.text("function"), each.integer("parameter"), each.flag("by_signature"), each.texts("members")});
  });
  return conditions;
}

Reports::Step read_step(const Fields& fields, std::string& problem) {
  Reports::Step step;
  fields.use("step", [&](const Json& item) {
    const Fields each(item, problem);
    step = {each.number("number"), each.number("loop")};
  });
  return step;
}

Loop read_loop(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Loop loop{.name = fields.text("name"), .file = fields.text("file"), .line = fields.number("line"),
            .end_line = fields.number("end_line"), .function = fields.text("function"), .nest = fields.texts("nest"),
            .state = fields.texts("state"), .missing = {}, .dead = fields.texts("dead"), .dead_with_probes = std::nullopt, .calls = fields.texts("calls"),
            .calls_unknown = fields.flag("calls_unknown"), .reads_files = fields.flag("reads_files"),
            .writes_files = fields.flag("writes_files"), .step = read_step(fields, problem)};
  fields.for_each("missing", [&](const Json& item) {
    const Fields missing(item, problem);
    loop.missing.push_back({missing.text("variable"), missing.text("why"), read_conditions(missing, problem)});
  });
  if (json.contains("dead_with_probes")) loop.dead_with_probes = fields.texts("dead_with_probes");
  return loop;
}

Function read_function(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Function function{.name = fields.text("name"), .file = fields.text("file"), .line = fields.number("line"),
                    .tracked = fields.flag("tracked"), .defined = fields.flag("defined"), .calls = fields.texts("calls"),
                    .calls_unknown = fields.flag("calls_unknown"), .writes_globals = {}, .modifies = {}, .actions = {}};
  fields.for_each("writes_globals", [&](const Json& item) {
    const Fields write(item, problem);
    function.writes_globals.push_back({write.text("variable"), write.flag("hidden"), read_conditions(write, problem)});
  });
  fields.for_each("modifies", [&](const Json& item) {
    const Fields modified(item, problem);
    function.modifies.push_back({modified.integer("parameter"), modified.text("member"), read_conditions(modified, problem)});
  });
  fields.for_each("actions", [&](const Json& item) {
    const Fields action(item, problem);
    function.actions.push_back({action.text("call"), action.flag("reads_files"), action.flag("writes_files"), read_step(action, problem)});
  });
  function.draws = fields.flag("draws");
  for (std::string& clock : fields.texts("gives_time")) function.gives_time.insert(std::move(clock));
  // Reports of before it was said: whatever is not only called by its name.
  function.by_pointer = json.contains("by_pointer") ? fields.flag("by_pointer") : !function.tracked;
  function.overrides = fields.texts("overrides");
  function.beside_thread = fields.flag("beside_thread");
  function.gives_results_of = fields.texts("gives_results_of");
  function.takes = fields.text("takes");
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
                            place.texts("nest"), place.text("excerpt"), place.number("beside"), place.flag("after"), {}, place.texts("calls"), place.texts("results_of"), place.text("volatile"), place.flag("declares")});
    place.for_each("changes", [&](const Json& each) {
      const Fields change(each, problem);
      probe.placed.back().changes.push_back({change.text("what"), read_conditions(change, problem), change.flag("certain")});
    });
    place.for_each("insertions", [&](const Json& each) {
      const Fields insertion(each, problem);
      probe.placed.back().insertions.push_back({insertion.number("offset"), insertion.text("text")});
    });
  });
  return probe;
}

Unit read_unit(const Json& json, std::string& problem) {
  const Fields fields(json, problem);
  Unit unit{.name = fields.text("unit"), .parsed = fields.flag("parsed"), .problem = fields.text("problem"),
            .registered = fields.texts("registered"), .loops = {}, .functions = {}, .probes = {}, .headers = fields.texts("headers"), .arguments = fields.texts("arguments")};
  fields.for_each("loops", [&](const Json& item) { unit.loops.push_back(read_loop(item, problem)); });
  fields.for_each("functions", [&](const Json& item) { unit.functions.push_back(read_function(item, problem)); });
  fields.for_each("probes", [&](const Json& item) { unit.probes.push_back(read_probe(item, problem)); });
  fields.for_each("outside", [&](const Json& item) {
    const Fields use(item, problem);
    unit.outside.push_back({use.text("kind"), use.text("what"), use.text("file"), use.number("line"), use.text("used_file"), use.number("used_line"), use.text("if")});
  });
  fields.for_each("unfollowed", [&](const Json& item) {
    const Fields each(item, problem);
    unit.unfollowed.push_back({each.text("what"), each.text("why"), {}});
  });
  fields.for_each("volatile", [&](const Json& item) {
    const Fields name(item, problem);
    unit.volatile_names.push_back({name.text("name"), name.text("if")});
  });
  if (!problem.empty() && !unit.name.empty()) problem = unit.name + ": " + problem;
  return unit;
}

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

std::string nowhere(const store::Probe& probe) {
  const std::string in = probe.function.empty() ? "" : " in " + probe.function;
  switch (probe.form) {
    case store::Probe::Form::kAfter:
    case store::Probe::Form::kBefore: return "this version has no statement `" + probe.statement + "`" + in;
    case store::Probe::Form::kAt: return "this version has no line `" + probe.statement + "` in " + probe.file;
    case store::Probe::Form::kOnCall: return "this version has no call of `" + probe.statement + "`" + in;
    case store::Probe::Form::kOnAssign: return "this version has no assignment to `" + probe.statement + "`" + in;
    case store::Probe::Form::kEachLoop: return "this version has no loop " + probe.statement + in;
    case store::Probe::Form::kEdit: break;
  }
  return "this version has no place for it" + in + " of " + probe.file;
}

bool all_parsed(const Reports& reports) {
  return std::all_of(reports.units.begin(), reports.units.end(), [](const Unit& unit) { return unit.parsed; });
}

}  // namespace

// No lambda or method of a local class in it: `main()::lambda@5:15`.
bool is_main(std::string_view function) {
  return function == "main" || (function.starts_with("main(") && function.find(")::") == std::string_view::npos);
}

bool declare_something(const std::vector<Reports::Unit>& probed) {
  return std::any_of(probed.begin(), probed.end(), [](const Unit& unit) {
    return std::any_of(unit.probes.begin(), unit.probes.end(), [](const Reports::Probe& probe) {
      return std::any_of(probe.placed.begin(), probe.placed.end(), [](const Reports::Place& place) { return place.declares; });
    });
  });
}

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

ProbeReport find_probe(const Reports& reports, const store::Probe& wanted) {
  ProbeReport report;
  std::map<std::tuple<std::string, std::uint32_t, std::uint32_t>, std::vector<std::pair<const Unit*, const Reports::Place*>>> places;  // a header's is in many units
  bool contested = false;  // a unit has the place, and refused it
  for (const Unit& unit : reports.units) {
    for (const Reports::Probe& probe : unit.probes) {
      if (probe.id != wanted.id) continue;
      for (const Reports::Place& place : probe.placed) places[{place.file, place.line, place.column}].emplace_back(&unit, &place);
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
    report.seen = std::move(places.begin()->second);
    report.place = *report.seen.front().second;
    report.refused.clear();
    report.candidates.clear();
  } else if (places.size() > 1) {
    report.refused = "ambiguous: " + std::to_string(places.size()) + " places in this version match";
    for (const auto& [where, found] : places) {
      const Reports::Place& place = *found.front().second;
      report.candidates.push_back(place.file + ":" + std::to_string(place.line) + ": " + place.excerpt);
    }
  } else if (report.refused.empty()) {
    report.refused = nowhere(wanted);
  }
  return report;
}

std::vector<ProbeReport> find_pattern(const Reports& reports, const store::Probe& wanted) {
  std::map<std::tuple<std::string, std::uint32_t, std::uint32_t>, ProbeReport> placed;
  std::map<std::vector<std::string>, std::string> refused;  // by the statement
  std::vector<std::pair<const Unit*, std::string>> refusals;
  for (const Unit& unit : reports.units) {
    for (const Reports::Probe& probe : unit.probes) {
      if (probe.id != wanted.id) continue;
      for (const Reports::Place& place : probe.placed) {
        ProbeReport& report = placed[{place.file, place.line, place.column}];
        report.place = place;
        report.seen.emplace_back(&unit, &place);
      }
      if (probe.refused.empty() || probe.refused == kNotInThisUnit) continue;
      refused.emplace(probe.candidates, probe.refused);
      for (const std::string& candidate : probe.candidates) refusals.emplace_back(&unit, candidate);
    }
  }
  std::vector<ProbeReport> out;
  for (auto& [where, report] : placed) {
    // What one unit that has the file refuses is refused. A unit that took it refuses another statement of that line.
    const std::string there = report.place.file + ":" + std::to_string(report.place.line) + ": ";
    const bool contested = std::any_of(refusals.begin(), refusals.end(), [&](const auto& each) {
      const bool took_it = std::any_of(report.seen.begin(), report.seen.end(), [&](const auto& seen) { return seen.first == each.first; });
      return !took_it && each.second.starts_with(there);
    });
    if (!contested) out.push_back(std::move(report));
  }
  for (const auto& [candidates, why] : refused) out.push_back({.place = {}, .seen = {}, .refused = why, .candidates = candidates});
  if (out.empty()) out.push_back({.place = {}, .seen = {}, .refused = nowhere(wanted), .candidates = {}});
  return out;
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

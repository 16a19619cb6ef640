#include "replay/gate.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "replay/linked.h"

namespace hindsight::replay {
namespace {

using Unit = Reports::Unit;
using Loop = Reports::Loop;
using Function = Reports::Function;

// Which functions read and write files, and what may run after what.
class Files {
 public:
  Files(const Reports& reports, const Linked& linked) : reports_(reports), linked_(linked) {
    for (bool grown = true; grown;) {
      grown = false;
      for (const Unit& unit : reports.units) {
        for (const Function& function : unit.functions) {
          if (function.defined && !readers_.contains({&unit, &function}) && reads(unit, function)) grown = readers_.insert({&unit, &function}).second || grown;
        }
      }
    }
  }

  // Why files that the body wrote may be read again; empty if they are not.
  std::string read_back(const Unit& unit, const Loop& loop, const Linked::Reached& reached) {
    std::set<Linked::Body> body = reached.seen_by_unit;
    body.insert(reached.beyond.begin(), reached.beyond.end());
    const auto any = [&](bool Reports::Action::*does) {
      return std::any_of(body.begin(), body.end(), [&](const Linked::Body& place) {
        return std::any_of(place.function->actions.begin(), place.function->actions.end(), [&](const Reports::Action& action) { return action.*does; });
      });
    };
    if (!loop.writes_files && !any(&Reports::Action::writes_files)) return {};
    if (loop.reads_files || any(&Reports::Action::reads_files)) return "the body writes files, and reads files";
    seen_.clear();
    const std::string reader = read_after(unit, loop.function, loop.step);
    return reader.empty() ? "" : "the body writes files, and " + reader + " reads files afterwards";
  }

 private:
  bool reads(const Unit& unit, const Function& function) const {
    return std::any_of(function.actions.begin(), function.actions.end(), [&](const Reports::Action& action) { return reads(unit, action); });
  }
  bool reads(const Unit& unit, const Reports::Action& action) const {
    if (action.reads_files) return true;
    if (action.call.empty()) return false;
    const std::vector<Linked::Body> places = linked_.resolve(unit, action.call);
    return std::any_of(places.begin(), places.end(), [&](const Linked::Body& place) { return readers_.contains(place); });
  }

  // Who reads files after the step of a function, or of its callers after their call; empty if nobody.
  std::string read_after(const Unit& unit, const std::string& function, const Reports::Step& step) {
    if (!seen_.emplace(&unit, function, step.number).second) return {};
    for (const Linked::Body& place : linked_.resolve(unit, function)) {
      for (const Reports::Action& action : place.function->actions) {
        const bool may_follow = action.step.number > step.number || (step.loop != 0 && action.step.loop == step.loop);
        if (may_follow && reads(*place.unit, action)) return action.call.empty() ? function : action.call;
      }
    }
    for (const Unit& other : reports_.units) {
      for (const Function& caller : other.functions) {
        for (const Reports::Action& action : caller.actions) {
          if (action.call != function) continue;
          if (std::string reader = read_after(other, caller.name, action.step); !reader.empty()) return reader;
        }
      }
    }
    return {};
  }

  const Reports& reports_;
  const Linked& linked_;
  std::set<Linked::Body> readers_;
  std::set<std::tuple<const Unit*, std::string, std::uint32_t>> seen_;
};

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

// The functions that may run while a thread goes on that a caller of theirs has started, in whatever unit.
std::set<Linked::Body> beside_threads(const Reports& reports, const Linked& linked) {
  std::set<Linked::Body> all;
  for (const Unit& unit : reports.units) {
    for (const Function& function : unit.functions) {
      if (!function.beside_thread) continue;
      const Linked::Reached reached = linked.from(unit, {function.name}, false);
      all.insert(reached.seen_by_unit.begin(), reached.seen_by_unit.end());
      all.insert(reached.beyond.begin(), reached.beyond.end());
    }
  }
  return all;
}

void add_missing(std::vector<Gate::Missing>& all, Gate::Missing missing) {
  const bool known = std::any_of(all.begin(), all.end(), [&](const Gate::Missing& m) { return m.variable == missing.variable; });
  if (!known) all.push_back(std::move(missing));
}

}  // namespace

std::optional<std::vector<Gate::Missing>> Gate::missing(const Loop& loop) const {
  if (const auto here = loops.find(loop); here != loops.end()) return here->second;
  std::optional<std::vector<Missing>> all;
  for (const auto& [each, missing] : loops) {
    if (each.name != loop.name) continue;
    if (!all) all.emplace();
    for (const Missing& one : missing) add_missing(*all, one);
  }
  return all;
}

Gate make_gate(const Reports& reports) {
  Gate gate;
  const Linked linked(reports);
  Files files(reports, linked);
  const std::set<Linked::Body> beside = beside_threads(reports, linked);
  for (const Unit& unit : reports.units) {
    for (const Loop& loop : unit.loops) {
      std::vector<Gate::Missing>& missing = gate.loops[{loop.name, loop.file, loop.line}];
      const std::vector<Linked::Body> bodies = linked.resolve(unit, loop.function);
      if (std::any_of(bodies.begin(), bodies.end(), [&](const Linked::Body& body) { return beside.contains(body); })) {
        add_missing(missing, {"(a thread)", "was started before " + loop.function + " is called, and goes on beside it"});
      }
      for (const Reports::Missing& each : loop.missing) {
        if (linked.hold(unit, each.conditions)) add_missing(missing, {each.variable, each.why});
      }
      for (const Unit& other : reports.units) {
        for (const Reports::Missing& each : other.unfollowed) add_missing(missing, {each.variable, each.why + " (" + other.name + ")"});
      }
      if (!unit.parsed) add_missing(missing, {unit.name, "this source could not be analysed"});
      const Linked::Reached reached = linked.from(unit, loop.calls, loop.calls_unknown);
      for (const Linked::Body& place : reached.beyond) {
        for (const Reports::Write& write : place.function->writes_globals) {
          const std::string& global = write.variable;
          if (!linked.hold(*place.unit, write.conditions)) continue;
          if (!write.hidden && (covers(unit, loop, global) || is_registered(reports, global))) continue;
          add_missing(missing, {global, "written by " + place.function->name + " of " + place.unit->name +
                                            (reached.perhaps.contains(place) ? ", which the body may call through a pointer" : ", which the body calls") +
                                            (write.hidden ? "" : "; as state it is '::" + without_root(global) + "'")});
        }
      }
      if (std::string why = files.read_back(unit, loop, reached); !why.empty()) add_missing(missing, {"(files)", std::move(why)});
      const auto stranger = std::find_if(reached.unknown.begin(), reached.unknown.end(),
                                         [](const std::string& name) { return !is_of_library(name); });
      if (stranger == reached.unknown.end() && !reached.by_pointer) continue;
      for (const Unit& other : reports.units) {
        if (other.parsed) continue;
        const std::string callee = stranger == reached.unknown.end() ? "through a pointer" : *stranger;
        add_missing(missing, {other.name, "this source could not be analysed, and the body calls " + callee + ", which may lie in it"});
      }
    }
  }
  return gate;
}

void add_what_probes_read(const Reports& recorded, const std::vector<Reports::Unit>& probed, Gate& gate) {
  for (const Unit& unit : recorded.units) {
    const auto now = std::find_if(probed.begin(), probed.end(), [&](const Unit& each) { return each.name == unit.name; });
    if (now == probed.end()) continue;
    for (const Loop& loop : unit.loops) {
      const auto same = std::find_if(now->loops.begin(), now->loops.end(), [&](const Loop& each) { return each.name == loop.name && each.file == loop.file && each.line == loop.line; });
      const std::vector<std::string> still = same == now->loops.end() ? std::vector<std::string>() : same->dead_with_probes.value_or(std::vector<std::string>());
      std::vector<std::string> read;
      std::set_difference(loop.dead.begin(), loop.dead.end(), still.begin(), still.end(), std::back_inserter(read));
      for (const std::string& variable : read) add_missing(gate.loops[{loop.name, loop.file, loop.line}], {variable, "a probe reads it before the program writes it"});
    }
  }
}

std::vector<std::string> gate_notes(const Reports& reports) {
  std::vector<std::string> notes;
  for (const Unit& unit : reports.units) {
    if (!unit.parsed) notes.push_back(unit.name + " could not be analysed" + (unit.problem.empty() ? "" : ": " + unit.problem));
  }
  return notes;
}

}  // namespace hindsight::replay

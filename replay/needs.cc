#include "replay/needs.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "replay/text.h"
#include "replay/where.h"

namespace hindsight::replay {
namespace {

using store::Coverage;
using store::LoopInstance;

// The names of loops, sorted by where their instances lie.
struct Names {
  std::set<std::string> main;
  std::set<std::string> nested;                         // have state, lie in a main loop
  std::set<Gate::Loop> nested_loops;                    // the same, with their places
  std::set<std::string> known;                          // every name that may be asked for
  std::map<std::string, std::set<std::string>> inside;  // by name: the loops that were seen inside its iterations
};

Names find_names(const Question& question, const Course& course, const Gate& gate) {
  Names names;
  for (const LoopInstance& instance : course.recorded().loops) {
    const bool is_main = course.find_main(key_of(instance)).has_value();
    (is_main ? names.main : names.nested).insert(instance.loop);
    if (!is_main) names.nested_loops.insert(loop_of(instance));
    names.known.insert(instance.loop);
    for (auto outer = instance.enclosing.begin(); outer != instance.enclosing.end(); ++outer) {
      names.known.insert(outer->loop);
      for (auto inner = outer + 1; inner != instance.enclosing.end(); ++inner) names.inside[outer->loop].insert(inner->loop);
      names.inside[outer->loop].insert(instance.loop);
    }
  }
  for (const auto& [loop, missing] : gate.loops) names.known.insert(loop.name);
  for (const Placement& placement : question.probes) {
    names.known.insert(placement.nest.begin(), placement.nest.end());
    if (placement.reached_from) names.known.insert(placement.reached_from->begin(), placement.reached_from->end());
  }
  return names;
}

// Can this probe fire in an iteration of a loop of this name?
bool reaches(const Placement& placement, const std::string& loop, const Names& names) {
  if (!placement.reached_from || placement.reached_from->contains(loop)) return true;
  const auto inside = names.inside.find(loop);
  return inside != names.inside.end() && std::any_of(inside->second.begin(), inside->second.end(), [&](const std::string& in) {
           return placement.reached_from->contains(in);
         });
}

bool can_fire(const Placement& placement, std::size_t slot, const Course& course, const Names& names) {
  if (course.loops().empty()) return true;  // nothing says where in the program it lies
  const Course::Slot at = course.slot(slot);
  switch (at.part) {
    case Course::Part::kBefore:
      return placement.before_first_loop || course.has_other_threads();
    case Course::Part::kIteration:
      return reaches(placement, course.loops()[at.loop].instance->loop, names);
    case Course::Part::kAfter:
      break;
  }
  // A loop that another thread runs lies in whatever the main thread does meanwhile.
  if (course.has_other_threads()) return true;
  return placement.after_last_loop || (placement.before_first_loop && slot != course.last_after());
}

// Can a position that lies in this slot satisfy all clauses?
bool may_match(const Where& where, std::size_t slot, const Course& course, const Names& names) {
  const Course::Slot at = course.slot(slot);
  store::Position position;
  if (at.part == Course::Part::kIteration) {
    const LoopInstance& instance = *course.loops()[at.loop].instance;
    position = instance.enclosing;
    position.push_back({instance.loop, instance.entry, at.ordinal, course.loops()[at.loop].label(at.ordinal)});
  }
  return std::all_of(where.begin(), where.end(), [&](const Clause& clause) {
    const bool is_level = std::any_of(position.begin(), position.end(),
                                      [&](const store::Level& level) { return level.loop == clause.loop; });
    if (is_level) return matches({clause}, position);
    return !names.main.contains(clause.loop) || (at.part != Course::Part::kIteration && course.has_other_threads()) ||
           (at.part == Course::Part::kIteration && names.nested.contains(clause.loop));
  });
}

std::vector<bool> answered_slots(const Placement& placement, const Question& question, const Course& course) {
  std::vector<bool> answered(course.size(), false);
  for (const Coverage& coverage : question.answered) {
    if (coverage.probe != placement.probe || coverage.run != course.recorded().run.id || !coverage.exact) continue;
    const auto covers = [&](std::uint64_t n) { return coverage.first <= n && n < coverage.last; };
    if (coverage.loop_instance == Coverage::kNoLoop) {
      if (covers(0)) answered[0] = true;
      if (const auto last = course.last_after(); last && covers(1)) answered[*last] = true;
      continue;
    }
    const std::optional<std::size_t> loop = course.find_main(coverage.loop_instance);
    if (!loop) continue;
    const Course::MainLoop& main = course.loops()[*loop];
    for (std::uint64_t k = coverage.first; k < coverage.last && k <= main.iterations(); ++k) {
      const std::size_t slot = course.slot_of(*loop, k);
      // What runs after the last loop has a coverage of its own.
      if (slot < course.size() && !(k == main.iterations() && slot == course.last_after())) answered[slot] = true;
    }
  }
  return answered;
}

// "epoch=0..9": what was recorded of the main loops of this name.
std::string recorded_labels(const Course& course, const std::string& loop) {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  std::int64_t highest = std::numeric_limits<std::int64_t>::min();
  for (const Course::MainLoop& main : course.loops()) {
    if (main.instance->loop != loop) continue;
    for (std::uint64_t k = 0; k < main.iterations(); ++k) {
      if (k == main.instance->labels.size()) break;  // nothing is known to have run in a silent last one
      const std::int64_t label = main.instance->labels[k].value_or(static_cast<std::int64_t>(k));
      lowest = std::min(lowest, label);
      highest = std::max(highest, label);
    }
  }
  if (lowest > highest) return "no iteration of '" + loop + "'";
  return loop + "=" + std::to_string(lowest) + (lowest < highest ? ".." + std::to_string(highest) : "");
}

std::string shown(const Where& where) {
  std::string text;
  for (const Clause& clause : where) {
    if (!text.empty()) text += " and ";
    text += clause.first == clause.last
                ? clause.loop + "=" + std::to_string(clause.first)
                : clause.loop + " in " + std::to_string(clause.first) + ".." + std::to_string(clause.last);
  }
  return text;
}

// Are all loops that are asked for known?
bool check_names(const Where& where, const Names& names, std::vector<std::string>& problems) {
  bool known = true;
  for (const Clause& clause : where) {
    if (names.known.contains(clause.loop)) continue;
    known = false;
    const std::vector<std::string> candidates(names.known.begin(), names.known.end());
    const std::optional<std::string> near = did_you_mean(clause.loop, candidates);
    std::string problem = "no loop is called '" + clause.loop + "'";
    if (near) {
      problem += "; did you mean '" + *near + "'?";
    } else if (!candidates.empty()) {
      problem += "; there are: " + join(candidates, ", ");
    }
    problems.push_back(problem);
  }
  return known;
}

void find_skippable(const Course& course, const Gate& gate, const Names& names, Part& part) {
  for (const Gate::Loop& loop : names.nested_loops) {
    const bool reached = std::any_of(part.probes.begin(), part.probes.end(),
                                     [&](const Placement& placement) { return reaches(placement, loop.name, names); });
    const bool is_only = std::count_if(names.nested_loops.begin(), names.nested_loops.end(), [&](const Gate::Loop& each) { return each.name == loop.name; }) == 1;
    const std::string loops = "'" + loop.name + "' loops" + (is_only ? "" : " of " + loop.file + ":" + std::to_string(loop.line));
    if (reached) {
      part.reasons.push_back(loops + " run: a probe can be reached from them");
    } else if (const std::string why = why_no_jump(course, gate, loop); !why.empty()) {
      part.reasons.push_back(loops + " run although no probe can be reached from them: " + why);
    } else {
      part.skip_nested.insert(loop);
      part.reasons.push_back(loops + " are skipped where their exit is stored: no probe can be reached from them");
    }
  }
}

// What is asked of one probe: the slots that it can fire in, and whether it has answered them.
struct Asked {
  const Placement* placement = nullptr;
  std::vector<bool> asked;
  std::vector<bool> missing;  // of those, the ones without an answer
};

Asked find_asked(const Placement& placement, const Question& question, const Course& course, const Names& names,
                 const std::vector<bool>& allowed) {
  Asked found{.placement = &placement, .asked = std::vector<bool>(course.size()), .missing = std::vector<bool>(course.size())};
  const std::vector<bool> answered = answered_slots(placement, question, course);
  for (std::size_t slot = 0; slot < course.size(); ++slot) {
    found.asked[slot] = allowed[slot] && can_fire(placement, slot, course, names);
    found.missing[slot] = found.asked[slot] && !answered[slot];
  }
  // Without loops the program runs whole.
  if (course.loops().empty() && (found.missing[0] || found.missing[1])) found.missing[0] = found.missing[1] = true;
  return found;
}

bool any(const std::vector<bool>& flags) { return std::find(flags.begin(), flags.end(), true) != flags.end(); }

// Sorts the slots of which something is missing by the probes that have answered them.
void divide(const std::vector<Asked>& pending, std::size_t slots, Needs& needs) {
  for (const Asked& each : pending) needs.whole.probes.push_back(*each.placement);
  std::map<std::vector<bool>, Part> parts;  // by which of `pending` have answered
  for (std::size_t slot = 0; slot < slots; ++slot) {
    if (std::none_of(pending.begin(), pending.end(), [&](const Asked& each) { return each.missing[slot]; })) continue;
    needs.whole.slots.push_back(slot);
    std::vector<bool> answered;
    for (const Asked& each : pending) answered.push_back(each.asked[slot] && !each.missing[slot]);
    Part& part = parts[answered];
    part.slots.push_back(slot);
    if (part.slots.size() > 1) continue;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if (!answered[i]) part.probes.push_back(*pending[i].placement);
    }
  }
  for (auto& [answered, part] : parts) needs.parts.push_back(std::move(part));
}

}  // namespace

std::string why_no_jump(const Course& course, const Gate& gate, const Gate::Loop& loop) {
  if (course.has_other_threads()) return "loops with state ran on several threads";
  if (gate.assume_state) return {};
  const std::optional<std::vector<Gate::Missing>> missing = gate.missing(loop);
  if (!missing) return "no analysed source has it, so its state cannot be shown to be complete";
  if (missing->empty()) return {};
  std::string text = "its state misses ";
  for (const Gate::Missing& each : *missing) {
    if (&each != &missing->front()) text += ", ";
    text += "'" + each.variable + "'" + (each.why.empty() ? "" : " (" + each.why + ")");
  }
  return text;
}

Needs find_needs(const Question& question, const Course& course, const Gate& gate) {
  Needs needs;
  const Names names = find_names(question, course, gate);
  if (!check_names(question.where, names, needs.problems)) return needs;

  std::vector<bool> allowed(course.size());
  for (std::size_t slot = 0; slot < course.size(); ++slot) allowed[slot] = may_match(question.where, slot, course, names);
  if (std::none_of(allowed.begin(), allowed.end(), [](bool a) { return a; })) {
    std::string problem = "nothing recorded matches '" + shown(question.where) + "'";
    for (const Clause& clause : question.where) {
      if (names.main.contains(clause.loop)) problem += "; recorded is " + recorded_labels(course, clause.loop);
    }
    needs.problems.push_back(problem);
    return needs;
  }

  std::vector<Asked> pending;
  std::vector<bool> asked(course.size(), false);
  for (const Placement& placement : question.probes) {
    Asked found = find_asked(placement, question, course, names, allowed);
    for (std::size_t slot = 0; slot < course.size(); ++slot) asked[slot] = asked[slot] || found.asked[slot];
    if (any(found.missing)) pending.push_back(std::move(found));
    if (placement.after_last_loop && question.where.empty() && !course.last_after() && !placement.before_first_loop) {
      needs.problems.push_back("what runs after the last loop cannot be answered: the recording ends before that");
    }
  }
  divide(pending, course.size(), needs);
  const auto all = static_cast<std::size_t>(std::count(asked.begin(), asked.end(), true));
  const std::size_t already = all - std::min(all, needs.whole.slots.size());
  if (needs.whole.slots.empty() && all > 0) {
    needs.reasons.push_back("everything asked for is answered already");
  } else if (needs.whole.slots.empty()) {
    needs.reasons.push_back("no probe can be reached in what is asked for");
  } else if (already > 0) {
    needs.reasons.push_back(std::to_string(already) + " of " + std::to_string(all) + " iterations asked for are answered already");
  }
  if (const std::size_t done = question.probes.size() - pending.size(); done > 0 && !pending.empty()) {
    needs.reasons.push_back(std::to_string(done) + " of " + std::to_string(question.probes.size()) + " probes " +
                            (done == 1 ? "has nothing left to answer and is" : "have nothing left to answer and are") + " not asked again");
  }
  find_skippable(course, gate, names, needs.whole);
  for (Part& part : needs.parts) find_skippable(course, gate, names, part);
  return needs;
}

}  // namespace hindsight::replay

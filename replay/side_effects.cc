#include "replay/side_effects.h"

#include <algorithm>

namespace hindsight::replay {

namespace {

// What a function of another unit changes that its arguments do not show; empty: nothing.
std::string change_by(const Linked& linked, const Linked::Body& body) {
  const Reports::Function& function = *body.function;
  for (const Reports::Write& write : function.writes_globals) {
    if (linked.hold(*body.unit, write.conditions)) return write.variable + ": written by " + function.name;
  }
  if (function.draws) return function.name + " draws random numbers";
  if (function.calls_unknown) return function.name + " calls what is not known";
  const bool writes_files = std::any_of(function.actions.begin(), function.actions.end(), [](const Reports::Action& each) { return each.writes_files; });
  return writes_files ? function.name + " writes files" : "";
}

}  // namespace

SideEffects side_effects(const Linked& linked, const Reports::Unit& unit, const Reports::Place& place) {
  SideEffects effects{.impure = {}, .volatile_why = place.volatile_why};
  const auto impure = [&](std::string why) {
    if (effects.impure.empty()) effects.impure = std::move(why);
  };
  for (const Reports::Change& each : place.changes) {
    if (linked.hold(unit, each.conditions)) impure(each.what);
  }
  const Linked::Reached reached = linked.from(unit, place.calls, false);
  for (const Linked::Body& body : reached.beyond) {
    impure(change_by(linked, body));
    if (effects.volatile_why.empty()) effects.volatile_why = body.function->takes;
  }
  for (const std::string& name : place.results_of) {
    if (effects.volatile_why.empty() && !linked.times_of(unit, name).empty()) effects.volatile_why = "the time, from " + name + ",";
  }
  for (const std::string& name : reached.unknown) {
    if (!is_of_library(name)) impure("calls " + name + ", whose source was not analysed");
  }
  return effects;
}

}  // namespace hindsight::replay

#include "replay/side_effects.h"

#include <algorithm>

namespace hindsight::replay {

namespace {

class Judge {
 public:
  explicit Judge(const Linked& linked) : linked_(linked) {}

  void look_at(const Reports::Unit& unit, const Reports::Place& place) {
    if (effects_.volatile_why.empty()) effects_.volatile_why = place.volatile_why;
    for (const Reports::Change& each : place.changes) {
      if (linked_.hold(unit, each.conditions)) impure(each.what, each.is_certain);
    }
    const Linked::Reached reached = linked_.from(unit, place.calls, false);
    for (const Linked::Body& body : reached.beyond) {
      look_at_function(body);
      if (effects_.volatile_why.empty()) effects_.volatile_why = body.function->takes;
    }
    for (const std::string& name : place.results_of) {
      if (effects_.volatile_why.empty() && !linked_.times_of(unit, name).empty()) effects_.volatile_why = "the time, from " + name + ",";
    }
    for (const std::string& name : reached.unknown) {
      if (!is_of_library(name)) impure("calls " + name + ", whose source was not analysed", false);
    }
  }

  SideEffects result() && { return std::move(effects_); }

 private:
  // What a function of another unit changes that its arguments do not show.
  void look_at_function(const Linked::Body& body) {
    const Reports::Function& function = *body.function;
    for (const Reports::Write& write : function.writes_globals) {
      if (linked_.hold(*body.unit, write.conditions)) impure(write.variable + ": written by " + function.name, write.conditions.always);
    }
    if (function.draws) impure(function.name + " draws random numbers", true);
    if (function.calls_unknown) impure(function.name + " calls what is not known", false);
    const bool writes_files = std::any_of(function.actions.begin(), function.actions.end(), [](const Reports::Action& each) { return each.writes_files; });
    if (writes_files) impure(function.name + " writes files", true);
  }

  // The first reason counts, but what is certain comes first.
  void impure(std::string why, bool is_certain) {
    if (!effects_.impure.empty() && (effects_.is_certain || !is_certain)) return;
    effects_.impure = std::move(why);
    effects_.is_certain = is_certain;
  }

  const Linked& linked_;
  SideEffects effects_;
};

}  // namespace

SideEffects side_effects(const Linked& linked, const std::vector<std::pair<const Reports::Unit*, const Reports::Place*>>& seen) {
  Judge judge(linked);
  for (const auto& [unit, place] : seen) judge.look_at(*unit, *place);
  return std::move(judge).result();
}

}  // namespace hindsight::replay

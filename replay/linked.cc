#include "replay/linked.h"

#include <algorithm>
#include <deque>
#include <iterator>

namespace hindsight::replay {

using Unit = Reports::Unit;
using Function = Reports::Function;

namespace {

bool is_allocation(std::string_view name) {
  static constexpr std::string_view kNames[] = {"operator new(", "operator new[](", "operator delete(", "operator delete[](", "malloc(", "calloc(", "realloc(", "free("};
  return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view each) { return name.starts_with(each); });
}

}  // namespace

Linked::Linked(const Reports& reports) {
  for (const Unit& unit : reports.units) {
    for (const Function& function : unit.functions) {
      if (!function.defined) continue;
      by_name_[function.name].push_back({&unit, &function});
      for (const std::string& base : function.overrides) overriders_[base].push_back({&unit, &function});
      if (is_allocation(function.name)) called_unseen_.push_back(function.name);
    }
  }
  for (const Unit& unit : reports.units) {
    for (const Function& function : unit.functions) {
      if (!function.by_pointer) continue;
      const auto found = by_name_.find(function.name);
      if (found == by_name_.end()) unseen_by_pointer_.insert(function.name);
      else by_pointer_.insert(found->second.begin(), found->second.end());
    }
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (const Unit& unit : reports.units) {
      for (const Function& function : unit.functions) {
        for (const Reports::Modified& each : function.modifies) {
          if (hold(unit, each.conditions)) grown = modified_[{{&unit, &function}, each.parameter}].insert(each.member).second || grown;
        }
        std::set<std::string> times = function.gives_time;
        for (const std::string& each : function.gives_results_of) times.merge(times_of(unit, each));
        if (!times.empty()) {
          std::set<std::string>& known = times_[{&unit, &function}];
          const std::size_t before = known.size();
          known.merge(times);
          grown = grown || known.size() > before;
        }
      }
    }
  }
}

std::set<std::string> Linked::times_of(const Unit& from, const std::string& function) const {
  std::set<std::string> times;
  for (const Body& body : resolve(from, function)) {
    const auto found = times_.find(body);
    if (found != times_.end()) times.insert(found->second.begin(), found->second.end());
  }
  return times;
}

std::vector<Linked::Body> Linked::resolve(const Unit& from, const std::string& name) const {
  std::vector<Body> bodies;
  if (const auto found = by_name_.find(name); found != by_name_.end()) {
    std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(bodies), [&](const Body& body) { return body.unit == &from; });
    if (bodies.empty()) bodies = found->second;
  }
  if (const auto found = overriders_.find(name); found != overriders_.end()) bodies.insert(bodies.end(), found->second.begin(), found->second.end());
  return bodies;
}

Linked::Reached Linked::from(const Unit& unit, const std::vector<std::string>& calls, bool by_pointer) const {
  Reached reached{.seen_by_unit = {}, .beyond = {}, .perhaps = {}, .unknown = {}, .by_pointer = by_pointer};
  std::deque<std::pair<Body, bool>> todo;
  bool only_perhaps = false;
  const auto go = [&](const Unit& from_unit, const std::vector<std::string>& names, bool is_seen) {
    for (const std::string& name : names) {
      const std::vector<Body> bodies = resolve(from_unit, name);
      if (bodies.empty()) reached.unknown.insert(name);
      for (const Body& body : bodies) {
        const bool seen = is_seen && body.unit == &unit;
        if (!(seen ? reached.seen_by_unit : reached.beyond).insert(body).second) continue;
        if (only_perhaps && !seen) reached.perhaps.insert(body);
        todo.emplace_back(body, seen);
      }
    }
  };
  const auto go_on = [&] {
    while (!todo.empty()) {
      const auto [body, seen] = todo.front();
      todo.pop_front();
      reached.by_pointer = reached.by_pointer || body.function->calls_unknown;
      go(*body.unit, body.function->calls, seen);
    }
  };
  go(unit, calls, true);
  go(unit, called_unseen_, false);
  go_on();
  if (!reached.by_pointer) return reached;
  only_perhaps = true;
  for (const Body& body : by_pointer_) {
    // The unit's own analysis went where it knows of a call through a pointer, and of the pointer.
    const bool seen = by_pointer && body.unit == &unit && body.function->by_pointer;
    if (!(seen ? reached.seen_by_unit : reached.beyond).insert(body).second) continue;
    if (!seen) reached.perhaps.insert(body);
    todo.emplace_back(body, seen);
  }
  reached.unknown.insert(unseen_by_pointer_.begin(), unseen_by_pointer_.end());
  go_on();
  return reached;
}

bool Linked::hold(const Unit& unit, const Reports::Conditions& conditions) const {
  return conditions.always || std::any_of(conditions.any.begin(), conditions.any.end(), [&](const Reports::Condition& each) { return holds(unit, each); });
}

bool Linked::holds(const Unit& unit, const Reports::Condition& condition) const {
  const std::vector<Body> bodies = resolve(unit, condition.function);
  if (bodies.empty()) return condition.by_signature;
  return std::any_of(bodies.begin(), bodies.end(), [&](const Body& body) {
    const auto found = modified_.find({body, condition.parameter});
    if (found == modified_.end()) return false;
    return condition.members.empty() || found->second.contains("") ||
           std::any_of(condition.members.begin(), condition.members.end(), [&](const std::string& member) { return found->second.contains(member); });
  });
}

bool is_of_library(std::string_view function) {
  static constexpr std::string_view kNamespaces[] = {"std::", "torch::", "at::", "c10::", "caffe2::", "Eigen::", "hindsight::", "__"};
  return std::any_of(std::begin(kNamespaces), std::end(kNamespaces), [&](std::string_view prefix) { return function.starts_with(prefix); });
}

}  // namespace hindsight::replay

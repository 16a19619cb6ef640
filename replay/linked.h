// The reports of a version's units joined, as a linker joins object files: which bodies a call can mean, what it leads to, and what
// of it modifies its arguments. Pure.
//
//   const Linked linked(reports);
//   if (linked.hold(unit, change.conditions)) ...
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/reports.h"

namespace hindsight::replay {

class Linked {
 public:
  struct Body {
    const Reports::Unit* unit = nullptr;
    const Reports::Function* function = nullptr;
    friend auto operator<=>(const Body&, const Body&) = default;
  };

  // Keeps a reference.
  explicit Linked(const Reports& reports);
  Linked(const Linked&) = delete;
  Linked& operator=(const Linked&) = delete;

  // The bodies that a call in `from` can mean: its own unit's come first, as a static function would; those of all units that override it as well.
  // Empty: no report has one.
  std::vector<Body> resolve(const Reports::Unit& from, const std::string& name) const;

  // Everything that calls from a place in a unit lead to.
  struct Reached {
    std::set<Body> seen_by_unit;    // along functions of the unit alone: its own analysis went there, too
    std::set<Body> beyond;          // other ways
    std::set<Body> perhaps;         // of those beyond, what only calls through pointers may run
    std::set<std::string> unknown;  // names that no report has
    bool by_pointer = false;
  };
  Reached from(const Reports::Unit& unit, const std::vector<std::string>& calls, bool by_pointer) const;
  // The project's own functions that a library may call unseen: operator new and the like.
  const std::vector<std::string>& called_unseen() const { return called_unseen_; }

  // The clocks that the result of a function, as called in `from`, depends on.
  std::set<std::string> times_of(const Reports::Unit& from, const std::string& function) const;

  // Is it so that what depends on these conditions happens? By the least answer that fits all reports.
  bool hold(const Reports::Unit& unit, const Reports::Conditions& conditions) const;

 private:
  bool holds(const Reports::Unit& unit, const Reports::Condition& condition) const;

  std::map<std::string, std::vector<Body>> by_name_;
  std::map<std::string, std::vector<Body>> overriders_;
  std::set<Body> by_pointer_;
  std::set<std::string> unseen_by_pointer_;  // names that no report has
  // What a function modifies of what a parameter leads to: members by name; "": anything.
  std::map<std::pair<Body, std::int32_t>, std::set<std::string>> modified_;
  std::map<Body, std::set<std::string>> times_;
  std::vector<std::string> called_unseen_;
};

// Is it a name of the standard library, or of a library that is known?
bool is_of_library(std::string_view function);

}  // namespace hindsight::replay

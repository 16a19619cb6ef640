// Which parts of a recorded run a question needs, and which loops may be jumped over to get there. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "replay/course.h"
#include "replay/plan.h"

namespace hindsight::replay {

// Slots of which the same probes are asked.
struct Part {
  std::vector<Placement> probes;
  std::vector<std::size_t> slots;     // of the course, rising
  std::set<Gate::Loop> skip_nested;   // nested loops that none of these probes can reach and that may be skipped
  std::vector<std::string> reasons;   // for skipping them or not
};

struct Needs {
  Part whole;                         // all slots of which anything is missing, and all probes of which anything is
  std::vector<Part> parts;            // the same, but no probe in a slot that it has answered
  std::vector<std::string> reasons;   // as in Plan
  std::vector<std::string> problems;
};

Needs find_needs(const Question& question, const Course& course, const Gate& gate);

// Why a loop may be neither entered at a later head nor skipped, as the end of a sentence: "its state misses 'epoch_loss' (assigned in the
// body)". Empty: it may, its state was shown complete.
std::string why_no_jump(const Course& course, const Gate& gate, const Gate::Loop& loop);

}  // namespace hindsight::replay

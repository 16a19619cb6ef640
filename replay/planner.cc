#include <algorithm>
#include <limits>

#include "replay/cost.h"
#include "replay/course.h"
#include "replay/needs.h"
#include "replay/plan.h"

namespace hindsight::replay {
namespace {

using store::Checkpoint;
using store::Coverage;
using store::LoopInstance;

// The cheapest way for a fresh process to stand at each slot, ready to run it: by running what comes before it, by entering
// its loop at its head, or by skipping the loop that it comes after. Every way leads past head 0 of each main loop.
class Ways {
 public:
  Ways(const Course& course, const Gate& gate, const Costs& costs) : course_(course), costs_(costs) {
    stand_.assign(course.size(), 0.0);
    how_.assign(course.size(), How::kRun);
    ran_.assign(course.size() + 1, 0.0);
    for (std::size_t slot = 0; slot < course.size(); ++slot) ran_[slot + 1] = ran_[slot] + costs.slots[slot];
    stand_[0] = costs.start;
    if (course.loops().empty()) stand_[1] = stand_[0] + costs.slots[0];
    for (std::size_t i = 0; i < course.loops().size(); ++i) walk(i, why_no_jump(course, gate, loop_of(*course.loops()[i].instance)).empty());
  }

  double to(std::size_t slot) const { return stand_[slot]; }

  // Seconds between having run slot `a` and standing at slot `b` behind it, in one process.
  double between(std::size_t a, std::size_t b) const {
    const std::size_t head = next_loop(a);
    if (b < head) return ran_[b] - ran_[a + 1];
    return ran_[head] - ran_[a + 1] + stand_[b] - stand_[head];
  }

  // Seconds from having run `slot` to the next point that can be compared.
  double to_comparison(std::size_t slot) const { return ran_[course_.next_comparable(slot + 1)] - ran_[slot + 1]; }

  // Notes the jumps on the way from a fresh process to `slot`, or from having run `previous`.
  void trace(std::optional<std::size_t> previous, std::size_t slot, Segment& segment) const {
    const std::size_t head = previous ? next_loop(*previous) : 0;
    while (slot > head) {
      if (how_[slot] == How::kRun) {
        --slot;
        continue;
      }
      const Course::Slot at = course_.slot(slot);
      const Course::MainLoop& loop = course_.loops()[at.loop];
      if (how_[slot] == How::kEnter) {
        segment.enters.emplace(loop.instance->number, at.ordinal);
      } else {
        segment.skip_instances.insert(loop.instance->number);
      }
      slot = loop.first_slot;
    }
  }

 private:
  enum class How { kRun, kEnter, kSkip };

  void walk(std::size_t index, bool may_jump) {
    const Course::MainLoop& loop = course_.loops()[index];
    const std::size_t end = std::min(loop.after_slot + 1, course_.size());
    for (std::size_t slot = loop.first_slot; slot < end; ++slot) {
      stand_[slot] = stand_[slot - 1] + costs_.slots[slot - 1];
      if (!may_jump || slot == loop.first_slot) continue;
      const bool is_after = slot == loop.after_slot;
      const Checkpoint* state = is_after ? loop.exit : kept_head(loop, slot - loop.first_slot);
      if (state == nullptr || !state->kept) continue;
      const double jump = stand_[loop.first_slot] + (costs_.free_jumps ? 0 : restore_seconds(*state));
      if (jump > stand_[slot]) continue;
      stand_[slot] = jump;
      how_[slot] = is_after ? How::kSkip : How::kEnter;
    }
  }

  static const Checkpoint* kept_head(const Course::MainLoop& loop, std::uint64_t ordinal) {
    const auto found = loop.heads.find(ordinal);
    return found == loop.heads.end() ? nullptr : found->second;
  }

  // Head 0 of the first main loop behind this slot, or the end.
  std::size_t next_loop(std::size_t slot) const {
    const auto& loops = course_.loops();
    const std::size_t next = slot == 0 ? 0 : course_.slot(slot).loop + 1;
    return next < loops.size() ? loops[next].first_slot : course_.size();
  }

  const Course& course_;
  const Costs& costs_;
  std::vector<double> stand_;
  std::vector<How> how_;
  std::vector<double> ran_;  // seconds to run all slots before this one
};

// Needed slots [first, last), by index into Needs::slots, that one worker runs.
struct Group {
  std::size_t first = 0;
  std::size_t last = 0;
};

class Grouping {
 public:
  Grouping(const std::vector<std::size_t>& slots, const Ways& ways, const Costs& costs) : slots_(slots), ways_(ways) {
    work_.assign(slots.size() + 1, 0.0);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const double link = i == 0 ? 0.0 : ways.between(slots[i - 1], slots[i]);
      work_[i + 1] = work_[i] + link + costs.slots[slots[i]];
      links_.push_back(link);
    }
  }

  double cost(Group group) const {
    const double work = work_[group.last] - work_[group.first] - links_[group.first];
    return ways_.to(slots_[group.first]) + work + ways_.to_comparison(slots_[group.last - 1]);
  }

  // The grouping with the least seconds in all. Whether to go on in the same process or to start a new one is decided
  // between each two neighbours on its own: neither choice changes what the others cost.
  std::vector<Group> cheapest() const {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const bool go_on = i > 0 && links_[i] <= ways_.to_comparison(slots_[i - 1]) + ways_.to(slots_[i]);
      if (go_on) {
        groups.back().last = i + 1;
      } else {
        groups.push_back({i, i + 1});
      }
    }
    return groups;
  }

  // Splits groups over `workers`, so that the longest takes as little as possible: as few pieces as do that within a tenth.
  std::vector<Group> split(const std::vector<Group>& groups, unsigned workers) const {
    if (groups.empty() || groups.size() >= workers) return groups;
    std::vector<Group> best = groups;
    double longest = longest_of(best);
    for (std::size_t count = groups.size() + 1; count <= workers && count <= slots_.size(); ++count) {
      const std::vector<Group> pieces = split_into(groups, count);
      const double now = longest_of(pieces);
      if (now < longest * 0.9) {
        best = pieces;
        longest = now;
      }
    }
    return best;
  }

 private:
  double longest_of(const std::vector<Group>& groups) const {
    double longest = 0;
    for (const Group& group : groups) longest = std::max(longest, cost(group));
    return longest;
  }

  std::vector<Group> split_into(const std::vector<Group>& groups, std::size_t count) const {
    double high = longest_of(groups);
    double low = 0;
    std::vector<Group> best = groups;
    for (int round = 0; round < 40; ++round) {
      const double limit = (low + high) / 2;
      std::vector<Group> pieces = split_within(groups, limit, count);
      if (pieces.empty()) {
        low = limit;
      } else {
        high = limit;
        best = std::move(pieces);
      }
    }
    return best;
  }

  // Pieces that take at most `limit` each; none if that needs more than `count`.
  std::vector<Group> split_within(const std::vector<Group>& groups, double limit, std::size_t count) const {
    std::vector<Group> pieces;
    for (const Group& group : groups) {
      for (std::size_t first = group.first; first < group.last;) {
        std::size_t last = first;
        for (std::size_t end = first + 1; end <= group.last; ++end) {
          const double whole = cost({first, end});
          if (whole <= limit) last = end;
          if (whole - ways_.to_comparison(slots_[end - 1]) > limit) break;
        }
        if (last == first || pieces.size() == count) return {};
        pieces.push_back({first, last});
        first = last;
      }
    }
    return pieces;
  }

  const std::vector<std::size_t>& slots_;
  const Ways& ways_;
  std::vector<double> work_;   // seconds of the needed slots before this one, ways between them included
  std::vector<double> links_;  // of each needed slot: the way from the one before it
};

Segment make_segment(const Course& course, const Ways& ways, const Part& part, Group group) {
  Segment segment;
  for (const Placement& placement : part.probes) segment.probes.push_back(placement.probe);
  segment.skip_nested = part.skip_nested;
  std::optional<std::size_t> previous;
  for (std::size_t i = group.first; i < group.last; ++i) {
    const std::size_t slot = part.slots[i];
    ways.trace(previous, slot, segment);
    previous = slot;
    const Stretch stretch = course.stretch(slot);
    if (!segment.asked.empty() && stretch.loop_instance != Coverage::kNoLoop &&
        segment.asked.back().loop_instance == stretch.loop_instance && segment.asked.back().last == stretch.first) {
      segment.asked.back().last = stretch.last;
    } else {
      segment.asked.push_back(stretch);
    }
    if (stretch.loop_instance == Coverage::kNoLoop) {
      if (slot == 0) segment.includes_prologue = true;
    } else if (!segment.loop_instance) {
      segment.loop_instance = stretch.loop_instance;
      segment.first = stretch.first;
    }
    if (segment.loop_instance == stretch.loop_instance) segment.last = stretch.last;
  }
  if (segment.loop_instance) {
    if (const auto enter = segment.enters.find(*segment.loop_instance); enter != segment.enters.end()) {
      segment.enter = enter->second;
    }
  }
  segment.runs_to_end = course.last_after() && course.next_comparable(*previous + 1) == course.size();
  return segment;
}

std::string iterations(const Course& course, const LoopInstance& instance, std::uint64_t first, std::uint64_t last) {
  return course.describe(*course.find_main(instance.number), first, last);
}

// One sentence for each part of what is asked: why it runs, and from where.
void explain_segment(const Course& course, const Gate& gate, const Segment& segment, std::vector<std::string>& reasons) {
  const std::string worker = "worker " + std::to_string(segment.number) + ": ";
  if (course.loops().empty()) {
    reasons.push_back(worker + "the whole program runs: no loop with state was recorded");
    return;
  }
  for (const Course::MainLoop& loop : course.loops()) {
    const LoopInstance& instance = *loop.instance;
    const std::string name = to_string(key_of(instance));
    if (segment.skip_instances.contains(instance.number)) {
      reasons.push_back(worker + name + " is passed by restoring its exit");
      continue;
    }
    const auto enter = segment.enters.find(instance.number);
    for (const Stretch& stretch : segment.asked) {
      if (stretch.loop_instance != instance.number || stretch.first >= loop.iterations()) continue;
      const std::uint64_t last = std::min(stretch.last, loop.iterations());
      std::string text = worker + iterations(course, instance, stretch.first, last) + " is asked for; ";
      const std::uint64_t from = enter == segment.enters.end() ? 0 : enter->second;
      const bool starts_here = &stretch == &*std::find_if(segment.asked.begin(), segment.asked.end(), [&](const Stretch& s) {
        return s.loop_instance == instance.number;
      });
      if (!starts_here) {
        text += "running on to it is cheaper than another process";
      } else if (enter != segment.enters.end()) {
        text += from == stretch.first ? "entered by the checkpoint at its head"
                                      : "runs from " + iterations(course, instance, from, from + 1) +
                                            ", whose head is the nearest earlier one with a checkpoint to enter by";
      } else if (stretch.first == 0) {
        text += "runs from the loop's start";
      } else if (const std::string why = why_no_jump(course, gate, loop_of(instance)); !why.empty()) {
        text += "runs from the loop's start, since it cannot be entered: " + why;
      } else {
        text += "runs from the loop's start, since no checkpoint on the way is kept or worth restoring";
      }
      reasons.push_back(text);
    }
  }
  if (segment.includes_prologue) reasons.push_back(worker + "what runs before the first loop is asked for");
  for (const Stretch& stretch : segment.asked) {
    if (stretch.loop_instance == Coverage::kNoLoop && stretch.last == 2) {
      reasons.push_back(worker + "what runs after the last loop is asked for");
    }
  }
}

// Main loops that are run in full on the way although nothing is asked of them, with the reason.
void explain_passing(const Course& course, const Gate& gate, const Segment& segment, std::vector<std::string>& reasons) {
  const auto asked = [&](const Course::MainLoop& loop) {
    return std::any_of(segment.asked.begin(), segment.asked.end(), [&](const Stretch& stretch) {
      return stretch.loop_instance == loop.instance->number && stretch.first < loop.iterations();
    });
  };
  std::size_t end = 0;
  for (const Stretch& stretch : segment.asked) {
    if (stretch.loop_instance != Coverage::kNoLoop) {
      end = std::max(end, *course.find_main(stretch.loop_instance) + (stretch.last > 0 ? 1 : 0));
    } else if (stretch.last == 2) {
      end = course.loops().size();
    }
  }
  for (std::size_t i = 0; i < end; ++i) {
    const Course::MainLoop& loop = course.loops()[i];
    if (asked(loop) || loop.iterations() == 0 || segment.skip_instances.contains(loop.instance->number)) continue;
    const bool entered = segment.enters.contains(loop.instance->number);
    std::string why = why_no_jump(course, gate, loop_of(*loop.instance));
    if (!why.empty()) {
      why = "it cannot be skipped: " + why;
    } else if (loop.exit == nullptr || !loop.exit->kept) {
      why = "the state at its end is not kept";
    } else {
      why = "restoring its exit would take longer";
    }
    reasons.push_back("worker " + std::to_string(segment.number) + ": " + to_string(key_of(*loop.instance)) + " runs " +
                      (entered ? "from its last checkpoint" : "in full") + " on the way, since " + why);
  }
}

// When the last of `workers` is done, each taking the next segment as it gets free.
double makespan(const std::vector<Segment>& segments, unsigned workers) {
  std::vector<double> busy_until(std::max(1U, workers), 0.0);
  for (const Segment& segment : segments) {
    *std::min_element(busy_until.begin(), busy_until.end()) += segment.estimated_seconds;
  }
  return *std::max_element(busy_until.begin(), busy_until.end());
}

// The segments of a part, not yet numbered.
std::vector<Segment> make_segments(const Course& course, const Gate& gate, const Part& part, bool enter, unsigned workers) {
  Costs costs = make_costs(course, part.skip_nested);
  costs.free_jumps = enter;
  const Ways ways(course, gate, costs);
  const Grouping grouping(part.slots, ways, costs);
  std::vector<Segment> segments;
  for (const Group& group : grouping.split(grouping.cheapest(), workers)) {
    segments.push_back(make_segment(course, ways, part, group));
    segments.back().estimated_seconds = grouping.cost(group);
  }
  return segments;
}

struct Draft {
  std::vector<std::pair<const Part*, std::vector<Segment>>> of_parts;
  double seconds = 0;  // of all workers together
};

Draft make_draft(const Course& course, const Gate& gate, const std::vector<const Part*>& parts, bool enter, unsigned workers) {
  Draft draft;
  for (const Part* part : parts) {
    draft.of_parts.emplace_back(part, make_segments(course, gate, *part, enter, workers));
    for (const Segment& segment : draft.of_parts.back().second) draft.seconds += segment.estimated_seconds;
  }
  return draft;
}

// Running on through what some probes have answered can be cheaper than workers of their own for what they have not.
Draft choose_draft(const Course& course, const Gate& gate, const Needs& needs, bool enter, unsigned workers) {
  if (needs.parts.empty()) return {};
  Draft whole = make_draft(course, gate, {&needs.whole}, enter, workers);
  if (needs.parts.size() == 1) return whole;
  std::vector<const Part*> parts;
  for (const Part& part : needs.parts) parts.push_back(&part);
  Draft apart = make_draft(course, gate, parts, enter, workers);
  return apart.seconds < whole.seconds ? apart : whole;
}

}  // namespace

Plan make_plan(const Question& question, const Recorded& recorded, const Gate& gate, unsigned workers) {
  const Course course(recorded);
  Needs needs = find_needs(question, course, gate);

  Plan plan;
  plan.full_run_seconds = make_costs(course, {}).full_run;
  plan.reasons = std::move(needs.reasons);
  plan.problems = std::move(needs.problems);
  Draft draft = choose_draft(course, gate, needs, question.enter, workers);
  for (auto& [part, segments] : draft.of_parts) {
    const std::string first = std::to_string(plan.segments.size() + 1);
    const std::string last = std::to_string(plan.segments.size() + segments.size());
    const std::string whose = draft.of_parts.size() == 1 ? "" : first == last ? "worker " + first + ": " : "workers " + first + " to " + last + ": ";
    for (const std::string& reason : part->reasons) plan.reasons.push_back(whose + reason);
    for (Segment& segment : segments) {
      segment.number = static_cast<std::uint32_t>(plan.segments.size() + 1);
      explain_segment(course, gate, segment, plan.reasons);
      explain_passing(course, gate, segment, plan.reasons);
      plan.segments.push_back(std::move(segment));
    }
  }
  plan.estimated_seconds = makespan(plan.segments, workers);
  if (gate.assume_state && !plan.segments.empty()) {
    plan.reasons.push_back("states are assumed to be complete, so every value will be unverified");
  }
  return plan;
}

}  // namespace hindsight::replay

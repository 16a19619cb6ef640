#include "replay/explain.h"

#include <cstdio>

#include "replay/course.h"
#include "replay/text.h"

namespace hindsight::replay {
namespace {

using store::Coverage;

std::string show_stretch(const Course& course, const Stretch& stretch) {
  if (stretch.loop_instance == Coverage::kNoLoop) {
    if (course.loops().empty()) return "the whole program";
    return stretch.first == 0 ? "what runs before the first loop" : "what runs after the last loop";
  }
  const std::optional<std::size_t> loop = course.find_main(stretch.loop_instance);
  if (!loop || stretch.first >= stretch.last) return "nothing";
  return course.describe(*loop, stretch.first, stretch.last);
}

std::string show_segment(const Course& course, const Segment& segment) {
  std::string line = "worker " + std::to_string(segment.number) + ": answers ";
  std::string last;
  for (const Stretch& stretch : segment.asked) {
    const std::string shown = show_stretch(course, stretch);
    if (shown == last) continue;
    line += (last.empty() ? "" : ", ") + shown;
    last = shown;
  }
  for (const std::uint64_t number : segment.skip_instances) {
    if (const auto loop = course.find_main(number)) line += "; skips " + to_string(key_of(*course.loops()[*loop].instance));
  }
  for (const auto& [number, head] : segment.enters) {
    if (const auto loop = course.find_main(number)) line += "; restores the head of " + course.describe(course.slot_of(*loop, head));
  }
  if (segment.enters.empty() && segment.skip_instances.empty()) line += "; runs from the start";
  if (!segment.skip_nested.empty()) {
    line += "; skips nested ";
    line += join(names_of(segment.skip_nested), ", ");
  }
  if (segment.runs_to_end) line += "; runs to the end";
  return line + " (about " + show_seconds(segment.estimated_seconds) + ")";
}

}  // namespace

std::vector<std::string> names_of(const std::set<Gate::Loop>& loops) {
  std::vector<std::string> names;
  for (const Gate::Loop& loop : loops) {  // sorted by name
    if (names.empty() || names.back() != loop.name) names.push_back(loop.name);
  }
  return names;
}

std::string show_seconds(double seconds) {
  char text[32];
  if (seconds < 0.001) {
    std::snprintf(text, sizeof text, "%.1f ms", seconds * 1e3);
  } else if (seconds < 1) {
    std::snprintf(text, sizeof text, "%.0f ms", seconds * 1e3);
  } else if (seconds < 120) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else if (seconds < 7200) {
    std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
  } else {
    std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
  }
  return text;
}

std::vector<std::string> explain(const Plan& plan, const Recorded& recorded, bool reasons) {
  const Course course(recorded);
  std::vector<std::string> lines;
  for (const Segment& segment : plan.segments) lines.push_back(show_segment(course, segment));
  if (plan.segments.empty()) {
    lines.push_back(!plan.problems.empty() ? "nothing can run"
                    : plan.reasons.empty() ? "nothing has to run"
                                           : "nothing has to run: " + plan.reasons.front());
  } else {
    lines.push_back("about " + show_seconds(plan.estimated_seconds) + " in all, against " +
                    show_seconds(plan.full_run_seconds) + " for training again");
  }
  if (reasons && !plan.segments.empty()) {
    for (const std::string& reason : plan.reasons) lines.push_back("because: " + reason);
  }
  for (const std::string& problem : plan.problems) lines.push_back("problem: " + problem);
  return lines;
}

}  // namespace hindsight::replay

#include "replay/added.h"

#include <algorithm>
#include <string_view>

#include "runtime/wire.h"

namespace hindsight::replay {
namespace {

bool lies_in(const store::Point& point, const std::string& loop) {
  return point.loop == loop || std::any_of(point.enclosing.begin(), point.enclosing.end(), [&](const store::Level& level) { return level.loop == loop; });
}

bool has(const store::Checkpoint& checkpoint, const std::string& variable) {
  const std::string path = variable + "." + wire::kAdded;
  return std::any_of(checkpoint.leaves.begin(), checkpoint.leaves.end(), [&](const store::Leaf& leaf) {
    const std::string_view own = leaf.path.starts_with('*') ? std::string_view(leaf.path).substr(1) : std::string_view(leaf.path);  // of a pointer
    return own == path || own.starts_with(path + ".");
  });
}

}  // namespace

std::vector<std::pair<std::string, std::string>> added_to_states(const store::Run& run) {
  constexpr std::string_view kLoop = wire::kAddedLoop, kVariable = wire::kAddedVariable;
  std::vector<std::pair<std::string, std::string>> added;
  for (const std::string& note : run.notes) {
    const std::size_t variable = note.starts_with(kLoop) ? note.find(kVariable, kLoop.size()) : std::string::npos;
    if (variable == std::string::npos) continue;
    std::string name = note.substr(variable + kVariable.size());
    if (name.ends_with('\'')) name.pop_back();  // a long one may be cut short: no state has it then
    std::pair<std::string, std::string> each(note.substr(kLoop.size(), variable - kLoop.size()), std::move(name));
    if (std::find(added.begin(), added.end(), each) == added.end()) added.push_back(std::move(each));
  }
  return added;
}

void leave_incomplete_states(const std::vector<std::pair<std::string, std::string>>& added, Recorded& recorded, Gate& gate) {
  for (const auto& [loop, variable] : added) {
    bool any = false;
    for (store::Checkpoint& checkpoint : recorded.checkpoints) {
      if (!lies_in(checkpoint.point, loop)) continue;
      if (has(checkpoint, variable)) {
        any = true;
      } else {
        checkpoint.kept = false;
      }
    }
    if (any) continue;
    for (auto& [each, missing] : gate.loops) {
      if (each.name == loop) missing.push_back({variable, "changed while it was recorded, although nothing that was analysed changes it"});
    }
  }
}

}  // namespace hindsight::replay

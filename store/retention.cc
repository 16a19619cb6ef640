#include "store/retention.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace hindsight::store {

std::vector<std::uint64_t> find_thinned(const std::vector<Checkpoint>& checkpoints, const std::vector<LoopInstance>& loops, Thinning how) {
  std::set<std::string> with_state;
  for (const LoopInstance& loop : loops) with_state.insert(loop.loop);
  const auto is_nested = [&](const Point& point) {
    return std::any_of(point.enclosing.begin(), point.enclosing.end(), [&](const Level& level) { return with_state.contains(level.loop); });
  };
  using Instance = std::tuple<Position, std::string, std::uint32_t, std::uint32_t>;
  std::map<Instance, std::vector<const Checkpoint*>> heads;
  std::vector<std::uint64_t> thinned;
  for (const Checkpoint& checkpoint : checkpoints) {
    if (!checkpoint.kept) continue;
    const Point& point = checkpoint.point;
    if (is_nested(point)) {
      thinned.push_back(checkpoint.number);
    } else if (point.kind == PointKind::kHead) {
      heads[{point.enclosing, point.loop, point.entry, point.thread}].push_back(&checkpoint);
    }
  }
  for (auto& [instance, all] : heads) {
    std::stable_sort(all.begin(), all.end(), [](const Checkpoint* a, const Checkpoint* b) { return a->point.ordinal < b->point.ordinal; });
    std::set<std::size_t> stay = {0};
    for (std::size_t distance = 0; how == Thinning::kSpaced && distance < all.size(); distance = distance == 0 ? 1 : 2 * distance) {
      stay.insert(all.size() - 1 - distance);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!stay.contains(i)) thinned.push_back(all[i]->number);
    }
  }
  std::sort(thinned.begin(), thinned.end());
  return thinned;
}

}  // namespace hindsight::store

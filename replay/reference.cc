#include "replay/reference.h"

#include <algorithm>

#include "replay/compare.h"

namespace hindsight::replay {

using store::Checkpoint;
using store::Point;
using store::PointKind;
using store::Position;
using store::SeriesColumns;

Reference::Reference(const Recorded& recorded, std::vector<store::Series> series, CheckRules rules)
    : course_(recorded), series_(std::move(series)), rules_(std::move(rules)) {
  std::erase_if(series_, [&](const store::Series& each) {
    return each.key.replay != store::ReplayId{} || each.key.probe != store::ProbeId{} || (each.key.is_draw && !decides(each.key.name));
  });
  for (store::Series& each : series_) {
    if (each.key.is_draw) each.key.name = drawn(each.key.name);
  }
  std::map<std::tuple<std::string, std::uint32_t, std::vector<std::string>>, std::size_t> known;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const store::SeriesKey& key = series_[i].key;
    const auto [found, is_new] = known.emplace(std::tuple{key.name, key.thread, key.nest}, groups_.size());
    if (is_new) {
      groups_.push_back({.name = key.name, .thread = key.thread, .nest = key.nest, .rows = {}});
      groups_by_name_[{key.name, key.thread}].push_back(found->second);
    }
    std::vector<Entry>& rows = groups_[found->second].rows;
    for (std::size_t row = 0; row < series_[i].columns.size(); ++row) {
      rows.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(row)});
    }
  }
  for (Group& group : groups_) {
    std::stable_sort(group.rows.begin(), group.rows.end(), [&](const Entry& a, const Entry& b) {
      const SeriesColumns& ca = series_[a.series].columns;
      const SeriesColumns& cb = series_[b.series].columns;
      for (std::size_t level = 0; level < group.nest.size(); ++level) {
        const auto ka = std::pair(ca.levels[level].entry[a.row], ca.levels[level].ordinal[a.row]);
        const auto kb = std::pair(cb.levels[level].entry[b.row], cb.levels[level].ordinal[b.row]);
        if (ka != kb) return ka < kb;
      }
      return ca.seq[a.row] < cb.seq[b.row];
    });
  }
  collect_outside();
  for (const store::SmallDigest& digest : recorded.digests) digests_.emplace(digest.point, digest.digest);
}

int Reference::order(const Group& group, const Entry& entry, const Position& position, std::size_t levels) const {
  const SeriesColumns& columns = series_[entry.series].columns;
  for (std::size_t level = 0; level < levels && level < group.nest.size(); ++level) {
    const auto mine = std::pair(columns.levels[level].entry[entry.row], columns.levels[level].ordinal[entry.row]);
    const auto theirs = std::pair(position[level].entry, position[level].ordinal);
    if (mine != theirs) return mine < theirs ? -1 : 1;
  }
  return 0;
}

std::optional<Reference::Row> Reference::find(const Position& position, const std::string& name, std::uint32_t thread,
                                              std::uint64_t seq) const {
  const auto candidates = groups_by_name_.find({name, thread});
  if (candidates == groups_by_name_.end()) return std::nullopt;
  for (const std::size_t index : candidates->second) {
    const Group& group = groups_[index];
    const bool same_nest = std::equal(group.nest.begin(), group.nest.end(), position.begin(), position.end(),
                                      [](const std::string& loop, const store::Level& level) { return loop == level.loop; });
    if (!same_nest) continue;
    const auto found = std::lower_bound(group.rows.begin(), group.rows.end(), seq, [&](const Entry& entry, std::uint64_t wanted) {
      const int where = order(group, entry, position, position.size());
      return where != 0 ? where < 0 : series_[entry.series].columns.seq[entry.row] < wanted;
    });
    if (found == group.rows.end() || order(group, *found, position, position.size()) != 0) return std::nullopt;
    if (series_[found->series].columns.seq[found->row] != seq) return std::nullopt;
    return Row{index, static_cast<std::size_t>(found - group.rows.begin())};
  }
  return std::nullopt;
}

store::Value Reference::value(Row row) const {
  const Entry& entry = groups_[row.group].rows[row.index];
  return series_[entry.series].columns.value(entry.row, series_[entry.series].key);
}

std::string Reference::describe(Row row) const {
  const Group& group = groups_[row.group];
  const Entry& entry = group.rows[row.index];
  if (group.nest.empty()) return group.name;
  return group.name + " at " + store::to_string(series_[entry.series].columns.position(entry.row, group.nest));
}

Reference::Range Reference::within(std::size_t index, const Position& prefix, std::optional<std::uint32_t> entry) const {
  const Group& group = groups_[index];
  const auto place = [&](const Entry& row) {
    const int outer = order(group, row, prefix, prefix.size());
    if (outer != 0 || !entry) return outer;
    const std::uint32_t mine = series_[row.series].columns.levels[prefix.size()].entry[row.row];
    return mine == *entry ? 0 : mine < *entry ? -1 : 1;
  };
  const auto first = std::partition_point(group.rows.begin(), group.rows.end(), [&](const Entry& row) { return place(row) < 0; });
  const auto last = std::partition_point(first, group.rows.end(), [&](const Entry& row) { return place(row) == 0; });
  return {index, static_cast<std::size_t>(first - group.rows.begin()), static_cast<std::size_t>(last - group.rows.begin())};
}

std::vector<Reference::Range> Reference::in_iteration(const InstanceKey& key, std::uint64_t ordinal) const {
  std::vector<Range> ranges;
  Position prefix = key.enclosing;
  prefix.push_back({key.loop, key.entry, ordinal, {}});
  for (std::size_t index = 0; index < groups_.size(); ++index) {
    const Group& group = groups_[index];
    if (group.thread != key.thread || group.nest.size() < prefix.size() || is_volatile(group.name)) continue;
    const bool same = std::equal(prefix.begin(), prefix.end(), group.nest.begin(),
                                 [](const store::Level& level, const std::string& loop) { return loop == level.loop; });
    if (!same) continue;
    const Range range = within(index, prefix, std::nullopt);
    if (range.first < range.last) ranges.push_back(range);
  }
  return ranges;
}

std::vector<Reference::Range> Reference::in_instance(const InstanceKey& key) const {
  std::vector<Range> ranges;
  for (std::size_t index = 0; index < groups_.size(); ++index) {
    const Group& group = groups_[index];
    const std::size_t depth = key.enclosing.size();
    if (group.thread != key.thread || group.nest.size() <= depth || group.nest[depth] != key.loop || is_volatile(group.name)) continue;
    const bool same = std::equal(key.enclosing.begin(), key.enclosing.end(), group.nest.begin(),
                                 [](const store::Level& level, const std::string& loop) { return loop == level.loop; });
    if (!same) continue;
    const Range range = within(index, key.enclosing, key.entry);
    if (range.first < range.last) ranges.push_back(range);
  }
  return ranges;
}

void Reference::collect_outside() {
  std::vector<std::pair<std::uint64_t, Row>> rows;
  std::optional<std::uint64_t> first_inside;
  for (std::size_t index = 0; index < groups_.size(); ++index) {
    const Group& group = groups_[index];
    if (group.thread != 0 || is_volatile(group.name)) continue;
    for (std::size_t i = 0; i < group.rows.size(); ++i) {
      const Entry& entry = group.rows[i];
      const SeriesColumns& columns = series_[entry.series].columns;
      const std::uint64_t order = columns.order[entry.row];
      const bool inside = !group.nest.empty() && course_.find_slot(columns.position(entry.row, group.nest)).has_value();
      if (inside) {
        first_inside = std::min(first_inside.value_or(order), order);
      } else {
        rows.push_back({order, {index, i}});
      }
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  outside_index_.resize(groups_.size());
  for (const auto& [order, row] : rows) {
    std::vector<std::size_t>& index = outside_index_[row.group];
    if (index.empty()) index.assign(groups_[row.group].rows.size(), rows.size());
    index[row.index] = outside_.size();
    outside_.push_back(row);
    if (first_inside && order < *first_inside) ++outside_before_loops_;
  }
}

std::optional<std::size_t> Reference::find_outside(Row row) const {
  const std::vector<std::size_t>& index = outside_index_[row.group];
  if (index.empty() || index[row.index] == outside_.size()) return std::nullopt;
  return index[row.index];
}

bool Reference::is_volatile(const std::string& name) const {
  return std::any_of(rules_.volatile_names.begin(), rules_.volatile_names.end(), [&](const std::string& pattern) {
    if (!pattern.ends_with('*')) return pattern == name;
    return name.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1));
  });
}

std::optional<double> Reference::tolerance(const std::string& name) const {
  const auto found = rules_.tolerance.find(name);
  return found == rules_.tolerance.end() ? std::nullopt : std::optional(found->second);
}

const Checkpoint* Reference::find_state(const Point& point) const {
  if (point.kind == PointKind::kReads) return nullptr;
  return point.kind == PointKind::kExit ? course_.find_exit(key_of(point)) : course_.find_head(point);
}

std::optional<std::uint64_t> Reference::find_digest(const Point& point) const {
  if (const Checkpoint* state = find_state(point); state != nullptr && state->point.ordinal == point.ordinal) return state->digest;
  const auto found = digests_.find(point);
  return found == digests_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace hindsight::replay

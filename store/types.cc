#include "store/types.h"

#include <cstring>

#include "store/series_block.h"

namespace hindsight::store {
namespace {

std::string level_text(const std::string& loop, std::uint32_t entry, const std::string& what) {
  return loop + (entry > 0 ? "@" + std::to_string(entry) : "") + (what.empty() ? "" : "=" + what);
}

}  // namespace

std::string to_string(const Position& position) {
  std::string text;
  for (const Level& level : position) {
    if (!text.empty()) text += '/';
    text += level_text(level.loop, level.entry,
                       level.label ? std::to_string(*level.label) : std::to_string(level.ordinal));
  }
  return text;
}

std::string to_string(const Point& point) {
  const std::string enclosing = point.enclosing.empty() ? "" : to_string(point.enclosing) + "/";
  if (point.kind == PointKind::kReads) return "what is read in " + enclosing + level_text(point.loop, point.entry, "");
  if (point.kind == PointKind::kExit) return "exit of " + enclosing + level_text(point.loop, point.entry, "");
  return "head of " + enclosing + level_text(point.loop, point.entry, std::to_string(point.ordinal));
}

Position SeriesColumns::position(std::size_t row, const std::vector<std::string>& nest) const {
  Position position;
  position.reserve(levels.size());
  for (std::size_t i = 0; i < levels.size() && i < nest.size(); ++i) {
    Level level{.loop = nest[i], .entry = levels[i].entry[row], .ordinal = levels[i].ordinal[row], .label = {}};
    if (levels[i].has_label[row]) level.label = levels[i].label[row];
    position.push_back(std::move(level));
  }
  return position;
}

Value SeriesColumns::value(std::size_t row, const SeriesKey& key) const {
  Value value{.dtype = key.dtype, .is_vector = key.is_vector, .bytes = {}};
  if (uses_blobs(key.dtype, key.is_vector)) {
    value.bytes = blobs[row];
  } else {
    value.bytes.assign(reinterpret_cast<const char*>(&scalars[row]), width_of(key.dtype));
  }
  return value;
}

void SeriesColumns::append(const Position& position, std::uint64_t seq_number, std::uint64_t order_number,
                           Status row_status, std::uint32_t row_segment, const Value& value) {
  if (levels.size() < position.size()) levels.resize(position.size());
  for (std::size_t i = 0; i < position.size(); ++i) {
    levels[i].entry.push_back(position[i].entry);
    levels[i].ordinal.push_back(position[i].ordinal);
    levels[i].label.push_back(position[i].label.value_or(0));
    levels[i].has_label.push_back(position[i].label.has_value());
  }
  seq.push_back(seq_number);
  order.push_back(order_number);
  status.push_back(row_status);
  segment.push_back(row_segment);
  if (uses_blobs(value.dtype, value.is_vector)) {
    blobs.push_back(value.bytes);
  } else {
    // A value that is not as wide as its type leaves the columns uneven: storing them is refused.
    if (value.bytes.size() != width_of(value.dtype)) return;
    std::uint64_t bits = 0;
    std::memcpy(&bits, value.bytes.data(), value.bytes.size());
    scalars.push_back(bits);
  }
}

}  // namespace hindsight::store

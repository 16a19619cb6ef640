#include "replay/course.h"

#include <algorithm>

#include "replay/where.h"

namespace hindsight::replay {

using store::Checkpoint;
using store::LoopInstance;
using store::Point;
using store::PointKind;
using store::Position;

InstanceKey key_of(const LoopInstance& instance) {
  return {instance.enclosing, instance.loop, instance.entry, instance.thread};
}

InstanceKey key_of(const Point& point) { return {point.enclosing, point.loop, point.entry, point.thread}; }

std::string to_string(const InstanceKey& key) {
  std::string text;
  for (const store::Level& level : key.enclosing) {
    text += level.loop + (level.entry > 0 ? "@" + std::to_string(level.entry) : "") + "=" +
            std::to_string(shown_label(level)) + "/";
  }
  return text + key.loop + (key.entry > 0 ? "@" + std::to_string(key.entry) : "");
}

std::optional<std::int64_t> Course::MainLoop::label(std::uint64_t ordinal) const {
  const auto& labels = instance->labels;
  if (ordinal < labels.size()) return labels[ordinal];
  if (labels.empty() || !labels.back()) return std::nullopt;
  const std::size_t count = labels.size();
  const std::uint64_t last = static_cast<std::uint64_t>(*labels.back());
  const bool has_step = count > 1 && labels[count - 2].has_value();
  const std::uint64_t step = has_step ? last - static_cast<std::uint64_t>(*labels[count - 2]) : 1;
  return static_cast<std::int64_t>(last + step);
}

Course::Course(const Recorded& recorded) : recorded_(recorded) {
  for (const LoopInstance& instance : recorded.loops) {
    instances_.emplace(key_of(instance), &instance);
    if (instance.thread != 0) has_other_threads_ = true;
  }
  find_states();
  find_main_loops();
  next_comparable_.assign(size_ + 1, size_);
  for (std::size_t boundary = size_; boundary-- > 0;) {
    next_comparable_[boundary] = is_comparable(boundary) ? boundary : next_comparable_[boundary + 1];
  }
}

void Course::find_states() {
  for (const Checkpoint& checkpoint : recorded_.checkpoints) {
    const Point& point = checkpoint.point;
    const Checkpoint*& known = point.kind == PointKind::kHead ? heads_[key_of(point)][point.ordinal] : exits_[key_of(point)];
    if (known == nullptr || (checkpoint.kept && !known->kept)) known = &checkpoint;
  }
}

void Course::find_main_loops() {
  const auto is_nested = [&](const LoopInstance& instance) {
    Position outer;
    for (const store::Level& level : instance.enclosing) {
      if (instances_.contains({outer, level.loop, level.entry, instance.thread})) return true;
      outer.push_back(level);
    }
    return false;
  };
  size_ = 1;
  for (const LoopInstance& instance : recorded_.loops) {
    if (instance.thread != 0 || is_nested(instance)) continue;
    const InstanceKey key = key_of(instance);
    MainLoop loop{.instance = &instance, .first_slot = size_, .heads = {}, .exit = find_exit(key)};
    if (const auto heads = heads_.find(key); heads != heads_.end()) loop.heads = heads->second;
    loop.has_silent_last = instance.end != LoopInstance::End::kAbandoned && is_known_head(key, instance.labels.size());
    loop.after_slot = loop.first_slot + loop.iterations();
    size_ = loop.after_slot + 1;
    main_by_key_.emplace(key, loops_.size());
    main_by_number_.emplace(instance.number, loops_.size());
    loops_.push_back(std::move(loop));
  }
  if (loops_.empty()) {
    size_ = 2;
  } else if (loops_.back().instance->end == LoopInstance::End::kRunning) {
    --size_;
  }
}

bool Course::is_known_head(const InstanceKey& key, std::uint64_t ordinal) const {
  const Point point{key.enclosing, key.loop, key.entry, ordinal, PointKind::kHead, key.thread};
  return find_head(point) != nullptr || std::any_of(recorded_.digests.begin(), recorded_.digests.end(),
                                                    [&](const store::SmallDigest& digest) { return digest.point == point; });
}

Course::Slot Course::slot(std::size_t index) const {
  if (index == 0) return {};
  if (loops_.empty()) return {.part = Part::kAfter};
  const auto next = std::upper_bound(loops_.begin(), loops_.end(), index,
                                     [](std::size_t slot, const MainLoop& loop) { return slot < loop.first_slot; });
  const std::size_t loop = static_cast<std::size_t>(next - loops_.begin()) - 1;
  const std::uint64_t ordinal = index - loops_[loop].first_slot;
  return {ordinal < loops_[loop].iterations() ? Part::kIteration : Part::kAfter, loop, ordinal};
}

std::size_t Course::slot_of(std::size_t loop, std::uint64_t ordinal) const {
  return loops_[loop].first_slot + static_cast<std::size_t>(std::min(ordinal, loops_[loop].iterations()));
}

std::optional<std::size_t> Course::last_after() const {
  if (!loops_.empty() && loops_.back().after_slot == size_) return std::nullopt;
  return size_ - 1;
}

Stretch Course::stretch(std::size_t index) const {
  if (index == 0) return {store::Coverage::kNoLoop, 0, 1};
  if (index == last_after()) return {store::Coverage::kNoLoop, 1, 2};
  const Slot at = slot(index);
  return {loops_[at.loop].instance->number, at.ordinal, at.ordinal + 1};
}

std::string Course::describe(std::size_t index) const {
  const Slot at = slot(index);
  if (at.part == Part::kBefore) return "before the first loop";
  if (loops_.empty()) return "the whole program";
  const InstanceKey key = key_of(*loops_[at.loop].instance);
  if (at.part == Part::kAfter) return "after " + to_string(key);
  const auto label = loops_[at.loop].label(at.ordinal).value_or(static_cast<std::int64_t>(at.ordinal));
  return to_string(key) + "=" + std::to_string(label);
}

std::string Course::describe(std::size_t index, std::uint64_t first, std::uint64_t last) const {
  const MainLoop& loop = loops_[index];
  const bool goes_beyond = last > loop.iterations();
  last = std::min(last, loop.iterations());
  if (loop.has_silent_last && last == loop.iterations() && last > first + 1) --last;
  std::string text = describe(slot_of(index, first));
  if (last > first + 1) {
    const std::string end = describe(slot_of(index, last - 1));
    text += ".." + end.substr(end.rfind('=') + 1);
  }
  return goes_beyond && first < loop.iterations() ? text + " to " + describe(loop.after_slot) : text;
}

bool Course::is_comparable(std::size_t boundary) const {
  if (boundary == 0 || boundary >= size_ || loops_.empty()) return false;
  const Slot at = slot(boundary);
  const MainLoop& loop = loops_[at.loop];
  if (loop.heads.contains(at.ordinal)) return true;
  return at.part == Part::kAfter && loop.exit != nullptr;
}

std::size_t Course::next_comparable(std::size_t boundary) const { return next_comparable_[std::min(boundary, size_)]; }

std::optional<std::size_t> Course::find_main(const InstanceKey& key) const {
  const auto found = main_by_key_.find(key);
  return found == main_by_key_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> Course::find_main(std::uint64_t number) const {
  const auto found = main_by_number_.find(number);
  return found == main_by_number_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::size_t> Course::find_slot(const Position& position) const {
  InstanceKey key;
  for (const store::Level& level : position) {
    key.loop = level.loop;
    key.entry = level.entry;
    if (const auto main = find_main(key)) {
      return level.ordinal < loops_[*main].iterations() ? slot_of(*main, level.ordinal) : size_;
    }
    key.enclosing.push_back(level);
  }
  return std::nullopt;
}

const LoopInstance* Course::find_instance(const InstanceKey& key) const {
  const auto found = instances_.find(key);
  return found == instances_.end() ? nullptr : found->second;
}

const Checkpoint* Course::find_head(const Point& point) const {
  const auto heads = heads_.find(key_of(point));
  if (heads == heads_.end()) return nullptr;
  const auto found = heads->second.find(point.ordinal);
  return found == heads->second.end() ? nullptr : found->second;
}

std::optional<std::uint64_t> Course::next_head(const InstanceKey& key, std::uint64_t ordinal) const {
  const auto heads = heads_.find(key);
  if (heads == heads_.end()) return std::nullopt;
  const auto found = heads->second.lower_bound(ordinal);
  return found == heads->second.end() ? std::nullopt : std::optional(found->first);
}

const Checkpoint* Course::find_exit(const InstanceKey& key) const {
  const auto found = exits_.find(key);
  return found == exits_.end() ? nullptr : found->second;
}

}  // namespace hindsight::replay

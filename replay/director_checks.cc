// What a director compares: values, states, digests, how loops go and how the process ends.
#include <cstdio>
#include <unordered_map>

#include "replay/compare.h"
#include "replay/director.h"
#include "runtime/wire.h"

namespace hindsight::replay {
namespace {

using store::Checkpoint;
using store::Leaf;
using store::LoopInstance;
using store::Point;
using store::PointKind;

const char* name_of(store::DType dtype) {
  static constexpr const char* kNames[] = {"?",   "bool", "i8",  "i16", "i32", "i64", "u8",   "u16",   "u32", "u64",
                                           "f16", "bf16", "f32", "f64", "c64", "c128", "text", "bytes", "error"};
  const auto index = static_cast<std::size_t>(dtype);
  return index < std::size(kNames) ? kNames[index] : "?";
}

template <class AnyLeaf>
std::string show_leaf(const AnyLeaf& leaf, const store::Hash& hash) {
  std::string text = name_of(leaf.dtype);
  text += '[';
  for (std::size_t i = 0; i < leaf.shape.size(); ++i) text += (i > 0 ? "," : "") + std::to_string(leaf.shape[i]);
  return text + "] of hash " + store::to_hex(hash).substr(0, 12);
}

constexpr std::uint64_t kShownBytes = 64;

std::string show_bytes(store::DType dtype, std::uint64_t elements, std::string_view bytes) {
  const bool is_number = dtype != store::DType::kText && dtype != store::DType::kBytes && dtype != store::DType::kError;
  return show({.dtype = dtype, .is_vector = is_number && elements != 1, .bytes = std::string(bytes)});
}

std::uint64_t elements_of(const std::vector<std::uint64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : shape) count *= extent;
  return count;
}

std::string place_of(const host::ValueEvent& event) {
  return event.position.empty() ? event.name : event.name + " at " + store::to_string(event.position);
}

std::string show_exit(int exit_code, int signal) {
  return signal != 0 ? "ended by signal " + std::to_string(signal) : "exit status " + std::to_string(exit_code);
}

// A sandbox turns the signal that ended its program into such a status.
int status_of(int exit_code, int signal) { return signal != 0 ? 128 + signal : exit_code; }

}  // namespace

void Director::add_equal(Anchor::Kind kind, std::string where, std::uint64_t bytes, std::uint64_t leaves) {
  if (!timeline_.empty() && timeline_.back().anchor && kind == Anchor::Kind::kValue) {
    Anchor& last = *timeline_.back().anchor;
    if (last.kind == kind && last.equal && last.bytes > 0 && bytes > 0) {
      last.bytes += bytes;
      ++last.values;
      last.where = std::move(where);
      return;
    }
  }
  timeline_.push_back({.anchor = Anchor{.kind = kind, .equal = true, .bytes = bytes, .leaves = leaves, .deviation = {},
                                        .where = std::move(where), .recorded = {}, .replayed = {}},
                       .value = {}});
}

void Director::differ(Anchor::Kind kind, std::string where, std::string recorded, std::string replayed) {
  timeline_.push_back({.anchor = Anchor{.kind = kind, .equal = false, .deviation = {}, .where = std::move(where),
                                        .recorded = std::move(recorded), .replayed = std::move(replayed)},
                       .value = {}});
}

// Did the recording live to see the end of this slot, and keep every value of it?
bool Director::knows_all_of(std::size_t slot) const {
  if (reference_.recorded().run.dropped > 0) return false;
  return reference_.is_complete() || (slot + 1 < course_.size() && !course_.loops().empty());
}

void Director::logged_value(const host::ValueEvent& event) {
  if (event.thread != 0 && jumped_) return;  // other threads are counted from the process's start, which did not run here
  const std::size_t slot = slot_of(event.position, event.thread);
  const std::optional<Row> row = reference_.find(event.position, event.name, event.thread, event.seq);
  const bool is_volatile = reference_.is_volatile(event.name);
  if (!row) {
    if (!is_volatile && knows_all_of(slot)) differ(Anchor::Kind::kValue, place_of(event), "nothing", show(event.value));
    return;
  }
  if (const auto index = reference_.find_outside(*row); index && *index >= next_outside_) {
    expect_outside(*index);
    next_outside_ = *index + 1;
  }
  seen_[row->group][row->index] = true;
  if (is_volatile) return;
  const store::Value recorded = reference_.value(*row);
  const Comparison comparison = compare(recorded, event.value, reference_.tolerance(event.name));
  // What was given back, and comes again, proves nothing.
  if (comparison.equal) return add_equal(Anchor::Kind::kValue, place_of(event), event.is_draw ? 0 : recorded.bytes.size(), 0);
  differ(Anchor::Kind::kValue, place_of(event), show(recorded), show(event.value));
  timeline_.back().anchor->deviation = comparison.deviation;
  timeline_.back().anchor->bytes = recorded.bytes.size();
}

void Director::expect_rows(const std::vector<Reference::Range>& ranges) {
  std::optional<Row> first;
  std::size_t count = 0;
  for (const Reference::Range& range : ranges) {
    for (std::size_t i = range.first; i < range.last; ++i) {
      if (seen_[range.group][i]) continue;
      if (!first) first = Row{range.group, i};
      ++count;
    }
  }
  if (!first) return;
  differ(Anchor::Kind::kValue, reference_.describe(*first), show(reference_.value(*first)),
         count == 1 ? "not logged" : "not logged, like " + std::to_string(count - 1) + " more there");
}

void Director::expect_outside(std::size_t count) {
  for (; next_outside_ < count; ++next_outside_) {
    const Row row = reference_.outside()[next_outside_];
    if (seen_[row.group][row.index]) continue;
    differ(Anchor::Kind::kValue, reference_.describe(row), show(reference_.value(row)), "not logged");
  }
}

std::string Director::recorded_leaf(const Checkpoint& recorded, const Leaf& wanted) const {
  std::string shown = show_leaf(wanted, wanted.hash);
  if (!recorded.kept || wanted.bytes > kShownBytes) return shown;
  // Only for the message: that the state cannot be read changes nothing about the difference.
  (void)read_state_(recorded, [&](const Leaf& leaf, std::string_view bytes) -> Result<void> {
    if (leaf.path == wanted.path) shown = show_bytes(leaf.dtype, elements_of(leaf.shape), bytes);
    return {};
  });
  return shown;
}

void Director::compare_state(const Checkpoint& recorded, const host::CaptureEvent& event) {
  const std::string where = store::to_string(event.point);
  if (recorded.point.ordinal != event.point.ordinal) {
    differ(Anchor::Kind::kState, where, std::to_string(recorded.point.ordinal) + " iterations",
           std::to_string(event.point.ordinal) + " iterations");
    return;
  }
  std::unordered_map<std::string_view, const Leaf*> by_path;
  const auto find = [&](std::size_t index, const std::string& path) -> const Leaf* {
    if (index < recorded.leaves.size() && recorded.leaves[index].path == path) return &recorded.leaves[index];
    if (by_path.empty()) {
      for (const Leaf& leaf : recorded.leaves) by_path.emplace(leaf.path, &leaf);
    }
    const auto found = by_path.find(path);
    return found == by_path.end() ? nullptr : found->second;
  };
  std::uint64_t bytes = 0;
  std::uint64_t leaves = 0;
  std::size_t known = 0;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < event.leaves.size(); ++i) {
    const store::LeafBytes& live = event.leaves[i];
    const Leaf* leaf = find(i, live.path);
    const store::Hash hash = store::hash_bytes(live.bytes);
    // The recording had not yet seen it change.
    if (leaf == nullptr && live.path.find(std::string(".") + wire::kAdded) != std::string::npos) {
      ++unknown;
      continue;
    }
    if (leaf == nullptr) return differ(Anchor::Kind::kState, where + ": " + live.path, "no such leaf", show_leaf(live, hash));
    ++known;
    // A reading of a clock is restored and never compared: the analysis follows what is made of it.
    if (live.path.find(std::string(".") + wire::kClock) != std::string::npos) continue;
    if (live.path.ends_with(std::string(".") + wire::kClosure)) {
      // Nobody knows which of these are gaps between captures.
      if (leaf->hash != hash) doubt_ = "what the closure " + live.path.substr(0, live.path.rfind('.')) + " captured, or what lies between that, differs at the " + where;
      continue;
    }
    if (leaf->hash != hash || leaf->dtype != live.dtype || leaf->shape != live.shape) {
      const bool is_small = live.bytes.size() <= kShownBytes && leaf->bytes <= kShownBytes && recorded.kept;
      return differ(Anchor::Kind::kState, where + ": " + live.path, recorded_leaf(recorded, *leaf),
                    is_small ? show_bytes(live.dtype, elements_of(live.shape), live.bytes) : show_leaf(live, hash));
    }
    // What still is what it was restored to proves nothing.
    const auto restored = restored_.find(live.path);
    if (restored != restored_.end() && restored->second == hash) continue;
    bytes += live.bytes.size();
    ++leaves;
  }
  if (known != recorded.leaves.size()) {
    return differ(Anchor::Kind::kState, where, std::to_string(recorded.leaves.size()) + " leaves",
                  std::to_string(event.leaves.size() - unknown) + " leaves");
  }
  add_equal(Anchor::Kind::kState, where, bytes, leaves);
}

void Director::compare_digest(const Point& point, std::uint64_t digest) {
  const std::optional<std::uint64_t> recorded = reference_.find_digest(point);
  if (!recorded) return;
  const std::string where = "random numbers and scalars at the " + store::to_string(point);
  if (*recorded == digest) {
    return add_equal(Anchor::Kind::kDigest, where, restored_digest_ == digest ? 0 : sizeof digest, 0);
  }
  char texts[2][24];
  std::snprintf(texts[0], sizeof texts[0], "%016llx", static_cast<unsigned long long>(*recorded));
  std::snprintf(texts[1], sizeof texts[1], "%016llx", static_cast<unsigned long long>(digest));
  differ(Anchor::Kind::kDigest, where, std::string("digest ") + texts[0], std::string("digest ") + texts[1]);
}

void Director::compare_iteration(const host::IterationEvent& event) {
  const store::Level& level = event.position.back();
  const InstanceKey key{{event.position.begin(), event.position.end() - 1}, level.loop, level.entry, 0};
  const LoopInstance* instance = course_.find_instance(key);
  if (instance == nullptr) {
    if (knows_all_of(slot_of(key.enclosing, 0))) {
      differ(Anchor::Kind::kState, store::to_string(event.position), "this loop was not entered", "an iteration of it began");
    }
    return;
  }
  if (level.ordinal < instance->labels.size()) {
    const auto recorded = instance->labels[level.ordinal];
    if (recorded == level.label) return;
    const auto text = [](std::optional<std::int64_t> label) { return label ? "label " + std::to_string(*label) : "no label"; };
    return differ(Anchor::Kind::kState, store::to_string(event.position), text(recorded), text(level.label));
  }
  if (instance->end == LoopInstance::End::kRunning) return;
  // An iteration in which only a probe logged something was silent in the recording.
  const auto main = course_.find_main(key);
  const bool may_be_silent = main ? course_.loops()[*main].has_silent_last : true;
  if (may_be_silent && level.ordinal == instance->labels.size()) return;
  differ(Anchor::Kind::kState, store::to_string(event.position), "the loop had ended", "another iteration began");
}

void Director::compare_end(const host::LoopEndEvent& event) {
  const LoopInstance* instance = course_.find_instance(key_of(event.point));
  if (instance == nullptr || instance->end == LoopInstance::End::kRunning) return;
  const bool was_finished = instance->end == LoopInstance::End::kFinished;
  const bool is_finished = event.how == wire::LoopEndKind::kFinished;
  const auto text = [](bool finished) { return finished ? "the loop came to its end" : "the loop was left from inside"; };
  if (was_finished != is_finished) differ(Anchor::Kind::kState, store::to_string(event.point), text(was_finished), text(is_finished));
}

// Did the process end where the recorded one did?
void Director::compare_last_place() {
  const auto name = [&](std::size_t slot) { return slot < course_.size() ? course_.describe(slot) : "the end"; };
  const std::size_t recorded = course_.loops().empty() ? region_ : course_.size() - 1;
  const std::size_t here = inside_ ? course_.slot_of(*inside_, iteration_) : region_;
  if (here != recorded) {
    return differ(Anchor::Kind::kEnd, "the end of the process", "came in " + name(recorded), "came in " + name(here));
  }
  if (inside_) {
    close_iterations(*inside_, std::min(iteration_ + 1, course_.loops()[*inside_].iterations()));
  } else {
    close_slot(region_);
    if (course_.loops().empty()) close_slot(1);
  }
}

void Director::compare_process_end(const host::ProcessExit& exit) {
  if (!reference_.is_complete()) return note("the recording did not see the program's end, so the replay's was not compared");
  compare_last_place();
  expect_outside(reference_.outside().size());
  const store::Run& run = reference_.recorded().run;
  if (status_of(run.exit_code, run.signal) == status_of(exit.exit_code, exit.signal)) {
    return add_equal(Anchor::Kind::kEnd, "the end of the process", 0, 0);
  }
  differ(Anchor::Kind::kEnd, "the end of the process", show_exit(run.exit_code, run.signal), show_exit(exit.exit_code, exit.signal));
}

}  // namespace hindsight::replay

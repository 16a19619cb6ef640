// The course of a recorded run: a row of slots, in the order in which they ran.
//
//   before | epoch=0 | epoch=1 | ... | after epoch | tune=0 | ... | after tune
//
// One slot for what runs before the first main loop, one per iteration of a main loop, one for what runs after each. A
// boundary is named by the slot that it precedes; size() is the end of what the recording knows. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/plan.h"
#include "store/types.h"

namespace hindsight::replay {

// What names a loop instance within its run.
struct InstanceKey {
  store::Position enclosing;
  std::string loop;
  std::uint32_t entry = 0;
  std::uint32_t thread = 0;
  friend auto operator<=>(const InstanceKey&, const InstanceKey&) = default;
};
InstanceKey key_of(const store::LoopInstance& instance);
InstanceKey key_of(const store::Point& point);
// "fold=1/epoch": how an instance is shown.
std::string to_string(const InstanceKey& key);

class Course {
 public:
  // Keeps references into `recorded`, which must outlive it.
  explicit Course(const Recorded& recorded);

  struct MainLoop {
    const store::LoopInstance* instance = nullptr;
    std::size_t first_slot = 0;
    std::size_t after_slot = 0;                        // size() for a last loop that was never seen to end
    std::map<std::uint64_t, const store::Checkpoint*> heads;  // where state was recorded, bytes kept or not
    const store::Checkpoint* exit = nullptr;           // as above
    // A head was reached after the last iteration in which anything was recorded: the condition was false there, or an
    // iteration began that recorded nothing (a break at its top). What it ran is an iteration of its own here.
    bool has_silent_last = false;
    std::uint64_t iterations() const { return instance->labels.size() + (has_silent_last ? 1 : 0); }
    // The label of an iteration; that of a silent last one goes on as the labels before it do.
    std::optional<std::int64_t> label(std::uint64_t ordinal) const;
  };
  const std::vector<MainLoop>& loops() const { return loops_; }

  enum class Part { kBefore, kIteration, kAfter };
  struct Slot {
    Part part = Part::kBefore;
    std::size_t loop = 0;       // index into loops(); of the loop it comes after, for kAfter
    std::uint64_t ordinal = 0;  // number of iterations, for kAfter
  };
  std::size_t size() const { return size_; }
  Slot slot(std::size_t index) const;
  std::size_t slot_of(std::size_t loop, std::uint64_t ordinal) const;
  // The slot of what runs after the last main loop; none if the recording ended before that.
  std::optional<std::size_t> last_after() const;
  Stretch stretch(std::size_t slot) const;
  // "epoch=3", "after epoch", "before the first loop".
  std::string describe(std::size_t slot) const;
  // "epoch=3..5": iterations [first, last) of a main loop, "epoch=3 to after epoch" with what follows it. A silent last one
  // is only named where it stands alone. REQUIRES: first < last.
  std::string describe(std::size_t loop, std::uint64_t first, std::uint64_t last) const;

  // Is there recorded state to compare with at this boundary?
  bool is_comparable(std::size_t boundary) const;
  // The first boundary at or after this one for which there is, or size().
  std::size_t next_comparable(std::size_t boundary) const;

  // Indices into loops(); none: not a main loop.
  std::optional<std::size_t> find_main(const InstanceKey& key) const;
  std::optional<std::size_t> find_main(std::uint64_t number) const;
  // The iteration of a main loop that a position of the main thread lies in; size() for one that was never recorded.
  std::optional<std::size_t> find_slot(const store::Position& position) const;

  // Every loop instance with state, main or nested.
  const store::LoopInstance* find_instance(const InstanceKey& key) const;
  // State recorded at a head, bytes kept or not.
  const store::Checkpoint* find_head(const store::Point& point) const;
  // The first head at or after `ordinal` of this instance at which state was recorded.
  std::optional<std::uint64_t> next_head(const InstanceKey& key, std::uint64_t ordinal) const;
  // State recorded at an instance's end, bytes kept or not.
  const store::Checkpoint* find_exit(const InstanceKey& key) const;

  // Some loop with state ran on a thread other than the main one: then nothing can be entered or skipped.
  bool has_other_threads() const { return has_other_threads_; }
  const Recorded& recorded() const { return recorded_; }

 private:
  void find_states();
  void find_main_loops();
  bool is_known_head(const InstanceKey& key, std::uint64_t ordinal) const;

  const Recorded& recorded_;
  std::map<InstanceKey, const store::LoopInstance*> instances_;
  std::map<InstanceKey, std::map<std::uint64_t, const store::Checkpoint*>> heads_;
  std::map<InstanceKey, const store::Checkpoint*> exits_;
  std::vector<MainLoop> loops_;
  std::map<InstanceKey, std::size_t> main_by_key_;
  std::map<std::uint64_t, std::size_t> main_by_number_;
  std::vector<std::size_t> next_comparable_;  // by boundary
  std::size_t size_ = 0;
  bool has_other_threads_ = false;
};

}  // namespace hindsight::replay

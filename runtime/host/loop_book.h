// Keeps account of the loops with state that a run enters: what a store knows as LoopInstances. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/host/events.h"
#include "store/types.h"

namespace hindsight::host {

class LoopBook {
 public:
  // `site` as it is to be stored.
  void begin_iteration(const IterationEvent& event, const store::Site& site);
  void end_loop(const LoopEndEvent& event);

  // What is worth storing now: instances that ended, are new, or have grown by a quarter since they were last taken;
  // with `all`, everything that changed. Stays in the book until taken() says that it was stored.
  std::vector<store::LoopInstance> changed(bool all) const;
  // What the last changed(all) gave was stored. REQUIRES: nothing happened in between.
  void taken(bool all);
  std::size_t open() const { return instances_.size(); }

 private:
  struct Entry {
    store::LoopInstance instance;
    std::size_t stored = 0;  // iterations that the store knows
    bool ever_stored = false;
    bool ended = false;
    bool worth_storing(bool all) const;
  };
  using Key = std::tuple<std::uint32_t, store::Position, std::string, std::uint32_t>;  // thread, enclosing, loop, entry

  Entry& enter(Key key);

  std::map<Key, Entry> instances_;  // not yet stored to their end
  std::uint64_t next_ = 0;
};

}  // namespace hindsight::host

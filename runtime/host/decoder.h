// Turns a journal's records into events: sites looked up, positions spelled out, sequence numbers counted. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/host/events.h"
#include "runtime/host/journal_reader.h"

namespace hindsight::host {

// Where the state of a CaptureEvent lies.
struct SlotUse {
  std::uint32_t slot = 0;
  std::uint64_t bytes = 0;
};

// What one record said.
struct Decoded {
  Event* event = nullptr;            // the decoder's, valid until the next decode; null: nothing to hand over
  std::optional<SlotUse> slot = {};  // a CaptureEvent's; its leaves are for the caller to fill in
  std::string problem = {};          // why a whole record could not be understood; empty: it was
};

// REQUIRES: is given the records of one journal in order, from its start.
class Decoder {
 public:
  Decoder();
  Decoded decode(const Record& record);
  // How many positions can be referred to by what follows; the others were forgotten.
  std::size_t remembered_positions() const;

 private:
  struct Site {
    std::string name;
    std::string file;
    std::uint32_t line = 0;
    wire::SiteKind kind = wire::SiteKind::kLog;
    std::optional<store::ProbeId> probe;
    std::uint32_t group = 0;  // sites that share sequence numbers have the same: equal name and probe
  };

  // How many values of each group a position has seen.
  class Counters {
   public:
    std::uint64_t next(std::uint32_t group, std::uint32_t thread);
    void clear();

   private:
    struct Counter {
      std::uint32_t group;
      std::uint32_t thread;
      std::uint64_t count;
    };
    std::vector<Counter> few_;
    std::unordered_map<std::uint64_t, std::uint64_t> many_;  // once there are too many to look through
  };

  // A position that can still be referred to.
  struct Node {
    std::uint64_t id = 0;
    std::uint64_t parent = 0;
    std::uint64_t ordinal = 0;
    std::int64_t label = 0;
    std::uint32_t site = 0;
    std::uint32_t entry = 0;
    bool has_label = false;
    Counters counters;
  };
  // The positions of a thread, outermost first. Nodes beyond `depth` are kept for their memory.
  struct Stack {
    std::vector<Node> nodes;
    std::size_t depth = 0;
  };

  Decoded site(const Record& record);
  Decoded position(const Record& record);
  Decoded next(const Record& record);
  Decoded value(const Record& record);
  Decoded capture(const Record& record);
  Decoded digest(const Record& record);
  Decoded skipped(const Record& record);
  Decoded loop_end(const Record& record);
  Decoded jump(const Record& record);
  Decoded note(const Record& record);
  Decoded end(const Record& record);

  const Site* find_site(std::uint32_t number) const;
  Node* find_node(std::uint64_t position, std::uint32_t thread);
  bool spell(std::uint64_t position, std::uint32_t thread, store::Position& into);
  bool spell(const wire::PointFields& fields, store::Point& into, std::string& problem);
  void retire(Node& node);

  std::vector<std::optional<Site>> sites_;  // by number
  std::unordered_map<std::string, std::uint32_t> groups_;
  std::unordered_map<std::uint32_t, Stack> stacks_;
  // Positions whose iteration is over, for a while: loops may end in another order than they began.
  std::vector<Node> retired_;
  std::size_t next_retired_ = 0;
  std::uint64_t last_position_ = 0;  // ids rise
  Counters outside_;                 // of position 0

  Event value_event_{ValueEvent{}};  // kept, so that a value costs no allocation
  std::pair<std::uint64_t, std::uint32_t> spelled_{0, 0};
  std::uint32_t value_site_ = 0;
  Event event_{NoteEvent{}};
};

}  // namespace hindsight::host

// What happened in a training process, decoded from its journal and pool: the words that the host speaks to the
// recorder and to a replay. Positions are spelled out, sequence numbers are counted, leaves are hashed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "runtime/wire.h"
#include "store/store.h"
#include "store/types.h"

namespace hindsight::host {

struct ValueEvent {
  store::Position position;
  std::string name;
  std::uint32_t thread = 0;
  std::uint64_t seq = 0;  // within (name, position, thread, probe)
  store::Value value;
  store::Site site;
  bool is_argument = false;
  bool is_draw = false;  // what the program took from outside, by wire::kDrawNames
  std::optional<store::ProbeId> probe;
};
struct IterationEvent {      // an iteration of a loop with state began
  store::Position position;  // its last level is the loop's
  std::uint32_t thread = 0;
  store::Site site;
  std::int64_t clock_ns = 0;
};
struct CaptureEvent {  // a state was captured; leaves point into the pool and are valid during the call
  store::Point point;
  wire::Purpose purpose = wire::Purpose::kCheckpoint;
  std::uint64_t digest = 0;
  std::int64_t clock_ns = 0;
  std::uint64_t cost_ns = 0;
  std::span<const store::LeafBytes> leaves;
};
struct DigestEvent {
  store::Point point;
  std::uint64_t digest = 0;
};
struct SkippedEvent {
  store::Point point;
  std::string reason;
};
struct LoopEndEvent {
  store::Point point;  // kind kExit
  wire::LoopEndKind how = wire::LoopEndKind::kFinished;
  std::int64_t clock_ns = 0;
};
struct JumpEvent {
  store::Point point;  // whose state was restored
  std::uint64_t from_ordinal = 0;
  std::uint64_t bytes = 0;
  std::string failure;  // empty: it worked
};
struct NoteEvent {
  std::string text;
};
struct EndEvent {
  std::uint64_t values = 0;
  std::uint64_t dropped = 0;
};

using Event = std::variant<ValueEvent, IterationEvent, CaptureEvent, DigestEvent, SkippedEvent, LoopEndEvent, JumpEvent,
                           NoteEvent, EndEvent>;

}  // namespace hindsight::host

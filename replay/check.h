// The exactness check: turns what a worker reported, in order, into a status for every probe value. Pure.
// DESIGN section 9 is the specification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/types.h"

namespace hindsight::replay {

// One comparison that was made, or a probe value, in the order in which they happened.
struct Anchor {
  enum class Kind { kStart, kValue, kState, kDigest, kEnd } kind = Kind::kStart;
  bool equal = true;
  // Bytes that were recomputed since the last restore and compared; restored bytes do not count. 0: proves nothing.
  std::uint64_t bytes = 0;
  std::uint64_t leaves = 0;
  std::uint64_t values = 1;         // kValue: how many equal ones in a row this stands for
  std::optional<double> deviation;  // a value that differs within its stated tolerance: how far
  std::string where;                // "val_loss at epoch=3", "head of epoch=4: net.fc.weight"
  std::string recorded;             // shown if it differs
  std::string replayed;
};
struct ProbeValue {
  std::size_t index = 0;  // the caller's
  bool threw = false;
};
struct TimelineEntry {
  std::optional<Anchor> anchor;  // exactly one of the two
  std::optional<ProbeValue> value;
};

struct Judgement {
  std::vector<store::Status> status;  // one per ProbeValue, in order
  store::SegmentOutcome outcome;      // compared_*, last_compared, first_difference, values
  std::optional<double> largest_deviation;  // of the comparisons that differed within their tolerance
};

// `outside`: something the values depend on that is outside the check (named); what would be exact or close is unverified
// then. Empty: nothing is known to be.
// The last passed comparison before a difference is the last whole state that was equal: a weight that a probe changed shows
// in no digest and perhaps in no logged value, so these do not vouch for what lies between them.
// An equal anchor of 0 bytes proves nothing and is left out, but for kStart and kEnd. A value without an anchor before it is
// unverified; a timeline begins with kStart.
Judgement judge(const std::vector<TimelineEntry>& timeline, const std::string& outside);

}  // namespace hindsight::replay

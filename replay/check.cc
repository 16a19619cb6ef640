#include "replay/check.h"

#include <algorithm>

namespace hindsight::replay {
namespace {

using store::Status;

bool is_bare(const Anchor& anchor) { return anchor.kind == Anchor::Kind::kStart || anchor.kind == Anchor::Kind::kEnd; }
bool is_close(const Anchor& anchor) { return !anchor.equal && anchor.deviation.has_value(); }
bool is_difference(const Anchor& anchor) { return !anchor.equal && !anchor.deviation.has_value(); }

// An equality of nothing proves nothing; a difference always counts.
bool counts(const Anchor& anchor) { return !anchor.equal || is_bare(anchor) || anchor.bytes > 0; }

store::SegmentOutcome sum_up(const std::vector<const Anchor*>& anchors) {
  store::SegmentOutcome outcome;
  for (const Anchor* anchor : anchors) {
    if (!is_bare(*anchor)) {
      if (anchor->kind == Anchor::Kind::kValue) outcome.compared_values += anchor->values;
      outcome.compared_bytes += anchor->bytes;
      outcome.compared_leaves += anchor->leaves;
    }
    if (anchor->kind != Anchor::Kind::kStart) outcome.last_compared = anchor->where;
    if (is_difference(*anchor) && outcome.first_difference.empty()) {
      outcome.first_difference = anchor->where + ": recorded " + anchor->recorded + ", replayed " + anchor->replayed;
    }
  }
  return outcome;
}

// Where the anchors that count lie in the timeline, as seen from each value.
struct Surroundings {
  const Anchor* last = nullptr;    // the last one before it
  const Anchor* next = nullptr;    // the first one after it
  bool close_before = false;       // some comparison before it was only close
  bool doubtful = false;           // it lies after the last whole state that was equal before a difference
};

Status status_of(const ProbeValue& value, const Surroundings& around, bool outside) {
  if (value.threw) return Status::kError;
  if (around.doubtful) return Status::kDiverged;
  if (outside || around.last == nullptr || around.next == nullptr) return Status::kUnverified;
  if (is_bare(*around.last) && is_bare(*around.next)) return Status::kUnverified;
  return around.close_before || is_close(*around.next) ? Status::kClose : Status::kExact;
}

}  // namespace

Judgement judge(const std::vector<TimelineEntry>& timeline, const std::string& outside) {
  Judgement judgement;
  std::vector<const Anchor*> anchors;
  std::vector<std::pair<ProbeValue, Surroundings>> values;
  std::size_t waiting = 0;       // values from here on have seen no anchor after them
  std::size_t since_state = 0;   // values from here on lie after the last whole state that was equal
  bool differed = false;
  bool close = false;
  for (const TimelineEntry& entry : timeline) {
    if (entry.value) {
      values.push_back({*entry.value,
                        {.last = anchors.empty() ? nullptr : anchors.back(), .close_before = close, .doubtful = differed}});
      continue;
    }
    if (!entry.anchor || !counts(*entry.anchor)) continue;
    const Anchor& anchor = *entry.anchor;
    for (; waiting < values.size(); ++waiting) values[waiting].second.next = &anchor;
    anchors.push_back(&anchor);
    if (is_difference(anchor)) {
      differed = true;
      for (std::size_t i = since_state; i < values.size(); ++i) values[i].second.doubtful = true;
    } else if (is_close(anchor)) {
      close = true;
      if (!judgement.largest_deviation || *judgement.largest_deviation < *anchor.deviation) {
        judgement.largest_deviation = anchor.deviation;
      }
    }
    // An equal value or digest shows a part of the state only: what a later difference comes from may have been there already.
    if (anchor.equal && anchor.kind == Anchor::Kind::kState) since_state = values.size();
  }
  for (const auto& [value, around] : values) judgement.status.push_back(status_of(value, around, !outside.empty()));
  judgement.outcome = sum_up(anchors);
  judgement.outcome.values = values.size();
  return judgement;
}

}  // namespace hindsight::replay

// Directs one worker through its segment: says at each head where to go on, compares everything that the recording knows
// with what comes again, and collects what the probes logged. Pure: a state's bytes are read by the function it is given.
//
//   Director director(segment, reference, read_state, {.outside = ...});
//   Result<host::ProcessExit> exit = host::serve(launch, options, director.sessions());
//   Verdict verdict = director.conclude(*exit);
//
// Serves one worker, from the thread that serves it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/check.h"
#include "replay/plan.h"
#include "replay/reference.h"
#include "runtime/host/host.h"
#include "store/store.h"

namespace hindsight::replay {

// Hands over the leaves of a kept state, in order: Store::read_state for one run.
using ReadState = std::function<Result<void>(const store::Checkpoint& checkpoint,
                                             const std::function<Result<void>(const store::Leaf&, std::string_view)>& sink)>;

// A probe's value that the segment was asked for.
struct ProbeAnswer {
  host::ValueEvent value;
  store::Status status = store::Status::kUnverified;
  std::uint64_t order = 0;  // within the segment
  std::size_t slot = 0;     // of the course
};

struct Verdict {
  std::vector<ProbeAnswer> answers;              // empty if there is a problem
  store::SegmentOutcome outcome;            // all but cpu_seconds; `problem` says why there are no answers
  std::vector<std::string> notes;           // what could not be compared, and the largest deviation, one sentence each
  std::map<std::size_t, bool> slots;        // what was asked for: was it run to its end, and that end shown to be equal?
};

// What a verdict covers, per probe, neighbouring iterations joined; `exact` where the slots and all of the probe's values in
// them are. Empty if there is a problem. The replay is the caller's to fill in.
std::vector<store::Coverage> coverage_of(const Verdict& verdict, const Course& course, const std::vector<store::ProbeId>& probes);

struct DirectorOptions {
  std::string outside;  // as for judge()
  std::map<store::ProbeId, std::string> inexact_probes = {};  // whose values are never more than unverified
};

class Director final : public host::Listener {
 public:
  // Keeps references to `reference`, which must outlive it.
  Director(Segment segment, const Reference& reference, ReadState read_state, DirectorOptions options = {});

  // A factory whose sessions report here; the Director must outlive them. A second process that attaches is a problem.
  host::SessionFactory sessions();

  void on_event(const host::Event& event, std::uint64_t journal_offset) override;
  host::Answer on_ask(const store::Point& point) override;
  void on_idle() override {}
  void on_end(const host::SessionEnd& end) override;

  // Call once, after the worker has ended.
  Verdict conclude(const host::ProcessExit& exit);

 private:
  using Row = Reference::Row;

  void on(const host::ValueEvent& event);
  void on(const host::IterationEvent& event);
  void on(const host::CaptureEvent& event);
  void on(const host::DigestEvent& event);
  void on(const host::SkippedEvent& event);
  void on(const host::LoopEndEvent& event);
  void on(const host::JumpEvent& event);
  void on(const host::NoteEvent&) {}
  void on(const host::EndEvent&) {}

  // What is compared; director_checks.cc.
  void logged_value(const host::ValueEvent& event);
  void compare_state(const store::Checkpoint& recorded, const host::CaptureEvent& event);
  void compare_digest(const store::Point& point, std::uint64_t digest);
  void compare_iteration(const host::IterationEvent& event);
  void compare_end(const host::LoopEndEvent& event);
  void compare_process_end(const host::ProcessExit& exit);
  void compare_last_place();
  void expect_rows(const std::vector<Reference::Range>& ranges);
  void expect_outside(std::size_t count);
  void add_equal(Anchor::Kind kind, std::string where, std::uint64_t bytes, std::uint64_t leaves);
  void differ(Anchor::Kind kind, std::string where, std::string recorded, std::string replayed);
  bool knows_all_of(std::size_t slot) const;
  std::string recorded_leaf(const store::Checkpoint& recorded, const store::Leaf& leaf) const;

  // Where the worker is.
  void probe_value(const host::ValueEvent& event);
  void arrive(const store::Point& point);  // at a head or exit: what lies before it is over
  void close_iterations(std::size_t loop, std::uint64_t last);
  void close_slot(std::size_t slot);
  void leave_loop(std::size_t loop);
  std::size_t slot_of(const store::Position& position, std::uint32_t thread) const;
  void note(std::string sentence);

  host::Answer at_main_head(std::size_t loop, const store::Point& point);
  host::Answer at_nested_head(const store::Point& point);
  host::Answer go_on(const store::Point& point) const;
  host::Answer restore(const store::Checkpoint& checkpoint, wire::Action action);
  host::Answer stop();
  bool may_stop(std::size_t boundary, const store::Point& point) const { return boundary >= end_ && proven_ == point; }

  Segment segment_;
  const Reference& reference_;
  const Course& course_;
  ReadState read_state_;
  DirectorOptions options_;

  std::vector<bool> asked_;                      // by slot
  std::size_t end_ = 0;                          // the slot after the last one asked for
  std::vector<bool> closed_;                     // by slot: it was run to its end
  std::size_t region_ = 0;                       // the slot that code outside of loops lies in now
  std::optional<std::size_t> inside_;            // the main loop that the worker is in
  std::uint64_t iteration_ = 0;                  // of that loop: whose head was reached last
  std::vector<std::uint64_t> next_iteration_;    // by main loop: the first that was not closed yet
  std::size_t attached_ = 0;
  bool stopped_ = false;
  std::uint64_t dropped_ = 0;
  std::string problem_;
  std::vector<std::string> notes_;
  struct Uncompared {
    std::string first;
    std::uint64_t points = 0;
  };
  std::map<std::string, Uncompared> uncompared_;  // by reason: points whose state could not be taken here

  std::vector<TimelineEntry> timeline_;
  std::vector<ProbeAnswer> answers_;
  std::vector<std::vector<bool>> seen_;          // by group and row: logged again, or lies in what was skipped
  std::size_t next_outside_ = 0;

  std::optional<store::Point> compared_;         // the newest point at which a whole state was compared
  std::optional<store::Point> proven_;           // the newest one at which that said something: not all was as restored
  bool jumped_ = false;
  std::string doubt_;  // what differs and need not mean anything
  std::map<std::string, store::Hash> restored_;  // by leaf: what it was restored to last
  std::optional<std::uint64_t> restored_digest_;
};

}  // namespace hindsight::replay

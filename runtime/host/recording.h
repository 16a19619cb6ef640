// Puts what one process reports into a store; begin_run and recover_journals (recorder.h) make these.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/host/host.h"
#include "runtime/host/loop_book.h"
#include "store/state_history.h"
#include "store/store.h"

namespace hindsight::host {

// Values are gathered and written now and then; states at once, since their bytes are only lent. Whatever is written
// says in the same transaction how far into the journal it reaches. If the store cannot be written, that is tried again
// after a while; what does not fit into memory meanwhile stays in the journal alone.
class Recording : public Listener {
 public:
  // `run` is in the store already; what its journal holds before run.journal_offset is too. `project_root`: sites below
  // it are stored relative to it; empty: none is. `left_behind`: the journal of a recording that is over.
  Recording(store::Store& store, store::Run run, std::string project_root, bool left_behind);

  void on_event(const Event& event, std::uint64_t journal_offset) override;
  Answer on_ask(const store::Point& point) override;
  void on_idle() override;
  void on_end(const SessionEnd& end) override;
  std::string unsaved() const override { return unsaved_; }

 private:
  using Clock = std::chrono::steady_clock;

  void take(const ValueEvent& event);
  void take(const IterationEvent& event);
  void take(const CaptureEvent& event);
  void take(const DigestEvent& event);
  void take(const SkippedEvent& event);
  void take(const LoopEndEvent& event);
  void take(const JumpEvent& event);
  void take(const NoteEvent& event);
  void take(const EndEvent& event);

  store::Series& find_series(const ValueEvent& event);
  const std::string& relative(const std::string& file);
  void skip(const store::Point& point, const std::string& reason);
  Result<void> begin_batch();
  Result<void> fill_batch(bool all);
  // False: not now; everything but the states in the batch is still there.
  bool flush(bool all);
  void fail(const Error& error);
  bool anything_pending() const { return rows_ > 0 || !digests_.empty() || loops_changed_ || run_changed_; }

  store::Store& store_;
  store::Run run_;
  std::string project_root_;
  bool left_behind_;
  std::uint64_t taken_before_;  // the journal's records up to here are in the store
  bool old_ = false;            // the event at hand is one of them

  LoopBook loops_;
  bool loops_changed_ = false;
  bool run_changed_ = false;
  std::unordered_map<std::uint64_t, std::vector<std::unique_ptr<store::Series>>> series_;  // by a hash of the key
  store::Series* last_series_ = nullptr;
  std::unordered_map<std::string, std::string> relative_;
  std::uint64_t order_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;  // of memory that pending rows take, about
  std::vector<store::SmallDigest> digests_;
  std::uint64_t next_checkpoint_ = 0;
  store::StateHistory history_;

  std::optional<store::WriteBatch> batch_;
  struct BatchState {
    store::Point point;
    bool kept;
  };
  std::vector<BatchState> batch_states_;  // put into batch_
  Clock::time_point began_;
  Clock::time_point last_commit_;
  std::optional<Clock::time_point> not_before_;  // the store failed
  bool given_up_ = false;
  std::string unsaved_;
};

}  // namespace hindsight::host

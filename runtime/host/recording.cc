#include "runtime/host/recording.h"

#include <algorithm>
#include <functional>

#include "runtime/host/notes.h"
#include "runtime/host/outcome.h"
#include "runtime/host/pool_limit.h"

namespace hindsight::host {
namespace {

constexpr std::uint64_t kFlushBytes = 4 << 20;
constexpr std::uint64_t kMostPending = 64 << 20;
constexpr auto kRetry = std::chrono::seconds(5);

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A commit waits for the disk, and small blocks are dear to read: long runs commit less often. Their journal has it all
// anyway.
std::chrono::milliseconds commit_every(std::chrono::steady_clock::duration running) {
  const auto share = std::chrono::duration_cast<std::chrono::milliseconds>(running) / 50;
  return std::clamp(share, std::chrono::milliseconds(700), std::chrono::milliseconds(10'000));
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t more) { return (hash ^ more) * 0x9e3779b97f4a7c15u + (hash >> 29); }
std::uint64_t hash_of(const std::string& text) { return std::hash<std::string>{}(text); }

bool same_nest(const std::vector<std::string>& nest, const store::Position& position) {
  if (nest.size() != position.size()) return false;
  for (std::size_t i = 0; i < nest.size(); ++i) {
    if (nest[i] != position[i].loop) return false;
  }
  return true;
}

void clear(store::SeriesColumns& columns) {
  for (store::SeriesColumns::LevelColumn& level : columns.levels) {
    level.entry.clear();
    level.ordinal.clear();
    level.label.clear();
    level.has_label.clear();
  }
  columns.seq.clear();
  columns.order.clear();
  columns.status.clear();
  columns.segment.clear();
  columns.scalars.clear();
  columns.blobs.clear();
}

}  // namespace

Recording::Recording(store::Store& store, store::Run run, std::string project_root, bool left_behind)
    : store_(store),
      run_(std::move(run)),
      project_root_(std::move(project_root)),
      left_behind_(left_behind),
      taken_before_(run_.journal_offset),
      history_(measure_pool_limit() / 2),
      began_(Clock::now()),
      last_commit_(began_) {
  if (!project_root_.empty() && project_root_.back() != '/') project_root_ += '/';
}

void Recording::on_event(const Event& event, std::uint64_t journal_offset) {
  if (given_up_) return;
  old_ = journal_offset <= taken_before_;
  std::visit([this](const auto& one) { take(one); }, event);
  if (old_) return;
  run_.journal_offset = journal_offset;
  if (bytes_ > kFlushBytes && !not_before_) flush(false);
  if (bytes_ > kMostPending) {
    given_up_ = true;
    series_.clear();
    last_series_ = nullptr;
    rows_ = bytes_ = 0;
  }
}

const std::string& Recording::relative(const std::string& file) {
  const auto [at, is_new] = relative_.try_emplace(file);
  if (is_new)
    at->second = !project_root_.empty() && file.starts_with(project_root_) ? file.substr(project_root_.size()) : file;
  return at->second;
}

store::Series& Recording::find_series(const ValueEvent& event) {
  const std::string& file = relative(event.site.file);
  const auto is = [&](const store::SeriesKey& key) {
    return key.name == event.name && key.thread == event.thread && key.dtype == event.value.dtype &&
           key.is_vector == event.value.is_vector && key.site.line == event.site.line &&
           key.is_argument == event.is_argument && key.is_draw == event.is_draw && key.probe == event.probe.value_or(store::ProbeId{}) &&
           key.site.file == file && same_nest(key.nest, event.position);
  };
  if (last_series_ != nullptr && is(last_series_->key)) return *last_series_;
  std::uint64_t hash = mix(hash_of(event.name), event.site.line);
  hash = mix(hash, std::uint64_t{event.thread} << 16 | static_cast<std::uint64_t>(event.value.dtype) << 1 |
                       (event.value.is_vector ? 1 : 0));
  for (const store::Level& level : event.position) hash = mix(hash, hash_of(level.loop));
  std::vector<std::unique_ptr<store::Series>>& candidates = series_[hash];
  for (const auto& series : candidates) {
    if (is(series->key)) return *(last_series_ = series.get());
  }
  auto series = std::make_unique<store::Series>();
  store::SeriesKey& key = series->key;
  key.name = event.name;
  for (const store::Level& level : event.position) key.nest.push_back(level.loop);
  key.thread = event.thread;
  key.dtype = event.value.dtype;
  key.is_vector = event.value.is_vector;
  key.site = {file, event.site.line};
  key.is_argument = event.is_argument;
  key.is_draw = event.is_draw;
  if (event.probe) key.probe = *event.probe;
  series->columns.levels.resize(key.nest.size());
  last_series_ = series.get();
  candidates.push_back(std::move(series));
  return *last_series_;
}

void Recording::take(const ValueEvent& event) {
  const std::uint64_t order = order_++;
  if (old_) return;
  find_series(event).columns.append(event.position, event.seq, order, store::Status::kRecorded, 0, event.value);
  ++rows_;
  bytes_ += 48 + 24 * event.position.size() + (event.value.bytes.size() > 8 ? 32 + event.value.bytes.size() : 0);
  if (!event.is_draw) ++run_.records;
}

void Recording::take(const IterationEvent& event) {
  loops_.begin_iteration(event, {relative(event.site.file), event.site.line});
  loops_changed_ = true;
}

void Recording::take(const LoopEndEvent& event) {
  loops_.end_loop(event);
  loops_changed_ = true;
}

void Recording::take(const CaptureEvent& event) {
  if (event.purpose == wire::Purpose::kLive || old_) return;
  if (not_before_ && Clock::now() < *not_before_) return skip(event.point, "the store could not be written");
  if (Result<void> begun = begin_batch(); !begun) {
    skip(event.point, "the store could not be written: " + begun.error().message());
    return fail(begun.error());
  }
  store::Checkpoint checkpoint;
  checkpoint.number = next_checkpoint_;
  checkpoint.point = event.point;
  checkpoint.kept = event.purpose == wire::Purpose::kCheckpoint;
  checkpoint.digest = event.digest;
  checkpoint.captured_ns = event.clock_ns;
  checkpoint.capture_cost_ns = event.cost_ns;
  const bool kept = checkpoint.kept;
  const Result<store::Checkpoint> put = batch_->put_checkpoint(run_.id, std::move(checkpoint), event.leaves, history_);
  if (!put) {
    skip(event.point, "the store could not be written: " + put.error().message());
    return fail(put.error());
  }
  ++next_checkpoint_;
  if (kept) ++run_.checkpoints;
  batch_states_.push_back({event.point, kept});
}

void Recording::take(const DigestEvent& event) {
  if (old_) return;
  digests_.push_back({event.point, event.digest});
  bytes_ += sizeof(store::SmallDigest) + 64;
}

void Recording::take(const SkippedEvent& event) {
  if (!old_) skip(event.point, event.reason);
}

void Recording::skip(const store::Point& point, const std::string& reason) {
  ++run_.skipped;
  add_skipped(run_.notes, point, reason);
  run_changed_ = true;
}

void Recording::take(const JumpEvent&) {}  // nothing jumps while it is recorded

void Recording::take(const NoteEvent& event) {
  if (old_) return;
  add_note(run_.notes, event.text);
  run_changed_ = true;
}

void Recording::take(const EndEvent& event) { run_.dropped = std::max(run_.dropped, event.dropped); }

Answer Recording::on_ask(const store::Point&) { return {}; }  // a recorded program asks nothing; it goes on

Result<void> Recording::begin_batch() {
  if (batch_) return {};
  Result<store::WriteBatch> batch = store_.write();
  if (!batch) return std::move(batch).error();
  batch_.emplace(std::move(*batch));
  return {};
}

Result<void> Recording::fill_batch(bool all) {
  for (const auto& [hash, candidates] : series_) {
    for (const auto& series : candidates) {
      if (series->columns.size() == 0) continue;
      if (Result<void> appended = batch_->append_series(run_.id, *series); !appended) return appended;
    }
  }
  const std::vector<store::LoopInstance> loops = loops_.changed(all);
  if (!loops.empty()) {
    if (Result<void> put = batch_->put_loops(run_.id, loops); !put) return put;
  }
  if (!digests_.empty()) {
    if (Result<void> put = batch_->put_digests(run_.id, digests_); !put) return put;
  }
  if (left_behind_) {
    // The program may have been waited for by a host that lives on; what that says of its end stands.
    const Result<store::Run> known = store_.read_run(run_.id);
    if (!known) return known.error();
    run_.state = known->state;
    run_.exit_code = known->exit_code;
    run_.signal = known->signal;
    run_.host = known->host;
    if (known->ended_ns != 0) run_.ended_ns = known->ended_ns;
    if (all && run_.state == store::RunState::kRecording) run_.state = store::RunState::kCrashed;
  }
  const Result<store::RunId> put = batch_->put_run(run_);
  if (!put) return put.error();
  return {};
}

bool Recording::flush(bool all) {
  const auto attempt = [&]() -> Result<void> {
    if (Result<void> begun = begin_batch(); !begun) return begun;
    if (Result<void> filled = fill_batch(all); !filled) return filled;
    return batch_->commit();
  };
  if (const Result<void> done = attempt(); !done) {
    fail(done.error());
    return false;
  }
  batch_.reset();
  batch_states_.clear();
  for (auto& [hash, candidates] : series_) {
    for (auto& series : candidates) clear(series->columns);
  }
  loops_.taken(all);
  digests_.clear();
  rows_ = bytes_ = 0;
  loops_changed_ = run_changed_ = false;
  not_before_.reset();
  last_commit_ = Clock::now();
  unsaved_.clear();
  return true;
}

// Values, loops and notes are kept for the next try; states are gone with their slots.
void Recording::fail(const Error& error) {
  unsaved_ = error.message();
  batch_.reset();
  for (const auto& [point, kept] : batch_states_) {
    if (kept) --run_.checkpoints;
    skip(point, "the store could not be written: " + error.message());
  }
  batch_states_.clear();
  not_before_ = Clock::now() + kRetry;
}

void Recording::on_idle() {
  if (given_up_) return;
  if (batch_) {  // a state was stored: no other process can write until it is committed
    flush(false);
    return;
  }
  if (!anything_pending()) return;
  const Clock::time_point now = Clock::now();
  if (not_before_ && now < *not_before_) return;
  if (now - last_commit_ >= commit_every(now - began_)) flush(false);
}

void Recording::on_end(const SessionEnd& end) {
  if (given_up_) return;
  run_.dropped = std::max(run_.dropped, end.dropped);
  if (end.dropped > 0)
    add_note(run_.notes,
             std::to_string(end.dropped) + " values were lost: there was no room for the journal, on the disk or in memory");
  if (!end.problem.empty()) {
    std::string note = end.problem;
    if (end.torn > 1) note += "; " + std::to_string(end.torn - 1) + " records behind it were left out";
    if (end.misunderstood > 0) note += " (" + std::to_string(end.misunderstood) + " records were left out)";
    add_note(run_.notes, note);
  }
  if (left_behind_) {
    add_note(run_.notes,
             end.in_order ? "the program ended in order after its recording host was gone: its exit status is not known"
                          : "the recording was cut off: what was logged until then was taken in later");
  } else {
    run_.host[kEnded] = end.in_order ? kInOrder : kAbruptly;
  }
  if (run_.ended_ns == 0) run_.ended_ns = now_ns();
  flush(true);
}

}  // namespace hindsight::host

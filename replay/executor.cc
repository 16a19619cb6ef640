#include "replay/executor.h"

#include <algorithm>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "replay/director.h"
#include "replay/files.h"
#include "replay/machine.h"

namespace hindsight::replay {

namespace {

struct Ended {
  Verdict verdict;
  bool interrupted = false;
};

class Execution {
 public:
  Execution(const Workspace& workspace, store::Store& store, const Work& work, Progress& progress)
      : workspace_(workspace), store_(store), work_(work), progress_(progress), replay_(work.replay) {}

  Result<store::Replay> run() {
    if (Result<void> begun = begin(); !begun) return std::move(begun).error();
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < work_.workers && i < work_.plan->segments.size(); ++i) {
        threads.emplace_back([this] { work_through(); });
      }
      work_through();
    }
    if (failure_) return std::move(*failure_);
    replay_.ended_ns = now_ns();
    return store_replay();
  }

 private:
  Result<void> begin() {
    Result<store::WriteBatch> batch = store_.write();
    if (!batch) return std::move(batch).error();
    Result<store::ReplayId> id = batch->put_replay(replay_);
    if (!id) return std::move(id).error();
    replay_.id = *id;
    return batch->commit();
  }

  Result<store::Replay> store_replay() {
    Result<store::WriteBatch> batch = store_.write();
    if (!batch) return std::move(batch).error();
    if (Result<store::ReplayId> put = batch->put_replay(replay_); !put) return std::move(put).error();
    if (Result<void> done = batch->commit(); !done) return std::move(done).error();
    return replay_;
  }

  // Takes segments until there are none.
  void work_through() {
    while (true) {
      const Segment* segment = nullptr;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (next_ == work_.plan->segments.size() || failure_ || interrupted_) return;
        segment = &work_.plan->segments[next_++];
      }
      Ended ended = run_segment(*segment);
      const std::lock_guard<std::mutex> lock(mutex_);
      interrupted_ = interrupted_ || ended.interrupted;
      Result<void> kept = keep(*segment, ended.verdict);
      if (!kept && !failure_) failure_ = std::move(kept).error();
      progress_.advance(static_cast<double>(++done_) / static_cast<double>(work_.plan->segments.size()));
    }
  }

  Ended run_segment(const Segment& segment) {
    const store::RunId run = work_.scene->run->id;
    const ReadState read_state = [this, run](const store::Checkpoint& checkpoint, const auto& sink) {
      return store_.read_state(run, checkpoint, sink);
    };
    Director director(segment, *work_.reference, read_state, {.outside = work_.outside, .inexact_probes = work_.inexact_probes});
    Result<WorkerExit> exit = run_worker(workspace_, *work_.scene, director.sessions());
    Ended ended;
    if (!exit) {
      ended.verdict.outcome.number = segment.number;
      ended.verdict.outcome.problem = exit.error().message();
      return ended;
    }
    ended.verdict = director.conclude(exit->process);
    store::SegmentOutcome& outcome = ended.verdict.outcome;
    outcome.number = segment.number;
    outcome.cpu_seconds = exit->cpu_seconds;
    ended.interrupted = exit->process.signal == SIGINT || exit->process.signal == SIGTERM;
    if (ended.interrupted) outcome.problem = "interrupted";
    if (!outcome.problem.empty() && !ended.interrupted && !exit->last_output.empty()) outcome.problem += "; its last words: " + exit->last_output;
    return ended;
  }

  // Everything that one segment answers, at once. Under the mutex.
  Result<void> keep(const Segment& segment, const Verdict& verdict) {
    replay_.cpu_seconds += verdict.outcome.cpu_seconds;
    replay_.segments.push_back(verdict.outcome);
    std::sort(replay_.segments.begin(), replay_.segments.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    for (const std::string& note : verdict.notes) {
      if (std::find(replay_.notes.begin(), replay_.notes.end(), note) == replay_.notes.end()) replay_.notes.push_back(note);
    }
    Result<store::WriteBatch> batch = store_.write();
    if (!batch) return std::move(batch).error();
    if (Result<store::ReplayId> put = batch->put_replay(replay_); !put) return std::move(put).error();
    if (!verdict.outcome.problem.empty()) return batch->commit();
    for (const store::Series& rows : series_of(segment, verdict)) {
      if (Result<void> put = batch->append_series(replay_.run, rows); !put) return put;
    }
    for (store::Coverage coverage : coverage_of(verdict, work_.reference->course(), segment.probes)) {
      coverage.run = replay_.run;
      coverage.replay = replay_.id;
      if (Result<void> put = batch->put_coverage(coverage); !put) return put;
    }
    return batch->commit();
  }

  std::vector<store::Series> series_of(const Segment& segment, const Verdict& verdict) const {
    std::map<store::SeriesKey, store::SeriesColumns> columns;
    for (const ProbeAnswer& answer : verdict.answers) {
      const host::ValueEvent& event = answer.value;
      store::SeriesKey key{.name = event.name,
                           .nest = {},
                           .thread = event.thread,
                           .dtype = event.value.dtype,
                           .is_vector = event.value.is_vector,
                           .site = event.site,
                           .is_argument = false,
                           .is_draw = false,
                           .replay = replay_.id,
                           .probe = event.probe.value_or(store::ProbeId{})};
      for (const store::Level& level : event.position) key.nest.push_back(level.loop);
      const std::filesystem::path file = key.site.file;
      if (lies_in(file, workspace_.root())) key.site.file = file.lexically_relative(workspace_.root()).generic_string();
      columns[key].append(event.position, event.seq, answer.order, answer.status, segment.number, event.value);
    }
    std::vector<store::Series> all;
    for (auto& [key, rows] : columns) all.push_back({.key = key, .columns = std::move(rows)});
    return all;
  }

  const Workspace& workspace_;
  store::Store& store_;
  const Work& work_;
  Progress& progress_;
  std::mutex mutex_;
  store::Replay replay_;
  std::size_t next_ = 0;
  std::size_t done_ = 0;
  bool interrupted_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Result<store::Replay> execute(const Workspace& workspace, store::Store& store, const Work& work, Progress& progress) {
  return Execution(workspace, store, work, progress).run();
}

}  // namespace hindsight::replay

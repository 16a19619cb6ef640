#include "runtime/host/recorder.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>

#include "runtime/host/journal_file.h"
#include "runtime/host/outcome.h"
#include "runtime/host/recording.h"
#include "runtime/host/session.h"

namespace hindsight::host {
namespace {

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Where the run's sources lay; empty if its version is not known.
std::string project_root(const store::Store& store, const store::Run& run) {
  const Result<store::Version> version = store.read_version(run.version);
  return version ? version->project_root : std::string();
}

// What became of one journal.
struct Recovered {
  bool live = false;  // still being written
  bool took_in = false;
  std::uint64_t run = 0;  // 0: not known
};

Result<Recovered> recover(store::Store& store, const std::filesystem::path& path) {
  Recovered outcome;
  Result<JournalFile> journal = JournalFile::open_left_behind(path);
  if (!journal) {
    switch (journal.error().kind()) {
      case ErrorKind::kBusy: {
        outcome.live = true;
        const Result<std::uint64_t> run = journal_run(path);
        if (run) outcome.run = *run;
        return outcome;
      }
      case ErrorKind::kNotFound:
        return outcome;  // another process has just taken it in
      default:
        return std::move(journal).error();
    }
  }
  outcome.run = journal->run();
  if (outcome.run == 0) {  // its host was gone before there was a run; its client never got it
    journal->remove();
    return outcome;
  }
  Result<store::Run> run = store.read_run(store::RunId{outcome.run});
  if (!run)
    return std::move(run).error().context("the journal '" + path.string() + "' belongs to run " +
                                          std::to_string(outcome.run));
  std::string root = project_root(store, *run);
  Recording recording(store, std::move(*run), std::move(root), true);
  read_left_behind(*journal, recording);
  if (std::string why = recording.unsaved(); !why.empty()) {
    return Error(ErrorKind::kIo, "take in the journal '" + path.string() + "': " + why,
                 "it was kept; free some room and try again");
  }
  journal->remove();
  outcome.took_in = true;
  return outcome;
}

// A run whose journal is gone and that nobody records any more: its host was killed after the last of it was stored.
Result<void> mark_crashed(store::Store& store, store::RunId id) {
  Result<store::WriteBatch> batch = store.write();  // first, so that nobody changes the run after it is read
  if (!batch) return std::move(batch).error();
  Result<store::Run> run = store.read_run(id);
  if (!run) return std::move(run).error();
  if (run->state != store::RunState::kRecording) return {};
  run->state = store::RunState::kCrashed;
  if (run->ended_ns == 0) run->ended_ns = now_ns();
  run->notes.emplace_back(kHostGone);
  if (Result<store::RunId> put = batch->put_run(std::move(*run)); !put) return std::move(put).error();
  return batch->commit();
}

}  // namespace

Result<Session> begin_run(store::Store& store, store::Run run, const Attached& attached) {
  if (run.argv.empty()) run.argv = attached.argv;
  if (run.program.empty()) run.program = attached.executable.string();
  if (run.cwd.empty()) run.cwd = attached.cwd;
  if (run.started_ns == 0) run.started_ns = now_ns();
  if (run.uid.is_zero() && ::getrandom(&run.uid, sizeof run.uid, 0) != sizeof run.uid) {
    return Error(ErrorKind::kIo, "get random bytes for the run's identity");
  }
  run.draws_kept = attached.keeps_draws;
  run.host[kProcessId] = std::to_string(attached.pid);
  run.state = store::RunState::kRecording;
  run.journal_offset = 0;
  Result<store::WriteBatch> batch = store.write();
  if (!batch) return std::move(batch).error().context("begin a run");
  Result<store::RunId> id = batch->put_run(run);
  if (!id) return std::move(id).error().context("begin a run");
  if (Result<void> committed = batch->commit(); !committed) return std::move(committed).error().context("begin a run");
  run.id = *id;
  std::string root = project_root(store, run);
  const std::uint64_t number = id->number;
  return Session{std::make_unique<Recording>(store, std::move(run), std::move(root), false), number};
}

Result<void> end_runs(store::Store& store, std::uint64_t group, const ProcessExit& exit) {
  Result<store::WriteBatch> batch = store.write();  // first, so that nobody changes the runs after they are read
  if (!batch) return std::move(batch).error().context("end the runs");
  Result<std::vector<store::Run>> runs = store.runs();
  if (!runs) return std::move(runs).error().context("end the runs");
  std::erase_if(*runs, [&](const store::Run& run) { return run.group != group; });
  for (const store::Run& run : *runs) {
    store::Run settled = settle(run, exit, runs->size());
    if (settled.ended_ns == 0) settled.ended_ns = now_ns();
    if (Result<store::RunId> put = batch->put_run(std::move(settled)); !put)
      return std::move(put).error().context("end the runs");
  }
  return batch->commit();
}

Result<std::size_t> recover_journals(store::Store& store) {
  // The runs before the journals: a run that is being recorded has had its journal since before it was there.
  Result<std::vector<store::Run>> runs = store.runs();
  if (!runs) return std::move(runs).error();
  std::vector<std::filesystem::path> journals;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(store.journal_folder(), failed), end; !failed && at != end;
       at.increment(failed)) {
    if (at->path().extension() == kJournalSuffix) journals.push_back(at->path());
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return Error(ErrorKind::kIo, "look for journals in '" + store.journal_folder().string() + "': " + failed.message());
  }
  std::size_t taken_in = 0;
  bool unknown_is_live = false;
  std::vector<std::uint64_t> has_journal;
  std::optional<Error> first;
  for (const std::filesystem::path& path : journals) {
    Result<Recovered> outcome = recover(store, path);
    if (!outcome) {  // the others are not kept from being taken in
      if (!first) first = std::move(outcome).error();
      unknown_is_live = true;
      continue;
    }
    taken_in += outcome->took_in ? 1 : 0;
    has_journal.push_back(outcome->run);
    if (outcome->live && outcome->run == 0) unknown_is_live = true;
  }
  for (const store::Run& run : *runs) {
    if (run.state != store::RunState::kRecording || unknown_is_live) continue;
    if (std::find(has_journal.begin(), has_journal.end(), run.id.number) != has_journal.end()) continue;
    if (Result<void> marked = mark_crashed(store, run.id); !marked && !first) first = std::move(marked).error();
  }
  if (first) return std::move(*first);
  return taken_in;
}

}  // namespace hindsight::host

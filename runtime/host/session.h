// One attached process: its socket, journal and pool, and the listener that hears what happens in it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runtime/host/decoder.h"
#include "runtime/host/fd.h"
#include "runtime/host/host.h"
#include "runtime/host/journal_file.h"
#include "runtime/host/pool.h"

namespace hindsight::host {

class AttachedProcess {
 public:
  // Answers a Hello: makes journal and pool, asks the factory for a listener, sends Welcome with `settings`.
  static Result<std::unique_ptr<AttachedProcess>> welcome(Fd socket, const Attached& who, const HostOptions& options,
                                                          const std::string& settings, std::uint64_t pool_limit,
                                                          const SessionFactory& factory);

  // For sentences: "process 12 (./train)".
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

  // What to wait for: the session's socket, or, once that is closed, the end of the process.
  int descriptor() const { return socket_ ? socket_.get() : pidfd_.get(); }
  // That became readable: takes what there is. False: the process will write no more.
  bool serve();
  // Hands over what is in the journal by now.
  void drain();
  struct Finished {
    JournalFile journal;  // still locked, so that nobody takes it for one left behind
    std::string unsaved;  // as Listener::unsaved
  };
  // Hands over all the rest and ends the session.
  Finished finish();

 private:
  AttachedProcess(Fd socket, JournalFile journal, Pool pool)
      : socket_(std::move(socket)), journal_(std::move(journal)), pool_(std::move(pool)) {}
  void hand_over(const Record& record);
  void hand_over_capture(Event& event, const SlotUse& use, std::uint64_t offset);
  bool answer(const wire::Ask& ask);
  Result<wire::Directive> direct(const Answer& answer);
  bool still_writing() const;
  void complain(std::string problem);

  Fd socket_;
  Fd pidfd_;
  pid_t pid_ = 0;
  std::string name_;
  JournalFile journal_;
  Pool pool_;
  Decoder decoder_;
  std::unique_ptr<Listener> listener_;
  std::optional<store::Point> asked_at_;  // of the last live capture, or the last one that was skipped
  SessionEnd end_;
  std::uint64_t states_ = 0;  // that it sent
};

// Hands everything that is whole in a journal from where reading stands to `each`, and returns how many records were
// not.
std::uint64_t drain_whole(JournalFile& journal, const std::function<void(const Record&)>& each);

// Hands a journal that was left behind to `listener`, as read_journal does.
SessionEnd read_left_behind(JournalFile& journal, Listener& listener);

}  // namespace hindsight::host

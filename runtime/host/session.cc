#include "runtime/host/session.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <cstring>
#include <fstream>

#include "runtime/host/leaves.h"

namespace hindsight::host {
namespace {

constexpr char kTornSentence[] = "the journal ends in the middle of a record";

// The memfd of wire::Welcome, ready to be sent.
Result<Fd> write_draws(const std::vector<std::vector<std::uint64_t>>& draws, std::uint64_t& size) {
  std::vector<std::uint64_t> all(wire::kDraws, 0);
  for (std::size_t i = 0; i < wire::kDraws && i < draws.size(); ++i) {
    all[i] = draws[i].size();
    all.insert(all.end(), draws[i].begin(), draws[i].end());
  }
  Fd file(::memfd_create("hindsight-draws", MFD_CLOEXEC));
  size = all.size() * sizeof all[0];
  const char* const bytes = reinterpret_cast<const char*>(all.data());
  for (std::uint64_t done = 0; file && done < size;) {
    const ssize_t written = ::write(file.get(), bytes + done, size - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) file.reset();
    else done += static_cast<std::uint64_t>(written);
  }
  if (!file) return Error(ErrorKind::kIo, std::string("hand over what the recorded process drew: ") + std::strerror(errno));
  return file;
}

// `draws`: an open file, or none.
Result<void> send_welcome(int socket, const wire::Welcome& welcome, const std::string& settings, int journal,
                          int pool, const Fd& draws) {
  iovec parts[2] = {{const_cast<wire::Welcome*>(&welcome), sizeof welcome},
                    {const_cast<char*>(settings.data()), settings.size()}};
  const int descriptors[3] = {journal, pool, draws ? draws.get() : -1};
  const std::size_t size = (draws ? 3 : 2) * sizeof descriptors[0];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)] = {};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(size);
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(rights), descriptors, size);
  ssize_t sent;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return Error(ErrorKind::kIo, std::string("answer the process: ") + std::strerror(errno));
  return {};
}

// CPU time of this thread.
std::chrono::nanoseconds thread_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

bool is_readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, 0) > 0;
}

}  // namespace

SessionEnd read_left_behind(JournalFile& journal, Listener& listener) {
  Decoder decoder;
  SessionEnd end;
  const auto complain = [&](std::string problem) {
    if (end.problem.empty()) end.problem = std::move(problem);
  };
  end.torn = drain_whole(journal, [&](const Record& record) {
    Decoded decoded = decoder.decode(record);
    if (!decoded.problem.empty()) {
      ++end.misunderstood;
      complain(std::move(decoded.problem));
    }
    if (decoded.event == nullptr) return;
    if (const auto* capture = std::get_if<CaptureEvent>(decoded.event)) {
      listener.on_event(SkippedEvent{capture->point, "the recording host was gone before it could be stored"},
                        record.end());
      return;
    }
    if (std::holds_alternative<EndEvent>(*decoded.event)) end.in_order = true;
    listener.on_event(*decoded.event, record.end());
  });
  if (end.torn > 0) complain(kTornSentence);
  end.dropped = journal.dropped();
  listener.on_idle();
  listener.on_end(end);
  return end;
}

std::uint64_t drain_whole(JournalFile& journal, const std::function<void(const Record&)>& each) {
  for (;;) {
    const Scan scan = journal.next(journal.size());
    if (scan.found == Scan::Found::kRecord) {
      each(scan.record);
      continue;
    }
    const bool cut = scan.found == Scan::Found::kShort && scan.needed > sizeof(wire::RecordHeader);
    const bool torn = cut || scan.found == Scan::Found::kTorn || journal.end() > journal.offset();
    const std::uint64_t behind = journal.count_behind();
    return (torn ? 1 : 0) + behind;
  }
}

Result<std::unique_ptr<AttachedProcess>> AttachedProcess::welcome(Fd socket, const Attached& who,
                                                                  const HostOptions& options,
                                                                  const std::string& settings, std::uint64_t pool_limit,
                                                                  const SessionFactory& factory) {
  // The journal is there, and locked, before the run is: so a run without a journal is one that will get no more
  // values.
  Result<JournalFile> journal = JournalFile::create(options.journal_folder, options.mode);
  if (!journal) return std::move(journal).error();
  const auto give_up = [&](Error error) {
    journal->remove();
    return error;
  };
  Result<Pool> pool = Pool::create(pool_limit);
  if (!pool) return give_up(std::move(pool).error());
  wire::Welcome welcome;
  Result<Fd> draws = Fd();
  if (!options.draws.empty()) draws = write_draws(options.draws, welcome.draws_bytes);
  if (!draws) return give_up(std::move(draws).error());
  Result<Session> session = factory(who);
  if (!session) return give_up(std::move(session).error());
  journal->set_run(session->run);

  auto process =
      std::unique_ptr<AttachedProcess>(new AttachedProcess(std::move(socket), std::move(*journal), std::move(*pool)));
  process->listener_ = std::move(session->listener);
  process->pid_ = who.pid;
  process->pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, who.pid, 0)));
  welcome.mode = options.mode;
  welcome.settings_bytes = static_cast<std::uint32_t>(settings.size());
  welcome.pool_limit = pool_limit;
  welcome.names_shift = options.names_shift ? 1 : 0;
  welcome.guard_probes = options.guard_probes ? 1 : 0;
  if (Result<void> sent = send_welcome(process->socket_.get(), welcome, settings, process->journal_.descriptor(),
                                       process->pool_.descriptor(), *draws);
      !sent) {
    process->complain(std::move(sent).error().message());
  }
  return process;
}

void AttachedProcess::complain(std::string problem) {
  if (end_.problem.empty()) end_.problem = std::move(problem);
}

bool AttachedProcess::serve() {
  if (!socket_) {  // lingering: its end is what became readable
    drain();
    return false;
  }
  for (;;) {
    union {
      wire::MessageType type;
      wire::Ask ask;
      char bytes[256];
    } message{};
    const ssize_t got = ::recv(socket_.get(), &message, sizeof message, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) {
      drain();
      socket_.reset();
      if (end_.in_order || !still_writing()) return false;
      complain(
          "the program closed the descriptors that it did not open itself; what it logs goes on being taken in, states "
          "are not");
      return true;
    }
    if (got >= static_cast<ssize_t>(sizeof(wire::Ask)) && message.type == wire::MessageType::kAsk) {
      if (!answer(message.ask)) {
        socket_.reset();  // the client ends itself when its question is not answered
        return true;
      }
    } else if (got < static_cast<ssize_t>(sizeof(wire::Ring)) || message.type != wire::MessageType::kRing) {
      complain("the program sent a message that is none");
    }
  }
  drain();
  return true;
}

void AttachedProcess::drain() {
  const std::uint64_t states_before = states_;
  const std::chrono::nanoseconds began = thread_time();
  for (;;) {
    const Scan scan = journal_.next(journal_.end());
    if (scan.found != Scan::Found::kRecord) break;
    hand_over(scan.record);
  }
  listener_->on_idle();
  if (states_ != states_before) pool_.tell_cost((thread_time() - began) / static_cast<std::int64_t>(states_ - states_before));
}

void AttachedProcess::hand_over(const Record& record) {
  Decoded decoded = decoder_.decode(record);
  if (!decoded.problem.empty()) {
    ++end_.misunderstood;
    complain(std::move(decoded.problem));
  }
  if (decoded.event == nullptr) return;
  if (decoded.slot) {
    hand_over_capture(*decoded.event, *decoded.slot, record.end());
    return;
  }
  if (const auto* skipped = std::get_if<SkippedEvent>(decoded.event)) asked_at_ = skipped->point;
  if (std::holds_alternative<EndEvent>(*decoded.event)) end_.in_order = true;
  listener_->on_event(*decoded.event, record.end());
}

void AttachedProcess::hand_over_capture(Event& event, const SlotUse& use, std::uint64_t offset) {
  auto& capture = std::get<CaptureEvent>(event);
  if (capture.purpose == wire::Purpose::kLive) asked_at_ = capture.point;
  const auto skip = [&](const Error& why) {
    complain(why.message());
    listener_->on_event(SkippedEvent{capture.point, why.message()}, offset);
  };
  ++states_;
  const Result<std::string_view> slot = pool_.filled(use.slot, use.bytes);
  if (!slot) return skip(slot.error());
  const Result<std::vector<store::LeafBytes>> leaves = read_leaves(*slot);
  if (leaves) {
    capture.leaves = *leaves;
    listener_->on_event(event, offset);
  } else {
    skip(leaves.error());
  }
  pool_.release(use.slot);
}

bool AttachedProcess::answer(const wire::Ask& ask) {
  drain();
  if (journal_.offset() < ask.journal_offset || !asked_at_) {
    complain("the program asked about a point of which its journal says nothing");
    return false;
  }
  const Answer answer = listener_->on_ask(*asked_at_);
  Result<wire::Directive> directive = direct(answer);
  if (!directive) {
    complain(directive.error().message());
    listener_->on_event(JumpEvent{*asked_at_, asked_at_->ordinal, 0,
                                  "the recorded state could not be handed over: " + directive.error().message()},
                        journal_.offset());
    return false;
  }
  ssize_t sent;
  do {
    sent = ::send(socket_.get(), &*directive, sizeof *directive, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == sizeof *directive;
}

Result<wire::Directive> AttachedProcess::direct(const Answer& answer) {
  wire::Directive directive;
  directive.action = answer.action;
  directive.ordinal = answer.ordinal;
  directive.next_ask = answer.next_ask;
  if (answer.action != wire::Action::kRestore && answer.action != wire::Action::kSkip) return directive;
  if (!answer.state) return Error(ErrorKind::kInvalid, "a restore was decided without a state");
  // A guess at the headers and paths; a second try knows the size.
  std::uint64_t needed = answer.state_bytes + answer.leaf_count * 4 * wire::kLeafAlignment;
  for (int attempt = 0; attempt < 2; ++attempt) {
    Result<Pool::Taken> taken = pool_.take(needed);
    if (!taken) return std::move(taken).error();
    LeafWriter writer(taken->bytes);
    std::uint64_t leaves = 0;
    Result<void> filled = answer.state([&](const store::Leaf& leaf, std::string_view bytes) -> Result<void> {
      writer.put(leaf, bytes);
      ++leaves;
      return {};
    });
    if (!filled) {
      pool_.release(taken->slot);
      return std::move(filled).error();
    }
    if (leaves != answer.leaf_count) {
      pool_.release(taken->slot);
      return Error(ErrorKind::kInvalid, "the state has " + std::to_string(leaves) + " leaves instead of " +
                                            std::to_string(answer.leaf_count));
    }
    if (!writer.overflowed()) {
      pool_.hand_over(taken->slot);
      directive.slot = taken->slot;
      directive.slot_bytes = writer.size();
      return directive;
    }
    pool_.release(taken->slot);
    needed = writer.size();
  }
  return Error(ErrorKind::kInvalid, "the state's size changed while it was written");
}

// Its socket closed. Has it ended, or exec'ed another program, or only closed the descriptor (as daemons do)?
bool AttachedProcess::still_writing() const {
  if (!pidfd_ || is_readable(pidfd_.get())) return false;
  struct stat status {};
  if (::fstat(journal_.descriptor(), &status) != 0) return false;
  const std::string inode = " " + std::to_string(status.st_ino) + " ";
  std::ifstream maps("/proc/" + std::to_string(pid_) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(inode) != std::string::npos && line.find(kJournalSuffix) != std::string::npos) return true;
  }
  return false;
}

AttachedProcess::Finished AttachedProcess::finish() {
  end_.torn = drain_whole(journal_, [&](const Record& record) { hand_over(record); });
  end_.dropped = journal_.dropped();
  if (end_.torn > 0) complain(kTornSentence);
  if (!end_.in_order && journal_.offset() == wire::kJournalStart) {
    complain("nothing arrived from the process: it ended at once, became another program, or had no memory to attach with");
  }
  listener_->on_idle();
  listener_->on_end(end_);
  return {std::move(journal_), listener_->unsaved()};
}

}  // namespace hindsight::host

#include "runtime/host/host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>

#include "runtime/host/fd.h"
#include "runtime/host/pool_limit.h"
#include "runtime/host/session.h"
#include "runtime/host/signal_relay.h"
#include "runtime/host/spawn.h"

namespace hindsight::host {
namespace {

constexpr int kTick = 200;             // ms between looks at journals whose client has not rung
constexpr int kLowestInherited = 200;  // scripts and programs use small descriptor numbers as they please
constexpr std::size_t kMostKeptJournals = 512;

Error io_error(const char* doing) { return Error(ErrorKind::kIo, std::string(doing) + ": " + std::strerror(errno)); }

Result<std::string> make_settings(const HostOptions& options) {
  std::string text;
  const auto is_line = [](const std::string& part) { return part.find('\n') == std::string::npos; };
  for (const auto& [loop, n] : options.every) {
    if (loop.empty() || !is_line(loop))
      return Error(ErrorKind::kInvalid, "'" + loop + "' cannot be the name of a loop");
    text += "every " + loop + " " + std::to_string(n) + "\n";
  }
  if (options.overhead != 0) text += "overhead loops " + std::to_string(options.overhead) + "\n";
  for (const auto& [name, value] : options.arguments) {
    if (name.empty() || name.find_first_of(" \n") != std::string::npos) {
      return Error(
          ErrorKind::kInvalid,
          "'" + name + "' cannot be the name of an argument: it has a blank or a line break in it, or is empty");
    }
    if (!is_line(value)) return Error(ErrorKind::kInvalid, "the argument '" + name + "' has a line break in its value");
    text += "arg " + name + " " + value + "\n";
  }
  for (const auto& [loop, variable] : options.added) text += "added " + loop + " " + variable + " 1\n";
  if (text.size() > wire::kMaxSettings) {
    return Error(ErrorKind::kInvalid, "the arguments and loops set for this run are " + std::to_string(text.size()) +
                                          " bytes, more than the " + std::to_string(wire::kMaxSettings) +
                                          " that a program can be sent");
  }
  return text;
}

struct FrontDoor {
  Fd ours;
  Fd programs;
};

Result<FrontDoor> make_front_door() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return io_error("make a socket pair");
  FrontDoor door{Fd(ends[0]), Fd(ends[1])};
  const int high = ::fcntl(door.programs.get(), F_DUPFD_CLOEXEC, kLowestInherited);
  if (high >= 0) door.programs = Fd(high);
  return door;
}

// What /proc knows of the process at the other end of a session; what it does not tell stays empty.
Attached find_process(int session, pid_t claimed) {
  Attached who;
  ucred peer{};
  socklen_t size = sizeof peer;
  // The client made the session's socket pair itself: its maker's pid, as seen from our own pid namespace.
  who.pid = ::getsockopt(session, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0 ? peer.pid : claimed;
  const std::filesystem::path process = "/proc/" + std::to_string(who.pid);
  std::error_code ignored;
  who.executable = std::filesystem::read_symlink(process / "exe", ignored);
  who.cwd = std::filesystem::read_symlink(process / "cwd", ignored).string();
  std::ifstream arguments(process / "cmdline", std::ios::binary);
  for (std::string argument; std::getline(arguments, argument, '\0');) who.argv.push_back(argument);
  return who;
}

std::string name_of(const Attached& who) {
  return "process " + std::to_string(who.pid) + " (" + (who.argv.empty() ? who.executable.string() : who.argv.front()) +
         ")";
}

struct Knock {
  enum class Kind { kNothing, kClosed, kHello, kStrange } kind = Kind::kNothing;
  wire::Hello hello;
  Fd session;
};

Knock receive_knock(int front_door) {
  Knock knock;
  iovec part{&knock.hello, sizeof knock.hello};
  alignas(cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = ::recvmsg(front_door, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    knock.kind = errno == EAGAIN || errno == EWOULDBLOCK ? Knock::Kind::kNothing : Knock::Kind::kClosed;
    return knock;
  }
  for (cmsghdr* part_of = CMSG_FIRSTHDR(&message); part_of != nullptr; part_of = CMSG_NXTHDR(&message, part_of)) {
    if (part_of->cmsg_level != SOL_SOCKET || part_of->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part_of->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number;
      std::memcpy(&number, CMSG_DATA(part_of) + i * sizeof number, sizeof number);
      Fd received(number);
      if (!knock.session) knock.session = std::move(received);
    }
  }
  if (got == 0) {
    knock.kind = Knock::Kind::kClosed;
  } else {
    const bool hello = got == sizeof knock.hello && knock.hello.type == wire::MessageType::kHello && knock.session;
    knock.kind = hello ? Knock::Kind::kHello : Knock::Kind::kStrange;
  }
  return knock;
}

// While recording, this process gives way to the training: niced, and the first to go when memory runs out.
class Deference {
 public:
  // Nices the calling thread; the process's place with the OOM killer comes back with the last of these.
  Deference() {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 5);
    const std::lock_guard lock(guard());
    if (count()++ == 0) {
      std::ifstream("/proc/self/oom_score_adj") >> before();
      write(1000);
    }
  }
  Deference(const Deference&) = delete;
  Deference& operator=(const Deference&) = delete;
  ~Deference() {
    const std::lock_guard lock(guard());
    if (--count() == 0) write(before());
  }

 private:
  static void write(int score) { std::ofstream("/proc/self/oom_score_adj") << score; }
  // The score belongs to the whole process.
  static std::mutex& guard() {
    static std::mutex mutex;
    return mutex;
  }
  static int& count() {
    static int n = 0;
    return n;
  }
  static int& before() {
    static int score = 0;
    return score;
  }
};

class Server {
 public:
  Server(const HostOptions& options, const SessionFactory& factory, std::string settings, Fd front_door)
      : options_(options), factory_(factory), settings_(std::move(settings)), front_door_(std::move(front_door)) {
    pool_limit_ = options.pool_limit != 0 ? options.pool_limit : measure_pool_limit();
  }

  // Serves until the program and all sessions have ended. The program is not reaped.
  void run(const Spawned& program) {
    std::vector<pollfd> waiting;
    bool running = true;
    while (running || !processes_.empty()) {
      waiting.clear();
      waiting.push_back({running ? program.pidfd.get() : -1, POLLIN, 0});
      waiting.push_back({front_door_.get(), POLLIN, 0});
      for (const auto& process : processes_) waiting.push_back({process->descriptor(), POLLIN, 0});
      const bool may_sleep = processes_.empty() && (!running || program.pidfd);
      const int ready = ::poll(waiting.data(), waiting.size(), may_sleep ? -1 : kTick);
      if (ready < 0 && errno != EINTR) ::usleep(kTick * 1000);  // out of memory: nothing to do but to try again
      if (running && has_ended(program)) running = false;
      const std::size_t known = processes_.size();  // those that attach now are not in `waiting`
      if (front_door_ && (waiting[1].revents != 0 || !running)) let_in();
      for (std::size_t i = 0; i < known; ++i) {
        if (waiting[i + 2].revents == 0) {
          processes_[i]->drain();
        } else if (!processes_[i]->serve()) {
          end(i);
          processes_[i].reset();
        }
      }
      std::erase(processes_, nullptr);
    }
  }

  std::size_t attached() const { return attached_; }
  std::vector<std::string> take_problems() { return std::move(problems_); }
  // Gives up the journals of ended sessions.
  void give_up_journals() {
    for (Ended& ended : ended_) {
      if (!ended.keep) ended.journal.remove();
    }
    ended_.clear();
  }

 private:
  struct Ended {
    JournalFile journal;
    bool keep = false;
  };

  static bool has_ended(const Spawned& program) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(program.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == program.pid;
  }

  void let_in() {
    for (;;) {
      Knock knock = receive_knock(front_door_.get());
      switch (knock.kind) {
        case Knock::Kind::kNothing:
          return;
        case Knock::Kind::kClosed:
          front_door_.reset();
          return;
        case Knock::Kind::kStrange:
          problems_.push_back("something that is no hindsight client wrote to the host's front door");
          break;
        case Knock::Kind::kHello:
          welcome(std::move(knock));
          break;
      }
    }
  }

  void welcome(Knock knock) {
    Attached who = find_process(knock.session.get(), knock.hello.pid);
    who.keeps_draws = knock.hello.keeps_draws == 1;
    const std::string name = name_of(who);
    if (knock.hello.version != wire::kVersion) {
      problems_.push_back(name + " was not recorded: it was linked with a hindsight client of version " +
                          std::to_string(knock.hello.version) + ", this host speaks version " +
                          std::to_string(wire::kVersion));
      return;
    }
    auto process = AttachedProcess::welcome(std::move(knock.session), who, options_, settings_, pool_limit_, factory_);
    if (!process) {
      problems_.push_back(name + " was not recorded: " + process.error().message());
      return;
    }
    ++attached_;
    (*process)->set_name(name);
    processes_.push_back(std::move(*process));
  }

  void end(std::size_t index) {
    AttachedProcess::Finished finished = processes_[index]->finish();
    if (!finished.unsaved.empty()) {
      problems_.push_back("what " + processes_[index]->name() +
                          " logged is not all in the store yet, and its journal was kept: " + finished.unsaved);
    }
    const bool keep = !finished.unsaved.empty() || options_.keep_journals;
    // Kept until all is over, and with it its lock: a run whose program still goes on is not one that was left behind.
    if (ended_.size() < kMostKeptJournals) {
      ended_.push_back({std::move(finished.journal), keep});
    } else if (!keep) {
      finished.journal.remove();
    }
  }

  const HostOptions& options_;
  const SessionFactory& factory_;
  std::string settings_;
  Fd front_door_;
  std::uint64_t pool_limit_ = 0;
  std::vector<std::unique_ptr<AttachedProcess>> processes_;
  std::vector<Ended> ended_;
  std::size_t attached_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace

Result<ProcessExit> serve(const Launch& launch, const HostOptions& options, const SessionFactory& factory) {
  Result<std::string> settings = make_settings(options);
  if (!settings) return std::move(settings).error();
  Result<FrontDoor> door = make_front_door();
  if (!door) return std::move(door).error();

  SignalRelay relay;
  Result<Spawned> program = spawn(launch, door->programs.get());
  if (!program) return std::move(program).error();
  relay.pass_to(program->pid);
  door->programs.reset();

  ProcessExit exit;
  exit.pid = program->pid;
  // A thread of its own, so that the caller's priority is not touched and a failure of ours still leaves somebody to
  // wait.
  std::thread([&] {
    try {
      std::optional<Deference> deference;
      if (options.mode == wire::Mode::kRecord) deference.emplace();
      Server server(options, factory, std::move(*settings), std::move(door->ours));
      server.run(*program);
      server.give_up_journals();
      exit.attached = server.attached();
      exit.problems = server.take_problems();
    } catch (const std::exception& failure) {
      exit.problems.push_back(std::string("the recording stopped early: ") + failure.what());
    }
  }).join();

  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(program->pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  relay.stop_passing();
  exit.last_signal = relay.last_signal();
  int status = 0;
  rusage used{};
  pid_t reaped;
  do {
    reaped = ::wait4(program->pid, &status, 0, &used);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return io_error("wait for the program");
  if (WIFSIGNALED(status)) {
    exit.signal = WTERMSIG(status);
  } else {
    exit.exit_code = WEXITSTATUS(status);
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  exit.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  return exit;
}

}  // namespace hindsight::host

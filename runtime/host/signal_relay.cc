#include "runtime/host/signal_relay.h"

#include <signal.h>

#include <atomic>
#include <cerrno>
#include <mutex>

namespace hindsight::host {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr std::size_t kMostPrograms = 1024;

// Signal dispositions belong to the whole process, so this does too. Lock-free, since a handler reads it.
std::atomic<pid_t> programs[kMostPrograms];
std::atomic<unsigned> seen{0};
std::atomic<int> last{0};
std::atomic<int> last_passed{0};  // of those that must be passed on

std::mutex guard;  // of what follows
std::size_t relays = 0;
struct sigaction before[std::size(kSignals)];

void on_signal(int signal, siginfo_t* info, void*) {
  const int saved = errno;
  last.store(signal);
  // SI_KERNEL: sent by the terminal, to the program too.
  if (info == nullptr || info->si_code != SI_KERNEL) {
    last_passed.store(signal);
    for (const std::atomic<pid_t>& program : programs) {
      const pid_t pid = program.load();
      if (pid > 0) ::kill(pid, signal);
    }
  } else {
    last_passed.store(0);
  }
  seen.fetch_add(1);
  errno = saved;
}

}  // namespace

SignalRelay::SignalRelay() {
  const std::lock_guard lock(guard);
  seen_before_ = seen.load();
  if (relays++ > 0) return;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], nullptr, &before[i]);
    if ((before[i].sa_flags & SA_SIGINFO) == 0 && before[i].sa_handler == SIG_IGN) continue;
    struct sigaction ours {};
    ours.sa_sigaction = on_signal;
    ours.sa_flags = SA_SIGINFO | SA_RESTART;
    ::sigfillset(&ours.sa_mask);
    ::sigaction(kSignals[i], &ours, nullptr);
  }
}

SignalRelay::~SignalRelay() {
  stop_passing();
  const std::lock_guard lock(guard);
  if (--relays > 0) return;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
}

void SignalRelay::pass_to(pid_t program) {
  for (std::size_t i = 0; i < kMostPrograms; ++i) {
    pid_t none = 0;
    if (programs[i].compare_exchange_strong(none, program)) {
      place_ = i;
      break;
    }
  }
  if (seen.load() != seen_before_ && last_passed.load() != 0) ::kill(program, last_passed.load());
}

void SignalRelay::stop_passing() {
  if (place_ != kNone) programs[place_].store(0);
  place_ = kNone;
}

int SignalRelay::last_signal() const { return seen.load() != seen_before_ ? last.load() : 0; }

}  // namespace hindsight::host

// Passes SIGINT, SIGTERM and SIGHUP on to the programs being served, instead of dying of them.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace hindsight::host {

// In force from construction to destruction. Several may live at once in one process, from several threads: the
// handlers are installed by the first and what was there before comes back with the last. A signal that was ignored
// stays so.
class SignalRelay {
 public:
  SignalRelay();
  SignalRelay(const SignalRelay&) = delete;
  SignalRelay& operator=(const SignalRelay&) = delete;
  ~SignalRelay();

  // From now on `program` gets the signals; those that came since construction at once. What the terminal sends to its
  // whole foreground group is not passed on: the program gets it anyway.
  void pass_to(pid_t program);
  // REQUIRES: called before `program` is reaped, so that no signal meets another process of the same number.
  void stop_passing();
  // The last signal that came since construction; 0: none.
  int last_signal() const;

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t place_ = kNone;
  unsigned seen_before_ = 0;
};

}  // namespace hindsight::host

#include "runtime/host/outcome.h"

#include "runtime/host/notes.h"

namespace hindsight::host {

store::Run settle(store::Run run, const ProcessExit& exit, std::size_t runs_in_group) {
  // Said by another process that looked just when the journal was given up already.
  std::erase(run.notes, std::string(kHostGone));
  const auto fact = [&](const char* name) {
    const auto at = run.host.find(name);
    return at == run.host.end() ? std::string() : at->second;
  };
  const bool in_order = fact(kEnded) == kInOrder;
  const bool is_the_program = fact(kProcessId) == std::to_string(exit.pid);
  // Also behind a wrapper that hands the status on (a sandbox, a shell), as long as it started nothing else of ours.
  const bool status_is_its_own = is_the_program || runs_in_group == 1;
  if (status_is_its_own && exit.signal != 0) {
    run.state = store::RunState::kCrashed;
    run.signal = exit.signal;
    run.exit_code = 0;
    return run;
  }
  if (status_is_its_own && (is_the_program || in_order)) {
    run.state = store::RunState::kFinished;
    run.exit_code = exit.exit_code;
    run.signal = 0;
    return run;
  }
  // Not waited for by us: a shell says 128 + n for a child that was killed by signal n.
  run.state = in_order ? store::RunState::kFinished : store::RunState::kCrashed;
  run.exit_code = exit.exit_code;
  run.signal =
      !in_order && status_is_its_own && exit.exit_code > 128 && exit.exit_code < 128 + 65 ? exit.exit_code - 128 : 0;
  add_note(run.notes, "its own exit status is not known; the command that started it ended with " +
                          (exit.signal != 0 ? "signal " + std::to_string(exit.signal)
                                            : "status " + std::to_string(exit.exit_code)));
  return run;
}

}  // namespace hindsight::host

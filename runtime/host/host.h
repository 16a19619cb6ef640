// The host: the process on the other side of the wire. It starts a program, lets every process image of it that is
// linked with the client attach, drains their journals and pools, and hands what happened to a Listener, in order.
//
//   Result<ProcessExit> exit = serve(launch, options, [&](const Attached& who) { return make_recorder(who); });
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/host/events.h"
#include "store/base/result.h"

namespace hindsight::host {

// What to do at a head or exit that a replaying process asks about.
struct Answer {
  wire::Action action = wire::Action::kGoOn;
  std::uint64_t ordinal = 0;  // kRestore: the head; kSkip: the loop's number of iterations
  std::uint64_t next_ask = wire::kNever;
  // kRestore, kSkip: fills the state, leaf by leaf in order, through the function it is given.
  using PutLeaf = std::function<Result<void>(const store::Leaf&, std::string_view bytes)>;
  std::function<Result<void>(const PutLeaf&)> state;
  std::uint64_t state_bytes = 0;  // sum of the leaves' bytes
  std::uint64_t leaf_count = 0;
};

// How an attached process ended.
struct SessionEnd {
  bool in_order = false;            // its kEnd record is there
  std::uint64_t torn = 0;           // records in the journal whose checksum did not hold, and those behind them
  std::uint64_t dropped = 0;        // values the client had no room for
  std::uint64_t misunderstood = 0;  // whole records that contradict what came before
  std::string problem;              // the first thing that went wrong in reading what it sent; empty: nothing did
};

// One per attached process. Called, and destroyed, from the serving thread only, which is not the one that called
// serve().
class Listener {
 public:
  virtual ~Listener() = default;
  // The next thing that happened. `journal_offset`: where its record ends; everything before that has been handed over.
  virtual void on_event(const Event& event, std::uint64_t journal_offset) = 0;
  // Replay: after the CaptureEvent with purpose kLive, or after the SkippedEvent where that could not be taken.
  virtual Answer on_ask(const store::Point& point) = 0;
  // Called whenever the journal has been drained for now: a good moment to commit.
  virtual void on_idle() = 0;
  virtual void on_end(const SessionEnd& end) = 0;
  // Asked after on_end: why not all that the journal holds is kept elsewhere, so that it must stay; empty: all is.
  virtual std::string unsaved() const { return {}; }
};

// A process that has said Hello.
struct Attached {
  pid_t pid = 0;                     // in our pid namespace
  std::filesystem::path executable;  // what /proc says it runs
  std::vector<std::string> argv;
  std::string cwd;
  bool keeps_draws = false;          // what its own code draws from outside is seen (wire::Draw)
};

// What a Listener factory gives: the listener, and the run number written into the journal's header.
struct Session {
  std::unique_ptr<Listener> listener;
  std::uint64_t run = 0;
};
using SessionFactory = std::function<Result<Session>(const Attached&)>;

struct Launch {
  std::vector<std::string> argv;
  std::filesystem::path program;                   // what is executed; argv[0] is passed as it is
  std::filesystem::path cwd;                       // empty: ours
  std::map<std::string, std::string> environment;  // added to, or replacing, ours
  std::vector<std::string> unset;                  // taken out of it
  bool quiet = false;            // stdout and stderr to `output` instead of ours, stdin from /dev/null
  std::filesystem::path output;  // quiet: the file they go to (appended)
};

struct HostOptions {
  wire::Mode mode = wire::Mode::kRecord;
  std::filesystem::path journal_folder;        // journals are made here, removed once taken in
  std::uint64_t pool_limit = 0;                // bytes; 0: sized from free memory and the cgroup's limit
  std::map<std::string, std::uint64_t> every;  // loop name -> N
  // Loops that `every` does not name: what may be spent on captures and digests, in parts per million of the time. 0: every main loop's
  // heads, and the exits of the loops in them, are captured.
  std::uint64_t overhead = 0;
  std::map<std::string, std::string> arguments;
  // Replay: loop and variable of what the recording has added to a state.
  std::vector<std::pair<std::string, std::string>> added;
  // Replay: what is given back of each wire::Draw, in order; empty: nothing is.
  std::vector<std::vector<std::uint64_t>> draws;
  bool names_shift = false;    // replay: as wire::Welcome has them
  bool guard_probes = false;
  bool keep_journals = false;  // leave them behind (their values are not in a store yet)
};

struct ProcessExit {
  int exit_code = 0;  // valid if signal is 0
  int signal = 0;
  std::size_t attached = 0;           // how many process images attached
  double cpu_seconds = 0;             // of the program and its children
  pid_t pid = 0;                      // the program's
  int last_signal = 0;                // the last of SIGINT, SIGTERM, SIGHUP that came while serving; 0: none did
  std::vector<std::string> problems;  // what could not be recorded and why, one sentence each
};

// Runs `launch` to its end and serves all that attach; returns when the program and all sessions have ended.
// While serving, SIGINT, SIGTERM and SIGHUP are passed on to the program and otherwise ignored.
// kNotFound, kInvalid, kIo: the program could not be started. Once it runs, nothing that goes wrong on our side ends it
// or makes this fail: see ProcessExit.problems. May be called from several threads at once.
Result<ProcessExit> serve(const Launch& launch, const HostOptions& options, const SessionFactory& factory);

// Takes one journal that was left behind (no live process holds it) and hands everything that is whole in it, from its
// start, to `listener`; captures, whose slots are gone, as SkippedEvents. Does not remove the file.
// kBusy: a live process holds it.
Result<SessionEnd> read_journal(const std::filesystem::path& journal, Listener& listener);
// The run number in a journal's header.
Result<std::uint64_t> journal_run(const std::filesystem::path& journal);

}  // namespace hindsight::host

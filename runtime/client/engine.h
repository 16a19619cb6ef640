// The one process-wide state of the client, and what its parts ask of each other.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/client/pace.h"
#include "runtime/include/hindsight/abi.h"
#include "runtime/wire.h"

namespace hindsight::client {

struct ThreadState;

// The positions that lie directly under one: how often each loop name was entered.
struct EntryCounters {
  struct Counter {
    uint32_t name;
    uint32_t count;
  };
  Counter few[4];
  Counter* many;  // malloc'ed once `few` is full; holds all then
  uint32_t used;
  uint32_t room;  // of `many`

  uint32_t next(uint32_t name);  // how often `name` was entered before; counts this one
  void clear() { used = 0; }
  void release();
};

// What hindsight_frame holds.
struct Watch;

struct Frame {
  Frame* parent;  // the loop around it, of this thread
  ThreadState* thread;
  const hindsight_root* roots;
  uint32_t root_count;
  uint32_t own_count;  // of the roots: those that are gone at the exit
  uint32_t flags;
  uint32_t site;
  uint32_t name;  // interned
  uint32_t entry;
  bool has_state;
  bool is_main;      // the outermost loop with state
  bool begun;        // an iteration is under way
  bool has_label;
  bool ended;        // came to its natural end, or was skipped
  bool linked;       // in the thread's stack
  bool lost;         // that it was entered could not be written: nothing inside has a place
  bool incomplete;   // a value of the iteration under way was dropped, so that those after it would get its sequence number
  uint64_t ordinal;   // of the iteration under way
  uint64_t position;  // its id in the journal; 0: not written
  uint64_t parent_position;
  int64_t label;
  int64_t clock_ns;
  uint64_t every;     // a checkpoint every so many iterations; 0: none
  bool paced;         // `every` was not said: as often as the budget allows
  bool can_be_passed; // paced: the state at its first head was taken
  int64_t entered_ns;
  uint64_t next_ask;  // replay
  // The last position of it that was written: what follows it regularly is written in short. 0: none.
  uint64_t written;
  uint64_t written_ordinal;
  int64_t written_label;
  EntryCounters inner;
  Watch* watch;  // what its iterations only read (watch.h); null: nothing is
  const char* title;    // the loop's name, as the site has it
};
static_assert(sizeof(Frame) <= sizeof(hindsight_frame));

struct ThreadState {
  Frame* top;
  uint32_t number;
  bool numbered;
  bool incomplete;      // as Frame::incomplete, of what is logged outside of loops
  int* program_errno;   // what errno is to the program, while this thread is in the client; else null
  bool inside;          // in the client already: what is logged from a signal handler or a serializer is dropped
  uint32_t probes;      // in the expressions of so many probes
  uint32_t state_loops; // loops with state that this thread is in
  EntryCounters outermost;
  Pace captures;
  Pace digests;
  Pace watches;
  struct Lasted {
    uint32_t site;
    int64_t time;
  };
  Lasted lasted[16];
  void* scratch;
  size_t scratch_bytes;
};
ThreadState& this_thread();

struct Engine {
  wire::Mode mode;
  int session;
  int journal_fd;
  int pool_fd;
  bool names_shift, guard_probes;  // as wire::Welcome has them
  uint64_t pool_limit;
  uint8_t* guard;         // a page that the kernel empties in a forked child
  const char* settings;   // lines, each ended by a zero byte
  size_t settings_bytes;
  int64_t overhead;       // what may be spent on captures and digests, in parts per million of the time; 0: they are made wherever they can be
  uint32_t threads;       // numbers given out
  uint32_t state_threads; // atomic: threads inside a loop with state
  uint64_t values;        // under the journal's lock
};
extern Engine engine;

// True in the process that attached. False in its forked children, however they were made.
bool alive();
// No host from here on.
void go_inert();
// One sentence on stderr, without stdio.
void complain(const char* sentence, const char* detail = nullptr);

// Notices that a thread enters the client while it is in it already (a signal handler, a serializer that logs).
class Inside {
 public:
  explicit Inside(ThreadState& thread) : thread_(thread), entered_(!thread.inside) { thread_.inside = true; }
  ~Inside() {
    if (entered_) thread_.inside = false;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  // False: this thread is in the client already.
  explicit operator bool() const { return entered_; }

 private:
  ThreadState& thread_;
  bool entered_;
};

// Around system calls: keeps errno, and keeps this thread from being cancelled in the middle.
class Undisturbed {
 public:
  Undisturbed();
  ~Undisturbed();
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;

 private:
  mutable int errno_;  // part of a state that is restored meanwhile
  bool is_outermost_;
  int cancel_ = 0;
};

int64_t realtime_ns();
int64_t monotonic_ns();

// Ends a replaying process that cannot go on: its host is gone, or asks for what cannot be.
[[noreturn]] void abandon_replay();

// ---- session ----------------------------------------------------------------------------------------------------

void ring();
// Replay: asks and waits for the answer. Ends the process if the host is gone.
wire::Directive ask();

// The lines of the host's settings that begin with `key` and then `name`: the rest of the line, or null.
const char* setting(const char* key, const char* name);

}  // namespace hindsight::client

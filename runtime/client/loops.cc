// The loops a thread is in: positions, and what happens at heads and exits.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/client/journal.h"
#include "runtime/client/pool.h"
#include "runtime/client/positions.h"
#include "runtime/client/sites.h"
#include "runtime/client/snapshot.h"
#include "runtime/client/watch.h"

namespace hindsight::client {
namespace {

Frame& frame_of(hindsight_frame* frame) { return *reinterpret_cast<Frame*>(frame->opaque); }

// A frame that this thread may work with: the process attached, and the loop was entered by this thread.
bool usable(const Frame& frame, const ThreadState& thread) {
  if (!alive()) return false;
  if (frame.thread == &thread) return true;
  hindsight_note("a loop went on in another thread than it began in; nothing is recorded from there on");
  go_inert();
  return false;
}

uint64_t every_of(const char* loop, bool is_main) {
  const char* const text = setting("every", loop);
  if (text == nullptr) return is_main ? 1 : 0;
  return strtoull(text, nullptr, 10);
}

// Written once it is certain that the iteration began: when something happens in it, or when it is over.
void settle(Frame& frame) {
  if (!frame.begun || frame.position != 0) return;
  const journal::Lock lock;
  position_of(frame);
}

wire::PointFields point_at(const Frame& frame, uint64_t ordinal, wire::PointKind kind) {
  wire::PointFields point = {};
  point.enclosing = frame.parent_position;
  point.ordinal = ordinal;
  point.site = frame.site;
  point.entry = frame.entry;
  point.thread = frame.thread->number;
  point.kind = kind;
  return point;
}

void note_end(Frame& frame, uint64_t ordinal, wire::LoopEndKind how) {
  const journal::Lock lock;
  wire::LoopEndRecord record = {};
  record.point = point_at(frame, ordinal, wire::PointKind::kExit);
  record.how = how;
  record.clock_ns = realtime_ns();
  journal::append(wire::RecordKind::kLoopEnd, &record, sizeof record);
}

// What is logged from here on lies outside of the loop.
void unlink(Frame& frame, ThreadState& thread) {
  if (!frame.linked) return;
  frame.linked = false;
  for (Frame** at = &thread.top; *at != nullptr; at = &(*at)->parent) {
    if (*at != &frame) continue;
    *at = frame.parent;
    break;
  }
  frame.inner.release();
  end_watch(frame);
  if (frame.has_state && --thread.state_loops == 0) __atomic_sub_fetch(&engine.state_threads, 1, __ATOMIC_RELEASE);
}

// `from`: the head we are at; the answer may take us to another one.
wire::Directive ask_at(ThreadState& thread, const wire::PointFields& point) {
  capture(thread, point, wire::Purpose::kLive, false);
  const wire::Directive directive = ask();
  if (directive.action == wire::Action::kStop) _exit(0);
  return directive;
}

int replay_head(Frame& frame, ThreadState& thread, uint64_t* ordinal) {
  const wire::PointFields here = point_at(frame, *ordinal, wire::PointKind::kHead);
  if (*ordinal != 0 && *ordinal < frame.next_ask) {
    note_digest(thread, here);
    return HINDSIGHT_RUN;
  }
  const wire::Directive directive = ask_at(thread, here);
  frame.next_ask = directive.next_ask;
  switch (directive.action) {
    case wire::Action::kGoOn:
      return HINDSIGHT_RUN;
    case wire::Action::kRestore: {
      const wire::PointFields there = point_at(frame, directive.ordinal, wire::PointKind::kHead);
      if (directive.ordinal < *ordinal) fail_jump(there, *ordinal, directive.slot_bytes, "a jump backwards was ordered");
      if ((frame.flags & HINDSIGHT_LOOP_NO_JUMP) != 0 && directive.ordinal != *ordinal) {
        fail_jump(there, *ordinal, directive.slot_bytes, "a loop over an input iterator cannot be entered in the middle");
      }
      restore(thread, there, *ordinal, directive.slot, directive.slot_bytes);
      *ordinal = directive.ordinal;
      return HINDSIGHT_JUMPED;
    }
    case wire::Action::kSkip:
      frame.ended = true;
      restore(thread, point_at(frame, directive.ordinal, wire::PointKind::kExit), *ordinal, directive.slot, directive.slot_bytes);
      *ordinal = directive.ordinal;
      note_end(frame, directive.ordinal, wire::LoopEndKind::kSkipped);
      unlink(frame, thread);
      return HINDSIGHT_SKIPPED;
    case wire::Action::kStop:
      break;
  }
  abandon_replay();
}

bool paced_capture(ThreadState& thread, const wire::PointFields& point, wire::Purpose purpose, bool leave_one, int64_t now) {
  const bool captured = capture(thread, point, purpose, leave_one, leave_one);
  thread.captures.done(now, monotonic_ns(), captured && purpose == wire::Purpose::kCheckpoint ? pool::host_cost() : 0);
  return captured;
}
void paced_digest(ThreadState& thread, const wire::PointFields& point, int64_t now) {
  if (!thread.digests.is_due(now, for_digests(engine.overhead))) return;
  note_digest(thread, point);
  thread.digests.done(now, monotonic_ns(), 0);
}

// How long the loops of a site ran when they were entered last; 0: not known. Of few sites: another one may take a place.
int64_t& lasted(ThreadState& thread, const Frame& frame) {
  ThreadState::Lasted& place = thread.lasted[frame.site % (sizeof thread.lasted / sizeof thread.lasted[0])];
  if (place.site != frame.site) place = {frame.site, 0};
  return place.time;
}

// The first head of a main loop is captured in any case, unless the loop is entered again and again. A loop in a main loop can be passed by
// if its exit is stored and the state at its first head can be compared: both are taken, or neither.
void paced_head(Frame& frame, ThreadState& thread, uint64_t ordinal) {
  const wire::PointFields here = point_at(frame, ordinal, wire::PointKind::kHead);
  const bool enterable = (frame.flags & HINDSIGHT_LOOP_NO_JUMP) == 0 || ordinal == 0;
  const int64_t now = monotonic_ns();
  const Allowance allowance = for_captures(engine.overhead);
  if (engine.pool_limit == 0) return paced_digest(thread, here, now);
  const bool first = frame.is_main && ordinal == 0;
  if (frame.is_main && enterable && ((first && frame.entry == 0) || thread.captures.is_due(now, allowance))) {
    paced_capture(thread, here, wire::Purpose::kCheckpoint, !first, now);
  } else if (!frame.is_main && ordinal == 0 && thread.captures.can_do_twice(now, allowance, lasted(thread, frame))) {
    frame.can_be_passed = paced_capture(thread, here, wire::Purpose::kHashes, true, now);
  } else {
    return paced_digest(thread, here, now);
  }
  // The host looks in by itself a few times a second, and what it stores together costs it less.
  if (pool::is_filling()) ring();
}

void paced_exit(Frame& frame, ThreadState& thread, const wire::PointFields& here) {
  const int64_t now = monotonic_ns(), time = now - frame.entered_ns;
  const Allowance allowance = for_captures(engine.overhead);
  if (!frame.is_main) lasted(thread, frame) = time;
  // The end of a main loop is what later questions pass it by; of one that is entered again and again, where it can be paid for.
  const bool wanted = frame.is_main ? (frame.entry == 0 && frame.parent == nullptr) || thread.captures.is_due(now, allowance) || allowance.part_of(time) >= thread.captures.cost
                                    : frame.can_be_passed;
  if (engine.pool_limit == 0 || !wanted) return paced_digest(thread, here, now);
  paced_capture(thread, here, wire::Purpose::kCheckpoint, !frame.is_main, now);
}

void record_head(Frame& frame, ThreadState& thread, uint64_t ordinal) {
  if (frame.paced) return paced_head(frame, thread, ordinal);
  const wire::PointFields here = point_at(frame, ordinal, wire::PointKind::kHead);
  // An iterator that cannot be advanced again cannot be entered later than at its start.
  const bool enterable = (frame.flags & HINDSIGHT_LOOP_NO_JUMP) == 0 || ordinal == 0;
  const bool due = frame.every != 0 && ordinal % frame.every == 0 && enterable;
  if (engine.pool_limit == 0 || (!due && ordinal != 0)) return note_digest(thread, here);
  if (due) {
    const bool first = frame.is_main && ordinal == 0;
    capture(thread, here, wire::Purpose::kCheckpoint, !first);
  } else if (frame.is_main) {
    capture(thread, here, wire::Purpose::kCheckpoint, false);  // `every` is 0: still the first head
  } else {
    capture(thread, here, wire::Purpose::kHashes, true);
  }
  ring();
}

// Whether a kNext record says all of the frame's new position.
bool follows_regularly(const Frame& frame, uint64_t parent, uint64_t position) {
  return !frame.has_state && frame.written != 0 && frame.parent_position == parent && frame.ordinal == frame.written_ordinal + 1 &&
         (!frame.has_label || static_cast<uint64_t>(frame.label) == static_cast<uint64_t>(frame.written_label) + 1) &&
         position - frame.written <= UINT32_MAX;
}

}  // namespace

uint64_t position_of(Frame& frame) {
  if (frame.position != 0) return frame.position;
  // Between the loop's statement and its first head nothing is inside an iteration: that belongs to what encloses the loop.
  if (!frame.begun) return frame.parent == nullptr ? 0 : position_of(*frame.parent);
  if (frame.lost) return kNoPosition;
  uint64_t parent = 0;
  if (frame.parent != nullptr) {
    parent = position_of(*frame.parent);
    if (parent == kNoPosition) return kNoPosition;
  }
  static uint64_t last_position;
  const uint64_t position = last_position + 1;
  bool written;
  if (follows_regularly(frame, parent, position)) {
    wire::NextRecord record;
    record.header = {0, 0};
    record.back = static_cast<uint32_t>(position - frame.written);
    record.thread = frame.thread->number;
    written = journal::append(record);
  } else {
    wire::PositionRecord record = {};
    record.position = position;
    record.parent = parent;
    record.ordinal = frame.ordinal;
    record.label = frame.label;
    record.site = frame.site;
    record.entry = frame.entry;
    record.thread = frame.thread->number;
    record.has_label = frame.has_label;
    record.has_state = frame.has_state;
    record.clock_ns = frame.clock_ns;
    written = journal::append(record);
  }
  if (!written) return kNoPosition;
  last_position = position;
  frame.parent_position = parent;
  frame.written = position;
  frame.written_ordinal = frame.ordinal;
  frame.written_label = frame.label;
  return frame.position = position;
}

}  // namespace hindsight::client

using namespace hindsight::client;
namespace wire = hindsight::wire;

extern "C" {

int hindsight_loop_enter(hindsight_frame* opaque, const hindsight_site* site, const hindsight_root* roots, uint32_t count,
                         uint32_t flags) {
  if (!alive()) return 0;
  ThreadState& thread = this_thread();
  const Inside inside(thread);
  if (!inside || thread.probes != 0) return 0;  // a loop that a probe's expression runs is none of the program's
  Frame& frame = frame_of(opaque);
  memset(&frame, 0, sizeof frame);
  frame.thread = &thread;
  frame.parent = thread.top;
  frame.roots = roots;
  frame.root_count = count;
  frame.flags = flags;
  frame.has_state = count != 0;
  frame.is_main = frame.has_state && thread.state_loops == 0;
  uint64_t enclosing = 0;
  sites::Site number;
  {
    const journal::Lock lock;
    number = sites::number(*site);
    if (frame.has_state && frame.parent != nullptr) enclosing = position_of(*frame.parent);
  }
  if (number.name == sites::kNoName) {
    hindsight_note("there is no memory for the name of a loop; nothing is recorded from there on");
    go_inert();
    return 0;
  }
  frame.site = number.number;
  frame.name = number.name;
  frame.title = site->name;
  frame.parent_position = enclosing;
  frame.entry = (frame.parent == nullptr ? thread.outermost : frame.parent->inner).next(frame.name);
  frame.lost = number.number == 0 || enclosing == kNoPosition;
  if (frame.lost) frame.has_state = frame.is_main = false;
  if (frame.has_state) {
    frame.every = every_of(site->name, frame.is_main);
    frame.paced = engine.overhead != 0 && setting("every", site->name) == nullptr;
    frame.entered_ns = monotonic_ns();
    if (thread.state_loops++ == 0) __atomic_add_fetch(&engine.state_threads, 1, __ATOMIC_ACQUIRE);
  }
  frame.linked = true;
  thread.top = &frame;
  return 1;
}

void hindsight_loop_own(hindsight_frame* opaque, uint32_t count) { frame_of(opaque).own_count = count; }

int hindsight_loop_head(hindsight_frame* opaque, uint64_t* ordinal) {
  Frame& frame = frame_of(opaque);
  if (!frame.has_state) {
    frame.begun = false;
    return HINDSIGHT_RUN;
  }
  ThreadState& thread = this_thread();
  if (!usable(frame, thread)) return HINDSIGHT_RUN;
  const Inside inside(thread);
  if (!inside) return HINDSIGHT_RUN;
  const Undisturbed undisturbed;
  settle(frame);
  frame.begun = false;
  frame.position = 0;
  if (frame.watch != nullptr) watch_head(frame, thread, point_at(frame, *ordinal, wire::PointKind::kHead));
  if (engine.mode == wire::Mode::kReplay) return replay_head(frame, thread, ordinal);
  record_head(frame, thread, *ordinal);
  return HINDSIGHT_RUN;
}

void hindsight_loop_begin(hindsight_frame* opaque, uint64_t ordinal, int has_label, int64_t label, int tentative) {
  Frame& frame = frame_of(opaque);
  frame.begun = true;
  frame.position = 0;
  frame.ordinal = ordinal;
  frame.has_label = has_label != 0;
  frame.label = label;
  frame.incomplete = false;
  frame.inner.clear();
  if (!frame.has_state) return;
  ThreadState& thread = this_thread();
  if (!usable(frame, thread)) return;
  const Inside inside(thread);
  if (!inside) return;
  frame.clock_ns = realtime_ns();
  if (tentative == 0) settle(frame);
}

void hindsight_loop_exit(hindsight_frame* opaque, uint64_t ordinal) {
  Frame& frame = frame_of(opaque);
  if (frame.ended) return;
  ThreadState& thread = this_thread();
  if (!usable(frame, thread)) return;
  const Inside inside(thread);
  if (!inside) return;
  frame.ended = true;
  frame.begun = false;
  frame.position = 0;
  if (!frame.has_state) return unlink(frame, thread);
  const Undisturbed undisturbed;
  const wire::PointFields here = point_at(frame, ordinal, wire::PointKind::kExit);
  watch_exit(frame, thread);
  if (engine.mode == wire::Mode::kReplay) {
    const wire::Directive directive = ask_at(thread, here);
    if (directive.action != wire::Action::kGoOn) fail_jump(here, ordinal, directive.slot_bytes, "a jump was ordered at a loop's exit");
  } else if (frame.paced) {
    paced_exit(frame, thread, here);
  } else if (engine.pool_limit == 0) {
    note_digest(thread, here);
  } else {
    // The last slot is for the end of a main loop (and for its first head).
    capture(thread, here, wire::Purpose::kCheckpoint, !frame.is_main);
  }
  note_end(frame, ordinal, wire::LoopEndKind::kFinished);
  unlink(frame, thread);
  if (!frame.paced || frame.is_main || pool::is_filling()) ring();
}

void hindsight_loop_leave(hindsight_frame* opaque) {
  Frame& frame = frame_of(opaque);
  if (!frame.linked) return;
  ThreadState& thread = this_thread();
  if (frame.thread != &thread) {
    usable(frame, thread);  // says so
    return;
  }
  if (frame.has_state && alive()) {
    const Inside inside(thread);
    if (inside) {
      const Undisturbed undisturbed;
      settle(frame);
      note_end(frame, frame.begun ? frame.ordinal + 1 : frame.ordinal, wire::LoopEndKind::kAbandoned);
    }
  }
  unlink(frame, thread);
}

void hindsight_loop_refuse(hindsight_frame* opaque, const char* reason) {
  Frame& frame = frame_of(opaque);
  if (!alive()) return;
  fail_jump(point_at(frame, frame.ordinal, wire::PointKind::kHead), frame.ordinal, 0, reason);
}

}  // extern "C"

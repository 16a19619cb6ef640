#include "runtime/client/watch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "runtime/client/archive.h"
#include "runtime/client/journal.h"
#include "runtime/client/memory.h"
#include "runtime/client/pointers.h"
#include "runtime/client/snapshot.h"

namespace hindsight::client {

// Of a frame.
struct Watch {
  struct Digest {
    uint64_t value;    // 0: it is not compared
    uint32_t unknown;  // pointers that were not followed
  };
  struct Each {
    Digest digest;
    bool added;  // to the state
  };
  const hindsight_root* roots;
  uint32_t count;
  uint64_t next;      // the ordinal at which it is looked at again
  bool looked;
  Each* each;         // behind it
};

namespace {

// Roots that have changed, by the loop's site and their name.
struct Added {
  uint32_t site;
  const char* name;  // the site's own text
};
Added* added;
uint32_t added_count;
pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

bool is_added(const Frame& frame, const hindsight_root& root) {
  if (engine.mode == wire::Mode::kReplay) {
    char name[400];
    const int size = snprintf(name, sizeof name, "%s %s", frame.title, root.name);
    return size > 0 && static_cast<size_t>(size) < sizeof name && setting("added", name) != nullptr;
  }
  bool found = false;
  pthread_mutex_lock(&adding);
  for (uint32_t i = 0; i < added_count && !found; ++i) found = added[i].site == frame.site && strcmp(added[i].name, root.name) == 0;
  pthread_mutex_unlock(&adding);
  return found;
}

// False: there is no memory to remember it.
bool add(const Frame& frame, const hindsight_root& root) {
  pthread_mutex_lock(&adding);
  auto* const grown = static_cast<Added*>(memory::resize(added, (added_count + 1) * sizeof(Added)));
  if (grown != nullptr) {
    added = grown;
    added[added_count++] = {frame.site, root.name};
  }
  pthread_mutex_unlock(&adding);
  return grown != nullptr;
}

// One root visited by itself. Of 0: it cannot be read, so nothing is said of it.
Watch::Digest visit_alone(const hindsight_root& root, Reach* reach) {
  auto* archive = static_cast<hindsight_archive*>(memory::take(sizeof(hindsight_archive)));
  if (archive == nullptr) return {0, 0};
  begin(*archive, HINDSIGHT_SAVE);
  hash_only(*archive, reach);
  hindsight_ar_push(archive, root.name, strlen(root.name));
  root.visit(archive, root.object);
  hindsight_ar_pop(archive);
  resolve_pointers(*archive);
  const Watch::Digest digest = {archive->failed ? 0 : digest_of(*archive) | 1, archive->unknown};
  finish(*archive);
  memory::give(archive);
  return digest;
}

void look_first(Frame& frame) {
  Watch& watch = *frame.watch;
  watch.looked = true;
  for (uint32_t i = 0; i < watch.count; ++i) watch.each[i].digest = visit_alone(watch.roots[i], nullptr);
}

// What is state by another name, or leads to it, may well change.
void leave_out_state(Frame& frame, ThreadState& thread) {
  Watch& watch = *frame.watch;
  Reach state = {};
  visit_state(thread, state);
  tidy(state);
  for (uint32_t i = 0; i < watch.count; ++i) {
    if (watch.each[i].digest.value == 0) continue;
    Reach own = {};
    own.known = &state;
    visit_alone(watch.roots[i], &own);
    if (own.shares || state.lost) watch.each[i].digest.value = 0;
  }
  release(state);
}

void look_again(Frame& frame) {
  Watch& watch = *frame.watch;
  for (uint32_t i = 0; i < watch.count; ++i) {
    Watch::Each& each = watch.each[i];
    if (each.added || each.digest.value == 0) continue;
    const Watch::Digest now = visit_alone(watch.roots[i], nullptr);
    // A pointer to what is gone may lead to something else by now.
    if (now.value == each.digest.value || now.value == 0 || now.unknown != each.digest.unknown) continue;
    each.added = add(frame, watch.roots[i]);
    each.digest.value = 0;
    char text[400];
    snprintf(text, sizeof text, "%s%s%s%s'", wire::kAddedLoop, frame.title, wire::kAddedVariable, watch.roots[i].name);
    hindsight_note(text);
  }
}

void note_reads(const Frame& frame, wire::PointFields point) {
  wire::DigestRecord record = {};
  record.point = point;
  record.point.kind = wire::PointKind::kReads;
  for (uint32_t i = 0; i < frame.watch->count; ++i) {
    const Watch::Digest& each = frame.watch->each[i].digest;
    const uint64_t digest = each.unknown == 0 ? each.value : 0;
    record.digest = digest_mix(record.digest, &digest, sizeof digest);
  }
  const journal::Lock lock;
  journal::append(wire::RecordKind::kDigest, &record, sizeof record);
}

}  // namespace

void watch_head(Frame& frame, ThreadState& thread, const wire::PointFields& point) {
  Watch* const watch = frame.watch;
  if (point.ordinal != 0 && (!watch->looked || point.ordinal < watch->next)) return;
  const int64_t begun = monotonic_ns();
  if (engine.mode == wire::Mode::kReplay) {
    if (!frame.is_main) return;
    look_first(frame);
    note_reads(frame, point);
    return leave_out_state(frame, thread);
  }
  if (point.ordinal == 0) {
    // The first entry of a main loop in any case.
    if (!(frame.is_main && frame.entry == 0) && !thread.watches.is_due(begun, for_watches(engine.overhead))) return;
    look_first(frame);
    if (frame.is_main) note_reads(frame, point);
    leave_out_state(frame, thread);
    watch->next = 1;
  } else {
    watch->next = point.ordinal * 2;
    if (!thread.watches.is_due(begun, for_watches(engine.overhead))) return;
    look_again(frame);
  }
  thread.watches.done(begun, monotonic_ns(), 0);
}

void watch_exit(Frame& frame, ThreadState& thread) {
  if (frame.watch == nullptr || engine.mode == wire::Mode::kReplay || !frame.watch->looked) return;
  const int64_t begun = monotonic_ns();
  // A main loop that ran for long is worth it in any case.
  if (!thread.watches.is_due(begun, for_watches(engine.overhead)) && !(frame.is_main && for_watches(engine.overhead).part_of(begun - frame.entered_ns) >= thread.watches.cost)) return;
  look_again(frame);
  thread.watches.done(begun, monotonic_ns(), 0);
}

void look_before_restoring(const ThreadState& thread) {
  for (const Frame* frame = thread.top; frame != nullptr; frame = frame->parent) {
    Watch* const watch = frame->watch;
    for (uint32_t i = 0; watch != nullptr && watch->looked && i < watch->count; ++i) {
      Watch::Digest& digest = watch->each[i].digest;
      if (digest.value != 0) digest = visit_alone(watch->roots[i], nullptr);
    }
  }
}

const char* changed_by_restoring(const ThreadState& thread) {
  for (const Frame* frame = thread.top; frame != nullptr; frame = frame->parent) {
    const Watch* const watch = frame->watch;
    for (uint32_t i = 0; watch != nullptr && watch->looked && i < watch->count; ++i) {
      const Watch::Each& each = watch->each[i];
      if (each.added || each.digest.value == 0) continue;
      const Watch::Digest now = visit_alone(watch->roots[i], nullptr);
      if (now.value != 0 && now.value != each.digest.value && now.unknown == each.digest.unknown) return watch->roots[i].name;
    }
  }
  return nullptr;
}

void end_watch(Frame& frame) {
  memory::give(frame.watch);
  frame.watch = nullptr;
}

uint32_t watched_roots(const Frame& frame) { return frame.watch == nullptr ? 0 : frame.watch->count; }
const hindsight_root* added_root(const Frame& frame, uint32_t i) { return frame.watch->each[i].added ? &frame.watch->roots[i] : nullptr; }

}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" void hindsight_loop_watch(hindsight_frame* opaque, const hindsight_root* roots, uint32_t count) {
  Frame& frame = *reinterpret_cast<Frame*>(opaque->opaque);
  if (count == 0 || !frame.has_state || frame.watch != nullptr || !alive()) return;
  auto* watch = static_cast<Watch*>(memory::take_zeroed(1, sizeof(Watch) + count * sizeof(Watch::Each)));
  if (watch == nullptr) return;
  watch->each = reinterpret_cast<Watch::Each*>(watch + 1);
  watch->roots = roots;
  watch->count = count;
  for (uint32_t i = 0; i < count; ++i) watch->each[i].added = is_added(frame, roots[i]);
  frame.watch = watch;
}

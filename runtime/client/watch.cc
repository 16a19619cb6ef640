#include "runtime/client/watch.h"

#include <stdio.h>
#include <string.h>

#include "runtime/client/archive.h"
#include "runtime/client/journal.h"
#include "runtime/client/memory.h"
#include "runtime/client/pointers.h"

namespace hindsight::client {

// Of a frame.
struct Watch {
  const hindsight_root* roots;
  uint32_t count;
  bool changed;      // said once
  uint64_t next;     // the ordinal at which it is looked again
  uint64_t* digests;
};

namespace {

// 0: it cannot be read (a pointer into memory that nobody knows, say), so nothing is said of it.
uint64_t digest_root(const hindsight_root& root) {
  auto* archive = static_cast<hindsight_archive*>(memory::take(sizeof(hindsight_archive)));
  if (archive == nullptr) return 0;
  begin(*archive, HINDSIGHT_SAVE);
  hash_only(*archive);
  hindsight_ar_push(archive, root.name, strlen(root.name));
  root.visit(archive, root.object);
  hindsight_ar_pop(archive);
  resolve_pointers(*archive);
  const uint64_t digest = archive->failed ? 0 : digest_of(*archive) | 1;
  finish(*archive);
  memory::give(archive);
  return digest;
}

void say(const Frame& frame, const char* variable) {
  char text[400];
  snprintf(text, sizeof text, "not in the state of loop '%s', but changed while it ran: '%s'", frame.title, variable);
  hindsight_note(text);
}

}  // namespace

void watch_head(Frame& frame, ThreadState& thread, const wire::PointFields& point) {
  Watch* const watch = frame.watch;
  if (watch == nullptr) return;
  if (point.ordinal == 0) {
    wire::DigestRecord record = {};
    record.point = point;
    record.point.kind = wire::PointKind::kReads;
    const int64_t begun = monotonic_ns();
    for (uint32_t i = 0; i < watch->count; ++i) {
      watch->digests[i] = digest_root(watch->roots[i]);
      record.digest = digest_mix(record.digest, &watch->digests[i], sizeof(uint64_t));
    }
    thread.watches.done(begun, monotonic_ns(), engine.rest);
    watch->next = 1;
    const journal::Lock lock;
    journal::append(wire::RecordKind::kDigest, &record, sizeof record);
    return;
  }
  if (engine.mode != wire::Mode::kRecord || watch->changed || point.ordinal < watch->next) return;
  watch->next = point.ordinal * 2;
  const int64_t begun = monotonic_ns();
  if (!thread.watches.is_due(begun)) return;
  for (uint32_t i = 0; i < watch->count && !watch->changed; ++i) {
    const uint64_t now = digest_root(watch->roots[i]);
    if (now == watch->digests[i] || now == 0 || watch->digests[i] == 0) continue;
    watch->changed = true;
    say(frame, watch->roots[i].name);
  }
  thread.watches.done(begun, monotonic_ns(), engine.rest);
}

void end_watch(Frame& frame) {
  if (frame.watch == nullptr) return;
  memory::give(frame.watch->digests);
  memory::give(frame.watch);
  frame.watch = nullptr;
}

}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" void hindsight_loop_watch(hindsight_frame* opaque, const hindsight_root* roots, uint32_t count) {
  Frame& frame = *reinterpret_cast<Frame*>(opaque->opaque);
  if (count == 0 || !frame.has_state || frame.watch != nullptr || !alive()) return;
  auto* watch = static_cast<Watch*>(memory::take(sizeof(Watch)));
  auto* digests = static_cast<uint64_t*>(memory::take_zeroed(count, sizeof(uint64_t)));
  if (watch == nullptr || digests == nullptr) {
    memory::give(watch);
    memory::give(digests);
    return;
  }
  *watch = {roots, count, false, 0, digests};
  frame.watch = watch;
}

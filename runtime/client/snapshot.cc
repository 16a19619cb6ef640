#include "runtime/client/snapshot.h"

#include <stdio.h>
#include <string.h>

#include <initializer_list>
#include <unistd.h>

#include "runtime/client/ambient.h"
#include "runtime/client/archive.h"
#include "runtime/client/journal.h"
#include "runtime/client/memory.h"
#include "runtime/client/pointers.h"
#include "runtime/client/pool.h"
#include "runtime/client/sites.h"
#include "runtime/client/watch.h"

namespace hindsight::client {
namespace {

struct Registered {
  hindsight_root root;
  char* name;
};
Registered* registered;
size_t registered_count;
size_t registered_room;
bool registration_lost;
pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;

// The state as it is in the program after one was restored, root by root.
struct Copy {
  struct Extent {
    uint64_t begin, end;  // in `bytes`
    bool is_plain;        // it holds no pointers and no objects that are shared
  };
  char* bytes;
  uint64_t size, capacity;
  Extent* extents;
  uint32_t count, room;
  bool lost;  // there is no memory
};

// What names are taken and which objects are in already, for one pass over the roots.
struct Roots {
  struct Seen {
    const void* object;
    uint64_t type;
    uint64_t name_hash;
  };
  Seen few[64];
  Seen* seen = few;
  size_t count = 0;
  size_t room = 64;
  Copy* copy = nullptr;  // not null: SAVE notes the extents of roots there, LOAD restores only the plain ones that are not as they are stored

  ~Roots() {
    if (seen != few) memory::give(seen);
  }
  bool add(const Seen& entry) {
    if (count == room) {
      Seen* grown = static_cast<Seen*>(memory::resize(seen == few ? nullptr : seen, room * 2 * sizeof(Seen)));
      if (grown == nullptr) return false;
      if (seen == few) memcpy(grown, few, sizeof few);
      seen = grown;
      room *= 2;
    }
    seen[count++] = entry;
    return true;
  }
};

void note_extent(Copy& copy, const Copy::Extent& extent) {
  if (copy.count == copy.room) {
    const uint32_t room = copy.room == 0 ? 64 : copy.room * 2;
    auto* const grown = static_cast<Copy::Extent*>(memory::resize(copy.extents, room * sizeof(Copy::Extent)));
    copy.lost = copy.lost || grown == nullptr;
    if (grown == nullptr) return;
    copy.extents = grown;
    copy.room = room;
  }
  copy.extents[copy.count++] = extent;
}
bool must_restore(const hindsight_archive& archive, const Copy& copy, size_t root) {
  if (root >= copy.count || !copy.extents[root].is_plain) return false;
  const Copy::Extent& now = copy.extents[root];
  if (now.end > copy.size) return true;
  const uint64_t bytes = now.end - now.begin, left = archive.in_size - archive.at;
  uint32_t unused = 0;
  return first_difference(copy.bytes + now.begin, bytes, archive.in + archive.at, bytes < left ? bytes : left, unused) != nullptr;
}

void visit_root(hindsight_archive& archive, Roots& roots, const char* name, size_t size, const hindsight_root& root) {
  if (archive.failed) return;
  const uint64_t hash = digest_mix(1, name, size);
  uint32_t same_name = 0;
  for (size_t i = 0; i < roots.count; ++i) {
    if (roots.seen[i].object == root.object && roots.seen[i].type == root.type) return;
    if (roots.seen[i].name_hash == hash) ++same_name;
  }
  if (!roots.add({root.object, root.type, hash})) return hindsight_ar_fail(&archive, "no memory for the list of its parts");
  char unique[256];
  if (size > sizeof unique - 16) return hindsight_ar_fail(&archive, "a name of more than 240 bytes");
  memcpy(unique, name, size);
  if (same_name != 0) {
    unique[size++] = '#';
    char digits[10];
    size_t length = 0;
    for (uint32_t n = same_name + 1; n != 0; n /= 10) digits[length++] = static_cast<char>('0' + n % 10);
    while (length > 0) unique[size++] = digits[--length];
  }
  const uint64_t begun = archive.size, objects = archive.objects_met;
  const uint32_t pointers = pointers_met(archive);
  hindsight_ar_push(&archive, unique, size);
  if (roots.copy != nullptr && archive.mode == HINDSIGHT_LOAD && !must_restore(archive, *roots.copy, roots.count - 1)) {
    hindsight_ar_skip(&archive);
  } else {
    root.visit(&archive, root.object);
  }
  hindsight_ar_pop(&archive);
  if (roots.copy != nullptr && archive.mode == HINDSIGHT_SAVE) note_extent(*roots.copy, {begun, archive.size, archive.objects_met == objects && pointers_met(archive) == pointers});
}

void visit_unnamed(hindsight_archive& archive, Roots& roots, const char* loop, size_t index, const hindsight_root& root) {
  char name[300];
  size_t size = 0;
  if (loop != nullptr) {
    size = strnlen(loop, 230);
    memcpy(name, loop, size);
    name[size++] = '.';
  }
  memcpy(name + size, "state", 5);
  size += 5;
  char digits[20];
  size_t length = 0;
  do {
    digits[length++] = static_cast<char>('0' + index % 10);
    index /= 10;
  } while (index != 0);
  while (length > 0) name[size++] = digits[--length];
  visit_root(archive, roots, name, size, root);
}

void visit_frame(hindsight_archive& archive, Roots& roots, const Frame* frame) {
  if (frame == nullptr) return;
  visit_frame(archive, roots, frame->parent);  // outermost first
  size_t unnamed = 0;
  for (uint32_t i = frame->ended ? frame->own_count : 0; i < frame->root_count; ++i) {
    const hindsight_root& root = frame->roots[i];
    if (root.name == nullptr) {
      visit_unnamed(archive, roots, sites::loop_name(frame->name), unnamed++, root);
    } else {
      visit_root(archive, roots, root.name, strlen(root.name), root);
    }
  }
}

void visit_added(hindsight_archive& archive, Roots& roots, const Frame* frame) {
  if (frame == nullptr) return;
  visit_added(archive, roots, frame->parent);
  for (uint32_t i = 0; i < watched_roots(*frame); ++i) {
    const hindsight_root* const root = added_root(*frame, i);
    if (root == nullptr) continue;
    char name[300];
    const int size = snprintf(name, sizeof name, "%s.%s", root->name, wire::kAdded);
    visit_root(archive, roots, name, size > 0 ? static_cast<size_t>(size) : 0, *root);
  }
}

void visit_all(hindsight_archive& archive, const ThreadState& thread, Copy* copy = nullptr) {
  visit_ambient(archive);
  Roots roots;
  roots.copy = copy;
  pthread_mutex_lock(&registry);
  const size_t count = registered_count;
  if (registration_lost) hindsight_ar_fail(&archive, "hindsight::state: no memory to remember a variable");
  pthread_mutex_unlock(&registry);
  size_t unnamed = 0;
  for (size_t i = 0; i < count; ++i) {
    const Registered& entry = registered[i];
    if (entry.name == nullptr) {
      visit_unnamed(archive, roots, nullptr, unnamed++, entry.root);
    } else {
      visit_root(archive, roots, entry.name, strlen(entry.name), entry.root);
    }
  }
  visit_frame(archive, roots, thread.top);
  // A state of a time when there were fewer of them has nothing else in other places.
  if (archive.mode != HINDSIGHT_SMALL) visit_added(archive, roots, thread.top);
  if (copy != nullptr && archive.mode == HINDSIGHT_LOAD) return;  // what pointers lead to is not restored again
  resolve_pointers(archive);
  for (uint32_t i = 0; i < archive.object_count && archive.mode == HINDSIGHT_LOAD; ++i) {
    if (archive.objects[i].type != HINDSIGHT_REFERENCE) continue;
    const auto* const referred = static_cast<void* const*>(archive.objects[i].holder);
    if (referred[0] != referred[1]) hindsight_ar_fail(&archive, "a reference in the state is bound to another object than when it was stored");
  }
}

// Too large for the stack of a thread with a small one.
hindsight_archive* new_archive(int mode) {
  auto* archive = static_cast<hindsight_archive*>(memory::take(sizeof(hindsight_archive)));
  if (archive != nullptr) begin(*archive, mode);
  return archive;
}
void destroy(hindsight_archive* archive) {
  if (archive == nullptr) return;
  finish(*archive);
  memory::give(archive);
}

// False and a reason: what is in the state cannot be captured.
bool small_digest(const ThreadState& thread, uint64_t& digest) {
  hindsight_archive* const archive = new_archive(HINDSIGHT_SMALL);
  if (archive == nullptr) return false;
  visit_all(*archive, thread);
  digest = archive->digest;
  const bool worked = !archive->failed;
  destroy(archive);
  return worked;
}

constexpr char kPoolFull[] = "pool full";
uint64_t last_size;  // of a state that was captured; a guess for the next one

// A slot with the state in it; bytes is null and `reason` says why where there is none.
struct Filled {
  pool::Room room;
  uint64_t size;
  char reason[400];
};
void fill(const ThreadState& thread, bool leave_one, Filled& filled) {
  filled.room = {0, nullptr, 0};
  filled.reason[0] = 0;
  hindsight_archive* const archive = new_archive(HINDSIGHT_SAVE);
  if (archive == nullptr) {
    strcpy(filled.reason, "no memory");
    return;
  }
  // The first pass may find that the slot is too small: it goes on without writing and so learns the size.
  uint64_t guess = __atomic_load_n(&last_size, __ATOMIC_RELAXED);
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (guess != 0) {
      filled.room = pool::take(guess, leave_one);
      if (filled.room.bytes == nullptr && attempt > 0) {
        strcpy(filled.reason, kPoolFull);
        break;
      }
    }
    finish(*archive);
    begin(*archive, HINDSIGHT_SAVE);
    archive->out = filled.room.bytes;
    archive->capacity = filled.room.bytes == nullptr ? 0 : filled.room.capacity;
    visit_all(*archive, thread);
    filled.size = archive->size;
    const bool fits = filled.room.bytes != nullptr && archive->size <= archive->capacity;
    if (!archive->failed && fits) {
      __atomic_store_n(&last_size, archive->size, __ATOMIC_RELAXED);
      destroy(archive);
      return;
    }
    if (filled.room.bytes != nullptr) pool::give_up(filled.room.slot);
    filled.room.bytes = nullptr;
    if (archive->failed) {
      strcpy(filled.reason, archive->reason);
      break;
    }
    // Some room to grow, so that a state that gets a little larger every time does not need a new slot every time.
    guess = archive->size + archive->size / 16 + 4096;
  }
  if (filled.reason[0] == 0) strcpy(filled.reason, "the state changes while it is captured");
  destroy(archive);
}

bool another_thread_is_in_a_state_loop(const ThreadState& thread) {
  return __atomic_load_n(&engine.state_threads, __ATOMIC_ACQUIRE) > (thread.state_loops != 0 ? 1u : 0u);
}

void skip(const wire::PointFields& point, const char* reason) {
  const journal::Lock lock;
  wire::SkippedRecord record = {};
  record.point = point;
  record.reason_bytes = static_cast<uint32_t>(strlen(reason));
  const journal::Piece piece = {reason, record.reason_bytes};
  journal::append(wire::RecordKind::kSkipped, &record, sizeof record, &piece, 1);
}

const char* restoring_changes(const char* name, uint64_t size, char (&reason)[400]) {
  snprintf(reason, sizeof reason, "restoring it runs code of the program's (a constructor, a destructor, a comparison) that changes '%.*s'", static_cast<int>(size < 200 ? size : 200), name);
  return reason;
}

// Restoring runs constructors, destructors, comparisons, hashes and allocators of the program, which may count, draw or register themselves, and so change
// what was restored before. Sees to it that the program's state is what is stored. Null: it is; otherwise why it is not.
const char* make_equal(hindsight_archive& archive, const ThreadState& thread, const char* stored, uint64_t bytes) {
  constexpr int kMostRepairs = 4;
  static char reason[400];  // the process ends with it
  Copy copy = {};
  copy.capacity = bytes + wire::kLeafAlignment;  // what is stored may lack the padding at its end
  copy.bytes = static_cast<char*>(memory::take_zeroed(1, copy.capacity));
  const char* problem = copy.bytes == nullptr ? "no memory" : nullptr;
  for (int repairs = 0; problem == nullptr; ++repairs) {
    finish(archive);
    begin(archive, HINDSIGHT_SAVE);
    archive.out = copy.bytes;
    archive.capacity = copy.capacity;
    copy.count = 0;
    visit_all(archive, thread, &copy);
    copy.size = archive.size < copy.capacity ? archive.size : copy.capacity;  // a larger state is not there as a whole, and differs
    uint32_t path_bytes = 0;
    const char* const path = first_difference(stored, bytes, copy.bytes, copy.size, path_bytes);
    if (archive.failed) {
      problem = archive.reason;
    } else if (copy.lost) {
      problem = "no memory";
    } else if (path == nullptr && archive.size <= copy.capacity) {
      break;
    } else if (repairs == kMostRepairs) {
      problem = path == nullptr ? "restoring it runs code of the program's that lets it grow" : restoring_changes(path, path_bytes, reason);
    } else {
      finish(archive);
      begin(archive, HINDSIGHT_LOAD);
      archive.in = stored;
      archive.in_size = bytes;
      visit_all(archive, thread, &copy);
      if (archive.failed) problem = archive.reason;
    }
  }
  memory::give(copy.bytes);
  memory::give(copy.extents);
  return problem;
}

}  // namespace

bool capture(ThreadState& thread, const wire::PointFields& point, wire::Purpose purpose, bool leave_one, bool spare) {
  const int64_t begun = monotonic_ns();
  Filled filled;
  if (another_thread_is_in_a_state_loop(thread)) {
    strcpy(filled.reason, "another thread is inside a loop with state");
    filled.room.bytes = nullptr;
  } else {
    fill(thread, leave_one, filled);
  }
  uint64_t digest = 0;
  if (filled.room.bytes != nullptr && !small_digest(thread, digest)) {
    pool::give_up(filled.room.slot);
    filled.room.bytes = nullptr;
    strcpy(filled.reason, "its digest could not be computed");
  }
  if (filled.room.bytes == nullptr) {
    if (!spare || strcmp(filled.reason, kPoolFull) != 0) {
      skip(point, filled.reason);
    } else if (static bool said = false; pool::lacks_memory() && !__atomic_exchange_n(&said, true, __ATOMIC_RELAXED)) {
      hindsight_note("the system has no memory for more states: those that find no room are left out");
    }
    note_digest(thread, point);
    return false;
  }
  wire::CaptureRecord record = {};
  record.point = point;
  record.purpose = purpose;
  record.slot = filled.room.slot;
  record.bytes = filled.size;
  record.digest = digest;
  record.clock_ns = realtime_ns();
  record.cost_ns = static_cast<uint64_t>(monotonic_ns() - begun);
  bool written;
  {
    const journal::Lock lock;
    pool::hand_over(filled.room.slot);
    written = journal::append(wire::RecordKind::kCapture, &record, sizeof record);
  }
  if (!written) pool::give_up(filled.room.slot);
  return written;
}

void visit_state(const ThreadState& thread, Reach& reach) {
  hindsight_archive* const archive = new_archive(HINDSIGHT_SAVE);
  if (archive == nullptr) {
    reach.lost = true;
    return;
  }
  hash_only(*archive, &reach);
  visit_all(*archive, thread);
  destroy(archive);
}

void note_digest(ThreadState& thread, const wire::PointFields& point) {
  wire::DigestRecord record = {};
  record.point = point;
  if (!small_digest(thread, record.digest)) return;
  const journal::Lock lock;
  journal::append(wire::RecordKind::kDigest, &record, sizeof record);
}

void fail_jump(const wire::PointFields& point, uint64_t from_ordinal, uint64_t bytes, const char* reason) {
  {
    const journal::Lock lock;
    wire::JumpRecord record = {};
    record.point = point;
    record.from_ordinal = from_ordinal;
    record.bytes = bytes;
    record.failed = 1;
    record.reason_bytes = static_cast<uint32_t>(strlen(reason));
    const journal::Piece piece = {reason, record.reason_bytes};
    journal::append(wire::RecordKind::kJump, &record, sizeof record, &piece, 1);
  }
  ring();
  abandon_replay();
}

void restore(ThreadState& thread, const wire::PointFields& point, uint64_t from_ordinal, uint32_t slot, uint64_t bytes) {
  const char* const stored = pool::answer(slot, bytes);
  if (stored == nullptr) fail_jump(point, from_ordinal, bytes, "the host's answer is in no slot");
  hindsight_archive* const archive = new_archive(HINDSIGHT_CHECK);
  if (archive == nullptr) fail_jump(point, from_ordinal, bytes, "no memory");
  // What is only read may be large, and loops that are skipped many: at the first, second, fourth, ... time.
  static uint64_t restored = 0;
  const bool looks = (restored & (restored + 1)) == 0;
  ++restored;
  if (looks) look_before_restoring(thread);
  for (const int mode : {HINDSIGHT_CHECK, HINDSIGHT_LOAD}) {
    finish(*archive);
    begin(*archive, mode);
    archive->in = stored;
    archive->in_size = bytes;
    visit_all(*archive, thread);
    if (!archive->failed && archive->at != bytes) hindsight_ar_fail(archive, "what is stored holds more than the program's state");
    if (archive->failed) fail_jump(point, from_ordinal, bytes, archive->reason);
  }
  const char* problem = make_equal(*archive, thread, stored, bytes);
  char reason[400];
  if (const char* const name = problem == nullptr && looks ? changed_by_restoring(thread) : nullptr) problem = restoring_changes(name, strlen(name), reason);
  if (problem != nullptr) fail_jump(point, from_ordinal, bytes, problem);
  destroy(archive);
  pool::give_up(slot);
  const journal::Lock lock;
  wire::JumpRecord record = {};
  record.point = point;
  record.from_ordinal = from_ordinal;
  record.bytes = bytes;
  if (!journal::append(wire::RecordKind::kJump, &record, sizeof record)) abandon_replay();
}

}  // namespace hindsight::client

extern "C" void hindsight_state(const hindsight_root* root) {
  using namespace hindsight::client;
  if (!alive()) return;
  pthread_mutex_lock(&registry);
  bool known = false;
  for (size_t i = 0; i < registered_count; ++i) {
    known = known || (registered[i].root.object == root->object && registered[i].root.type == root->type);
  }
  if (!known) {
    if (registered_count == registered_room) {
      const size_t room = registered_room == 0 ? 16 : registered_room * 2;
      auto* grown = static_cast<Registered*>(memory::resize(registered, room * sizeof(Registered)));
      if (grown != nullptr) {
        registered = grown;
        registered_room = room;
      }
    }
    char* const name = root->name == nullptr ? nullptr : memory::copy(root->name, SIZE_MAX);
    if (registered_count == registered_room || (root->name != nullptr && name == nullptr)) {
      registration_lost = true;
    } else {
      registered[registered_count++] = {*root, name};
    }
  }
  pthread_mutex_unlock(&registry);
}

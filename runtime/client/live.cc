#include "runtime/client/live.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/client/image.h"

namespace hindsight::client {
namespace {

struct Entry {
  hindsight_live* live;
  uint64_t mark;
  Variable variable;
};

// In pages of its own, which may be read whatever became of the scopes.
struct Entries {
  Entry* items;
  uint32_t count, room;
  bool growing;  // a signal handler that comes in between is not noted

  bool add(const Entry& entry) {
    const uint32_t at = count;
    if (growing || (__builtin_expect(at == room, 0) && !grow())) return false;
    entry.live->at = at;
    count = at + 1;  // first: a signal handler's come above it
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    items[at] = entry;
    return true;
  }
  [[gnu::noinline]] bool grow() {
    growing = true;
    const uint32_t more = room == 0 ? 64 : room * 2;
    void* const pages = mmap(nullptr, more * sizeof(Entry), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages != MAP_FAILED) {
      if (count != 0) memcpy(pages, items, count * sizeof(Entry));
      release();
      items = static_cast<Entry*>(pages);
      room = more;
    }
    growing = false;
    return pages != MAP_FAILED;
  }
  void release() {
    if (items != nullptr) munmap(items, room * sizeof(Entry));
    items = nullptr;
    room = 0;
  }
};

struct ThreadLives {
  uint64_t low, high;  // of the thread's own stack; 0: not asked yet
  uint64_t marks;      // given out
  Entries scopes;
};
thread_local ThreadLives lives = {};

Entries statics;
uint64_t static_marks;
pthread_mutex_t statics_lock = PTHREAD_MUTEX_INITIALIZER;

pthread_key_t at_thread_end;
pthread_once_t once = PTHREAD_ONCE_INIT;
void end_thread(void*) {
  lives.scopes.count = 0;
  lives.scopes.release();
}
void make_key() { pthread_key_create(&at_thread_end, end_thread); }

uint64_t address_of(const void* p) { return reinterpret_cast<uintptr_t>(p); }

[[gnu::noinline]] void find_stack(ThreadLives& mine) {
  const Undisturbed undisturbed;
  if (syscall(SYS_gettid) == syscall(SYS_getpid)) {
    // What the kernel puts above the first frame. No other memory lies as far below it as the stack may grow.
    mine.high = getauxval(AT_RANDOM);
    rlimit limit = {};
    constexpr uint64_t kLeast = 1 << 20, kMost = 1ull << 30;
    const uint64_t bytes = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : kMost;
    mine.low = mine.high - (bytes < kLeast ? kLeast : bytes > kMost ? kMost : bytes);
    return;
  }
  pthread_attr_t attributes;
  void* base = nullptr;
  size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &base, &bytes);
    pthread_attr_destroy(&attributes);
  }
  mine.low = address_of(base);
  mine.high = mine.low + bytes;
  if (mine.low == 0) mine.low = mine.high = 1;  // not known: no address lies in it
  pthread_once(&once, make_key);
  pthread_setspecific(at_thread_end, &lives);
}

// Does it lie in a frame of this thread that is at `frame` or above?
bool is_on_stack(const ThreadLives& mine, const void* address, uint64_t frame) {
  return frame >= mine.low && frame < mine.high && address_of(address) >= frame && address_of(address) < mine.high;
}

// What lies below `frame` is gone.
void settle(ThreadLives& mine, uint64_t frame) {
  if (frame < mine.low || frame >= mine.high) return;  // on a stack of the program's own
  while (mine.scopes.count != 0 && address_of(mine.scopes.items[mine.scopes.count - 1].live) < frame) --mine.scopes.count;
}

[[gnu::noinline]] void enter_static(hindsight_live& live, const Variable& variable) {
  if (!alive()) return;
  const Undisturbed undisturbed;
  const Image image = image_of(variable.object);
  if (!image_of(&live).found || !image.found || image.constant) return;
  pthread_mutex_lock(&statics_lock);
  const uint64_t mark = ++static_marks;
  if (statics.add({&live, mark, variable})) live.mark = mark;
  pthread_mutex_unlock(&statics_lock);
}

[[gnu::noinline]] void leave_static(hindsight_live& live) {
  if (!alive()) return;
  const Undisturbed undisturbed;
  pthread_mutex_lock(&statics_lock);
  for (uint32_t i = statics.count; i-- > 0;) {
    if (statics.items[i].live != &live) continue;
    memmove(&statics.items[i], &statics.items[i + 1], (statics.count - i - 1) * sizeof(Entry));
    --statics.count;
    break;
  }
  pthread_mutex_unlock(&statics_lock);
}

}  // namespace

uint32_t live_variables(Variable* variables, uint32_t room) {
  uint32_t found = 0;
  const auto add = [&](const Variable& variable) {
    if (found++ < room) variables[found - 1] = variable;
  };
  const ThreadLives& mine = lives;
  const uint64_t here = address_of(__builtin_dwarf_cfa());
  for (uint32_t i = mine.scopes.count; i-- > 0;) {
    const Entry& entry = mine.scopes.items[i];
    if (is_on_stack(mine, entry.live, here) && entry.live->mark == entry.mark && entry.live->at == i) add(entry.variable);
  }
  pthread_mutex_lock(&statics_lock);
  for (uint32_t i = statics.count; i-- > 0;) add(statics.items[i].variable);
  pthread_mutex_unlock(&statics_lock);
  return found;
}

}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" {

[[gnu::noinline]] void hindsight_live_enter(hindsight_live* live, const char* name, const void* object, const hindsight_live_type* type) {
  ThreadLives& mine = lives;
  if (__builtin_expect(mine.high == 0, 0)) find_stack(mine);
  const uint64_t frame = address_of(__builtin_dwarf_cfa());
  if (!is_on_stack(mine, live, frame)) return enter_static(*live, {name, object, type});
  if (!is_on_stack(mine, object, frame)) return;
  settle(mine, frame);
  // Odd, and no small number: what is left of other frames does not look like it.
  const uint64_t mark = (++mine.marks * 0x9e3779b97f4a7c15ull) | 1;
  if (mine.scopes.add({live, mark, {name, object, type}})) live->mark = mark;
}

void hindsight_live_leave(hindsight_live* live) {
  ThreadLives& mine = lives;
  live->mark = 0;
  if (address_of(live) - mine.low >= mine.high - mine.low) return leave_static(*live);
  // Those above it were left without a word.
  if (live->at < mine.scopes.count && mine.scopes.items[live->at].live == live) mine.scopes.count = static_cast<uint32_t>(live->at);
}

[[gnu::noinline]] void hindsight_live_settle(void) {
  if (lives.scopes.count != 0) settle(lives, address_of(__builtin_dwarf_cfa()));
}

}  // extern "C"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/client/engine.h"
#include "runtime/client/memory.h"

// There if the program is linked with draws.h's flags.
extern "C" __attribute__((weak)) int __real_clock_gettime(clockid_t, timespec*);

namespace hindsight::client {
namespace {

thread_local ThreadState state = {};

int64_t clock_ns(clockid_t clock) {
  timespec now;
  // Not the one that the program's draws go through.
  (&__real_clock_gettime != nullptr ? __real_clock_gettime : clock_gettime)(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

}  // namespace

ThreadState& this_thread() {
  if (!state.numbered) {
    state.numbered = true;
    const bool is_main = syscall(SYS_gettid) == syscall(SYS_getpid);
    state.number = is_main ? 0 : __atomic_add_fetch(&engine.threads, 1, __ATOMIC_RELAXED);
  }
  return state;
}

Undisturbed::Undisturbed() : errno_(errno), is_outermost_(state.program_errno == nullptr) {
  if (is_outermost_) state.program_errno = &errno_;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_);
}

Undisturbed::~Undisturbed() {
  if (is_outermost_) state.program_errno = nullptr;
  pthread_setcancelstate(cancel_, nullptr);
  errno = errno_;
}

int64_t realtime_ns() { return clock_ns(CLOCK_REALTIME); }
int64_t monotonic_ns() { return clock_ns(CLOCK_MONOTONIC); }

uint32_t EntryCounters::next(uint32_t name) {
  Counter* counters = many != nullptr ? many : few;
  for (uint32_t i = 0; i < used; ++i) {
    if (counters[i].name == name) return counters[i].count++;
  }
  const uint32_t capacity = many != nullptr ? room : 4;
  if (used == capacity) {
    Counter* grown = static_cast<Counter*>(memory::resize(many, 2 * capacity * sizeof(Counter)));
    // Without memory the count would be wrong from here on, and with it positions.
    if (grown == nullptr) {
      go_inert();
      return 0;
    }
    if (many == nullptr) memcpy(grown, few, sizeof few);
    many = grown;
    room = 2 * capacity;
    counters = many;
  }
  counters[used++] = {name, 1};
  return 0;
}

void EntryCounters::release() {
  memory::give(many);
  many = nullptr;
  used = room = 0;
}

}  // namespace hindsight::client

extern "C" void* hindsight_take(size_t bytes) { return hindsight::client::memory::take(bytes); }
extern "C" void hindsight_give(void* block) { hindsight::client::memory::give(block); }

extern "C" void* hindsight_scratch(size_t bytes) {
  using namespace hindsight::client;
  ThreadState& thread = this_thread();
  if (bytes > thread.scratch_bytes) {
    const Undisturbed undisturbed;
    void* grown = memory::resize(thread.scratch, bytes);
    if (grown == nullptr) return nullptr;
    thread.scratch = grown;
    thread.scratch_bytes = bytes;
  }
  return thread.scratch;
}

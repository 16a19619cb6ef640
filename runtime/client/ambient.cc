#include "runtime/client/ambient.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/client/draws.h"

namespace hindsight::client {
namespace {

struct Registered {
  const char* name;
  void (*visit)(hindsight_archive*, void*);
};
constexpr size_t kMostRegistered = 32;
Registered registered[kMostRegistered];
size_t registered_count;
bool too_many;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

// The buffer that rand() and random() work on. glibc keeps it to itself; setstate to the buffer in use changes nothing but makes
// glibc write its read position into the first word, under its own lock.
char* random_buffer;
constexpr int kTypes = 5;

size_t random_bytes(const char* buffer) {
  constexpr size_t kWords[kTypes] = {1 + 1, 1 + 7, 1 + 15, 1 + 31, 1 + 63};
  int32_t first;
  memcpy(&first, buffer, sizeof first);
  return first < 0 ? 0 : kWords[first % kTypes] * sizeof(int32_t);
}

void push(hindsight_archive& archive, const char* name) { hindsight_ar_push(&archive, name, strlen(name)); }

void bytes_leaf(hindsight_archive& archive, const char* name, void* data, uint64_t size) {
  push(archive, name);
  hindsight_ar_leaf(&archive, static_cast<uint8_t>(wire::DType::kBytes), 1, &size, data, size, 1);
  hindsight_ar_pop(&archive);
}

void visit_random(hindsight_archive& archive) {
  char* const previous = setstate(random_buffer);
  if (previous == nullptr) return hindsight_ar_fail(&archive, "the state of rand() cannot be read");
  if (previous != random_buffer) {  // the program has changed to a buffer of its own since
    random_buffer = previous;
    setstate(random_buffer);
  }
  const size_t size = random_bytes(random_buffer);
  if (archive.mode != HINDSIGHT_LOAD) return bytes_leaf(archive, "rand", random_buffer, size);
  alignas(int32_t) char copy[(1 + 63) * sizeof(int32_t)];
  memcpy(copy, random_buffer, size);
  bytes_leaf(archive, "rand", copy, size);
  if (archive.failed) return;
  // glibc writes into the buffer that it leaves, so it has to be away while that is filled.
  alignas(int32_t) char aside[32];
  initstate(1, aside, sizeof aside);
  memcpy(random_buffer, copy, size);
  setstate(random_buffer);
}

// nrand48 does one step x * a + c from a place of the caller's own, with the multiplier and addend that are set.
uint64_t step_from(unsigned short x) {
  unsigned short at[3] = {x, 0, 0};
  nrand48(at);
  return at[0] | static_cast<uint64_t>(at[1]) << 16 | static_cast<uint64_t>(at[2]) << 32;
}

void visit_drand48(hindsight_archive& archive) {
  const uint64_t addend = step_from(0);
  const uint64_t multiplier = step_from(1) - addend;
  // There is no other way to read where it is than to set it, which puts the standard multiplier and addend back.
  unsigned short anything[3] = {0, 0, 0};
  unsigned short all[7];  // in the order of lcong48: place, multiplier, addend
  memcpy(all, seed48(anything), 3 * sizeof all[0]);
  for (int i = 0; i < 3; ++i) all[3 + i] = static_cast<unsigned short>(multiplier >> (16 * i));
  all[6] = static_cast<unsigned short>(addend);
  lcong48(all);
  bytes_leaf(archive, "drand48", all, sizeof all);
  if (archive.mode == HINDSIGHT_LOAD && !archive.failed) lcong48(all);
}

// Calls that ask about the outside (is the output a terminal?) set it too, so it is restored, and never compared.
void visit_errno(hindsight_archive& archive) {
  int* const place = this_thread().program_errno != nullptr ? this_thread().program_errno : &errno;
  int32_t value = *place;
  push(archive, "errno");
  push(archive, wire::kClock);
  hindsight_ar_leaf(&archive, static_cast<uint8_t>(wire::DType::kI32), 0, nullptr, &value, sizeof value, 0);
  hindsight_ar_pop(&archive);
  hindsight_ar_pop(&archive);
  if (archive.mode == HINDSIGHT_LOAD && !archive.failed) *place = value;
}

#if defined(__x86_64__)
void visit_fenv(hindsight_archive& archive) {
  constexpr uint32_t kSticky = 0x3f;  // exception flags say what happened, not what will
  const uint32_t now = __builtin_ia32_stmxcsr();
  uint16_t x87;
  __asm__ volatile("fnstcw %0" : "=m"(x87));
  uint32_t control[2] = {now & ~kSticky, x87};
  constexpr uint64_t two = 2;
  push(archive, "fenv");
  hindsight_ar_leaf(&archive, static_cast<uint8_t>(wire::DType::kU32), 1, &two, control, sizeof control, 1);
  hindsight_ar_pop(&archive);
  if (archive.mode != HINDSIGHT_LOAD || archive.failed) return;
  __builtin_ia32_ldmxcsr((control[0] & ~kSticky) | (now & kSticky));
  x87 = static_cast<uint16_t>(control[1]);
  __asm__ volatile("fldcw %0" : : "m"(x87));
}
#elif defined(__aarch64__)
void visit_fenv(hindsight_archive& archive) {
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  push(archive, "fenv");
  hindsight_ar_leaf(&archive, static_cast<uint8_t>(wire::DType::kU64), 0, nullptr, &control, sizeof control, 1);
  hindsight_ar_pop(&archive);
  if (archive.mode == HINDSIGHT_LOAD && !archive.failed) __asm__ volatile("msr fpcr, %0" : : "r"(control));
}
#else
#error "hindsight: the floating-point environment of this processor is not known yet (runtime/client/ambient.cc)"
#endif

}  // namespace

void open_ambient() {
  alignas(int32_t) char aside[32];
  random_buffer = initstate(1, aside, sizeof aside);
  setstate(random_buffer);
}

void visit_ambient(hindsight_archive& archive) {
  push(archive, "ambient");
  visit_random(archive);
  visit_drand48(archive);
  visit_fenv(archive);
  visit_errno(archive);
  draws::visit(archive);
  if (too_many) hindsight_ar_fail(&archive, "has more than 32 parts");
  pthread_mutex_lock(&mutex);
  const size_t count = registered_count;
  pthread_mutex_unlock(&mutex);
  for (size_t i = 0; i < count; ++i) {
    push(archive, registered[i].name);
    registered[i].visit(&archive, nullptr);
    hindsight_ar_pop(&archive);
  }
  hindsight_ar_pop(&archive);
}

}  // namespace hindsight::client

extern "C" void hindsight_ambient(const char* name, void (*visit)(hindsight_archive*, void*)) {
  using namespace hindsight::client;
  // Also before there is a host: static objects of shared libraries are made before this process attaches.
  pthread_mutex_lock(&mutex);
  size_t at = 0;
  while (at < registered_count && strcmp(registered[at].name, name) != 0) ++at;
  if (at == kMostRegistered) {
    too_many = true;
  } else if (at == registered_count) {
    // By name, so that the order of the program's static objects does not matter.
    while (at > 0 && strcmp(registered[at - 1].name, name) > 0) {
      registered[at] = registered[at - 1];
      --at;
    }
    registered[at] = {name, visit};
    ++registered_count;
  }
  pthread_mutex_unlock(&mutex);
}

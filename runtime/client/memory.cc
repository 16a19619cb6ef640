// Blocks of a power of two, cut from pages and kept in a list per size; large ones are mapped alone.
#include "runtime/client/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

namespace hindsight::client::memory {
namespace {

constexpr unsigned kSmallest = 5, kLargest = 16;  // logarithms
constexpr size_t kChunk = size_t{1} << 18;

// In front of each block; as large as what blocks are aligned to.
struct alignas(16) Head {
  size_t room;  // behind it
  Head* next;   // while it is free
};

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
Head* free_blocks[kLargest + 1];
char* chunk;
size_t chunk_left;

struct Locked {
  Locked() { pthread_mutex_lock(&lock); }
  ~Locked() { pthread_mutex_unlock(&lock); }
};

Head* head_of(void* block) { return static_cast<Head*>(block) - 1; }

void* map(size_t bytes) {
  const int before = errno;
  void* const found = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  errno = before;
  return found == MAP_FAILED ? nullptr : found;
}

// The logarithm of the size of the block that `bytes` and its head need.
unsigned class_of(size_t bytes) {
  unsigned log = kSmallest;
  while ((size_t{1} << log) < bytes + sizeof(Head)) ++log;
  return log;
}

Head* take_small(unsigned log) {
  const Locked locked;
  if (Head* const found = free_blocks[log]) {
    free_blocks[log] = found->next;
    return found;
  }
  const size_t size = size_t{1} << log;
  if (chunk_left < size) {
    auto* const fresh = static_cast<char*>(map(kChunk));
    if (fresh == nullptr) return nullptr;
    // What is left of the last one is of use to smaller blocks.
    for (unsigned each = kLargest; each >= kSmallest; --each) {
      for (; chunk_left >= size_t{1} << each; chunk += size_t{1} << each, chunk_left -= size_t{1} << each) {
        auto* const rest = reinterpret_cast<Head*>(chunk);
        *rest = {(size_t{1} << each) - sizeof(Head), free_blocks[each]};
        free_blocks[each] = rest;
      }
    }
    chunk = fresh;
    chunk_left = kChunk;
  }
  auto* const made = reinterpret_cast<Head*>(chunk);
  chunk += size;
  chunk_left -= size;
  made->room = size - sizeof(Head);
  return made;
}

}  // namespace

void* take(size_t bytes) {
  if (bytes > SIZE_MAX / 2) return nullptr;
  if (bytes + sizeof(Head) <= size_t{1} << kLargest) {
    Head* const made = take_small(class_of(bytes));
    return made == nullptr ? nullptr : made + 1;
  }
  const size_t whole = (bytes + sizeof(Head) + 4095) & ~size_t{4095};
  auto* const made = static_cast<Head*>(map(whole));
  if (made == nullptr) return nullptr;
  made->room = whole - sizeof(Head);
  return made + 1;
}

void* take_zeroed(size_t count, size_t bytes) {
  size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) return nullptr;
  void* const block = take(all);
  // Fresh pages are zero.
  if (block != nullptr && head_of(block)->room + sizeof(Head) <= size_t{1} << kLargest) memset(block, 0, all);
  return block;
}

void* resize(void* block, size_t bytes) {
  if (block == nullptr) return take(bytes);
  const size_t room = head_of(block)->room;
  if (bytes <= room) return block;
  void* const larger = take(bytes);
  if (larger == nullptr) return nullptr;
  memcpy(larger, block, room);
  give(block);
  return larger;
}

void give(void* block) {
  if (block == nullptr) return;
  Head* const head = head_of(block);
  const size_t whole = head->room + sizeof(Head);
  if (whole > size_t{1} << kLargest) {
    munmap(head, whole);
    return;
  }
  const Locked locked;
  Head*& first = free_blocks[static_cast<unsigned>(__builtin_ctzll(whole))];
  head->next = first;
  first = head;
}

char* copy(const char* text, size_t most) {
  const size_t size = strnlen(text, most);
  auto* const made = static_cast<char*>(take(size + 1));
  if (made == nullptr) return nullptr;
  memcpy(made, text, size);
  made[size] = 0;
  return made;
}

}  // namespace hindsight::client::memory

#include "runtime/client/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace hindsight::client::pool {
namespace {

constexpr uint64_t kPage = 4096;
// Slots come in steps of this size, so that small states of about the same size fit into one another's.
constexpr uint64_t kStep = 64 << 10;

struct Mapping {
  char* bytes;
  uint64_t offset;
  uint64_t size;
};
Mapping mappings[wire::kMaxSlots];
wire::PoolHeader* header;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
bool memory_is_short;

static_assert(kStep % kPage == 0);
constexpr uint64_t round_up(uint64_t n) { return (n + kStep - 1) / kStep * kStep; }

wire::SlotState state_of(const wire::Slot& slot) {
  return static_cast<wire::SlotState>(__atomic_load_n(&slot.state, __ATOMIC_ACQUIRE));
}
void set_state(wire::Slot& slot, wire::SlotState state) {
  __atomic_store_n(&slot.state, static_cast<uint32_t>(state), __ATOMIC_RELEASE);
}

uint32_t count() { return __atomic_load_n(&header->slot_count, __ATOMIC_ACQUIRE); }

bool file_limit_allows(uint64_t size) {
  rlimit limit;
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && (limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur);
}

// Makes the memory longer by `bytes`; every page of it is allocated when this returns true.
bool extend(uint64_t bytes) {
  const uint64_t begin = header->size;
  if (bytes > engine.pool_limit || begin > engine.pool_limit - bytes || !file_limit_allows(begin + bytes)) return false;
  int done;
  do {
    done = fallocate(engine.pool_fd, 0, static_cast<off_t>(begin), static_cast<off_t>(bytes));
  } while (done != 0 && errno == EINTR);
  if (done != 0) {
    __atomic_store_n(&memory_is_short, true, __ATOMIC_RELAXED);
    return false;
  }
  header->size = begin + bytes;
  return true;
}

char* map(uint32_t index) {
  const wire::Slot& slot = header->slots[index];
  Mapping& mapping = mappings[index];
  if (mapping.bytes != nullptr && mapping.offset == slot.offset && mapping.size == slot.capacity) return mapping.bytes;
  if (mapping.bytes != nullptr) munmap(mapping.bytes, mapping.size);
  mapping.bytes = nullptr;
  void* memory = mmap(nullptr, slot.capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, engine.pool_fd,
                      static_cast<off_t>(slot.offset));
  if (memory == MAP_FAILED) return nullptr;
  mapping = {static_cast<char*>(memory), slot.offset, slot.capacity};
  return mapping.bytes;
}

// The first free slot of at least `bytes`, or -1.
int find_free(uint64_t bytes, int except = -1) {
  for (uint32_t i = 0; i < count(); ++i) {
    if (static_cast<int>(i) != except && header->slots[i].capacity >= bytes && header->slots[i].capacity != 0 &&
        state_of(header->slots[i]) == wire::SlotState::kFree) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

// A new slot, or an old free one made larger: those are of no use once the state has outgrown them.
int make(uint64_t bytes) {
  // A run of free slots next to each other becomes one; at the end of the memory it may be made longer too.
  for (uint32_t first = 0; first < count(); ++first) {
    if (header->slots[first].capacity == 0 || state_of(header->slots[first]) != wire::SlotState::kFree) continue;
    uint64_t end = header->slots[first].offset + header->slots[first].capacity;
    uint64_t absorbed = 0;
    for (bool found = true; found;) {
      found = false;
      for (uint32_t i = 0; i < count(); ++i) {
        wire::Slot& slot = header->slots[i];
        if (slot.capacity != 0 && slot.offset == end && state_of(slot) == wire::SlotState::kFree) {
          end += slot.capacity;
          absorbed |= uint64_t{1} << i;
          found = true;
        }
      }
    }
    uint64_t capacity = end - header->slots[first].offset;
    if (capacity < bytes && (end != header->size || !extend(bytes - capacity))) continue;
    if (capacity < bytes) capacity = bytes;
    for (uint32_t i = 0; i < count(); ++i) {
      if ((absorbed >> i & 1) != 0) header->slots[i].capacity = 0;
    }
    header->slots[first].capacity = capacity;
    return static_cast<int>(first);
  }
  uint32_t index = count();
  for (uint32_t i = 0; i < count(); ++i) {
    if (header->slots[i].capacity == 0 && state_of(header->slots[i]) == wire::SlotState::kFree) index = i;
  }
  if (index == wire::kMaxSlots) return -1;
  const uint64_t offset = header->size;
  if (!extend(bytes)) return -1;
  header->slots[index].offset = offset;
  header->slots[index].capacity = bytes;
  set_state(header->slots[index], wire::SlotState::kFree);
  if (index == count()) __atomic_store_n(&header->slot_count, index + 1, __ATOMIC_RELEASE);
  return static_cast<int>(index);
}

// Whether another slot of `bytes` is free besides `except`, or could be made within the limit.
bool could_take(uint64_t bytes, int except) {
  if (find_free(bytes, except) >= 0) return true;
  return header->size <= engine.pool_limit && engine.pool_limit - header->size >= bytes && count() < wire::kMaxSlots;
}

}  // namespace

bool open() {
  struct stat status;
  if (fstat(engine.pool_fd, &status) != 0 || status.st_size < static_cast<off_t>(wire::kPoolHeaderBytes)) return false;
  void* memory = mmap(nullptr, wire::kPoolHeaderBytes, PROT_READ | PROT_WRITE, MAP_SHARED, engine.pool_fd, 0);
  if (memory == MAP_FAILED) return false;
  header = static_cast<wire::PoolHeader*>(memory);
  return true;
}

Room take(uint64_t bytes, bool leave_one) {
  const uint64_t capacity = round_up(bytes == 0 ? 1 : bytes);
  pthread_mutex_lock(&mutex);
  Room room = {0, nullptr, 0};
  int slot = find_free(capacity);
  if (slot < 0) slot = make(capacity);
  if (slot >= 0) {
    wire::Slot& chosen = header->slots[slot];
    set_state(chosen, wire::SlotState::kWriting);
    if (!leave_one || could_take(capacity, slot)) {
      char* const memory = map(static_cast<uint32_t>(slot));
      if (memory != nullptr) room = {static_cast<uint32_t>(slot), memory, chosen.capacity};
    }
    if (room.bytes == nullptr) set_state(chosen, wire::SlotState::kFree);
  }
  pthread_mutex_unlock(&mutex);
  return room;
}

void hand_over(uint32_t slot) { set_state(header->slots[slot], wire::SlotState::kFull); }
void give_up(uint32_t slot) { set_state(header->slots[slot], wire::SlotState::kFree); }

bool lacks_memory() { return __atomic_load_n(&memory_is_short, __ATOMIC_RELAXED); }

bool is_filling() {
  if (header == nullptr) return false;
  uint64_t waiting = 0;
  uint32_t slots = 0;
  for (uint32_t i = 0; i < count(); ++i) {
    if (state_of(header->slots[i]) != wire::SlotState::kFull) continue;
    waiting += header->slots[i].capacity;
    ++slots;
  }
  return slots >= wire::kMaxSlots / 4 || waiting > engine.pool_limit / 4;
}

int64_t host_cost() {
  const uint64_t cost = __atomic_load_n(&header->host_cost, __ATOMIC_RELAXED);
  constexpr uint64_t kMost = 1'000'000'000'000;  // the other process may write what it likes
  return static_cast<int64_t>(cost < kMost ? cost : kMost);
}

const char* answer(uint32_t slot, uint64_t bytes) {
  struct stat status;
  if (slot >= count() || state_of(header->slots[slot]) != wire::SlotState::kAnswer || header->slots[slot].capacity < bytes ||
      fstat(engine.pool_fd, &status) != 0 ||
      header->slots[slot].offset + header->slots[slot].capacity > static_cast<uint64_t>(status.st_size)) {
    return nullptr;
  }
  pthread_mutex_lock(&mutex);
  const char* const memory = map(slot);
  pthread_mutex_unlock(&mutex);
  return memory;
}

}  // namespace hindsight::client::pool

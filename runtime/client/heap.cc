// What allocates in C (heap_new.cc has what does in C++), and a table of blocks by address, in shards of open addressing, each under a lock that is
// held for a few instructions.
#include "runtime/client/heap.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/client/engine.h"
#include "runtime/client/wrap.h"

extern char _end;  // of the program's image
// Not there in a program whose state has no pointers: nobody asks for its blocks then.
extern "C" __attribute__((weak)) void hindsight_has_pointers();

namespace hindsight::client {
namespace {

constexpr uint64_t kAddressBits = 48, kLarge = 65536;
constexpr size_t kShards = 64, kFirstRoom = 256;

// 16 bytes: the address with its kind (2 bits) and the logarithm of its alignment (6 bits) above it.
struct Entry {
  uint64_t word;  // 0: free
  uint64_t bytes;
  uint64_t address() const { return word & ((1ull << kAddressBits) - 1); }
};

struct alignas(64) Shard {
  uint32_t lock;
  uint32_t count;
  uint64_t room;  // a power of two
  Entry* entries;
};
Shard shards[kShards];

// The large ones once more, since an interior pointer may be far from its block's begin.
struct Large {
  uint32_t lock;
  uint64_t count;
  uint64_t room;
  uint64_t* addresses;
} large;

struct Locked {
  uint32_t& lock;
  explicit Locked(uint32_t& l) : lock(l) {
    for (uint32_t tries = 0; __atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0; ++tries) {
      if (tries > 100) sched_yield();
    }
  }
  ~Locked() { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }
};

uint64_t hash_of(uint64_t address) { return (address >> 4) * 0x9e3779b97f4a7c15ull; }
Shard& shard_of(uint64_t hash) { return shards[hash >> 58]; }
uint64_t home_of(uint64_t hash, uint64_t room) { return (hash >> 20) & (room - 1); }

// Not from malloc, which may be calling. Null if there is no memory, which is not the program's business.
void* pages(uint64_t bytes) {
  const int before = errno;
  void* const found = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  errno = before;
  return found == MAP_FAILED ? nullptr : found;
}

void insert(Shard& shard, const Entry& entry) {
  uint64_t at = home_of(hash_of(entry.address()), shard.room);
  while (shard.entries[at].word != 0) at = (at + 1) & (shard.room - 1);
  shard.entries[at] = entry;
}

bool grow(Shard& shard) {
  const Shard before = shard;
  const uint64_t room = before.room == 0 ? kFirstRoom : before.room * 2;
  auto* const entries = static_cast<Entry*>(pages(room * sizeof(Entry)));
  if (entries == nullptr) return false;
  shard.entries = entries;
  shard.room = room;
  for (uint64_t i = 0; i < before.room; ++i) {
    if (before.entries[i].word != 0) insert(shard, before.entries[i]);
  }
  if (before.entries != nullptr) munmap(before.entries, before.room * sizeof(Entry));
  return true;
}

// The place of `address` in its shard, or null.
Entry* find(Shard& shard, uint64_t address, uint64_t hash) {
  if (shard.room == 0) return nullptr;
  for (uint64_t at = home_of(hash, shard.room); shard.entries[at].word != 0; at = (at + 1) & (shard.room - 1)) {
    if (shard.entries[at].address() == address) return &shard.entries[at];
  }
  return nullptr;
}

// Those behind it move up, so that no gap hides them.
void remove(Shard& shard, Entry* entry) {
  const uint64_t mask = shard.room - 1;
  uint64_t gap = static_cast<uint64_t>(entry - shard.entries);
  for (uint64_t at = (gap + 1) & mask; shard.entries[at].word != 0; at = (at + 1) & mask) {
    if (((at - home_of(hash_of(shard.entries[at].address()), shard.room)) & mask) >= ((at - gap) & mask)) {
      shard.entries[gap] = shard.entries[at];
      gap = at;
    }
  }
  shard.entries[gap].word = 0;
  --shard.count;
}

void add_large(uint64_t address) {
  const Locked locked(large.lock);
  if (large.count == large.room) {
    const uint64_t room = large.room == 0 ? 512 : large.room * 2;
    auto* const addresses = static_cast<uint64_t*>(pages(room * sizeof(uint64_t)));
    if (addresses == nullptr) return;  // its interior is not known then
    if (large.count != 0) memcpy(addresses, large.addresses, large.count * sizeof(uint64_t));
    if (large.addresses != nullptr) munmap(large.addresses, large.room * sizeof(uint64_t));
    large.addresses = addresses;
    large.room = room;
  }
  large.addresses[large.count++] = address;
}

void remove_large(uint64_t address) {
  const Locked locked(large.lock);
  for (uint64_t i = large.count; i-- > 0;) {
    if (large.addresses[i] != address) continue;
    large.addresses[i] = large.addresses[--large.count];
    return;
  }
}

bool listening() {
  return &hindsight_has_pointers != nullptr && __builtin_expect(__atomic_load_n(&hindsight_active, __ATOMIC_RELAXED), 0) != 0 && alive();
}

}  // namespace

void forget_block(const void* pointer) {
  if (pointer == nullptr || !listening()) return;
  const uint64_t address = reinterpret_cast<uintptr_t>(pointer), hash = hash_of(address);
  Shard& shard = shard_of(hash);
  uint64_t bytes = 0;
  {
    const Locked locked(shard.lock);
    if (Entry* const entry = find(shard, address, hash)) {
      bytes = entry->bytes;
      remove(shard, entry);
    }
  }
  if (bytes >= kLarge) remove_large(address);
}

namespace {

// The word at `address`, which may be unmapped or without access.
bool read_word(uint64_t address, uint64_t& word) {
  // malloc's first arena is always there, up to its end: no system call for those.
  if (address > reinterpret_cast<uintptr_t>(&_end) && address + sizeof word <= reinterpret_cast<uintptr_t>(sbrk(0))) {
    memcpy(&word, reinterpret_cast<const void*>(address), sizeof word);
    return true;
  }
  const iovec here = {&word, sizeof word}, there = {reinterpret_cast<void*>(address), sizeof word};
  return process_vm_readv(static_cast<pid_t>(syscall(SYS_getpid)), &here, 1, &there, 1, 0) == static_cast<ssize_t>(sizeof word);
}

// glibc keeps the size of a block in the word before it: its low three bits are flags (2: mapped alone), and eight bytes are its own. Whether it is
// glibc's is seen from a block of the program's: one of ours would move all that it allocates afterwards.
int glibc_headers;  // 0: not seen yet, 1: they are, 2: they are not

void look_for_glibc_headers(const void* block) {
  uint64_t word = 0;
  if (!read_word(reinterpret_cast<uintptr_t>(block) - 8, word) || (word & 2) != 0) return;
  const bool are = (word & ~7ull) - 8 == malloc_usable_size(const_cast<void*>(block));
  __atomic_store_n(&glibc_headers, are ? 1 : 2, __ATOMIC_RELAXED);
}

void* note(void* pointer, uint64_t bytes, uint64_t kind, uint64_t alignment = 0) {
  if (pointer == nullptr || !listening()) return pointer;
  const uint64_t address = reinterpret_cast<uintptr_t>(pointer), hash = hash_of(address);
  if (address >> kAddressBits != 0) return pointer;
  if (__atomic_load_n(&glibc_headers, __ATOMIC_RELAXED) == 0) look_for_glibc_headers(pointer);
  const uint64_t log = alignment == 0 ? 0 : static_cast<uint64_t>(__builtin_ctzll(alignment));
  Shard& shard = shard_of(hash);
  uint64_t stale = 0;
  {
    const Locked locked(shard.lock);
    const Entry noted = {address | kind << kAddressBits | log << (kAddressBits + 2), bytes};
    if (Entry* const entry = find(shard, address, hash)) {  // a library freed it
      stale = entry->bytes;
      *entry = noted;
    } else {
      if (shard.count * 4 >= shard.room * 3 && !grow(shard)) return pointer;
      insert(shard, noted);
      ++shard.count;
    }
  }
  if (stale >= kLarge) remove_large(address);
  if (bytes >= kLarge) add_large(address);
  return pointer;
}

}  // namespace

// A block that is new. What the program leaves unwritten in it would differ from process to process, and nothing that is captured may: so it
// is made zero. What `new` makes for a container, which writes all of it, is left alone.
void* fresh_block(void* pointer, uint64_t bytes, uint64_t kind, uint64_t alignment) {
  constexpr uint64_t kLargestObject = 4096;
  if (pointer != nullptr && listening() && (kind != HINDSIGHT_NEW || bytes <= kLargestObject)) memset(pointer, 0, bytes);
  return note(pointer, bytes, kind, alignment);
}

namespace {

void* grown(void* pointer, uint64_t bytes, const void* from, bool known, uint64_t bytes_before) {
  if (pointer != nullptr && listening() && (known || from == nullptr) && bytes > bytes_before) memset(static_cast<char*>(pointer) + bytes_before, 0, bytes - bytes_before);
  return note(pointer, bytes, HINDSIGHT_MALLOC);
}

bool is_plausible(uint64_t usable, uint64_t bytes) { return usable >= bytes && usable - bytes <= bytes / 4 + 4096 + 64; }

// What malloc knows of the block that was noted has to agree: libraries free behind our back. There may be no block any more, and no memory.
bool exists(uint64_t address, uint64_t bytes) {
  if (__atomic_load_n(&glibc_headers, __ATOMIC_RELAXED) == 1) {
    uint64_t word, next;
    if (!read_word(address - 8, word) || !is_plausible((word & ~7ull) - 8, bytes)) return false;
    if ((word & 2) == 0 && !read_word(address - 8 + (word & ~7ull), next)) return false;  // what follows says whether it is in use
  }
  return is_plausible(malloc_usable_size(reinterpret_cast<void*>(address)), bytes);
}

// The block that begins at `address`, if it does exist still.
bool block_at(uint64_t address, hindsight_block& block) {
  const uint64_t hash = hash_of(address);
  Shard& shard = shard_of(hash);
  Entry entry;
  {
    const Locked locked(shard.lock);
    const Entry* const found = find(shard, address, hash);
    if (found == nullptr) return false;
    entry = *found;
  }
  if (!exists(address, entry.bytes)) return false;
  const uint32_t log = static_cast<uint32_t>(entry.word >> (kAddressBits + 2)) & 63;
  block = {reinterpret_cast<const void*>(address), entry.bytes, static_cast<uint32_t>(entry.word >> kAddressBits) & 3,
           log == 0 ? 0 : 1u << log};
  return true;
}

}  // namespace
}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" int hindsight_heap_find(const void* pointer, hindsight_block* block) {
  const uint64_t address = reinterpret_cast<uintptr_t>(pointer);
  if (address < 4096 || address >> kAddressBits != 0) return 0;
  if (block_at(address, *block)) return 1;
  // Blocks begin at multiples of 16 (of 8 where the allocator is not glibc's, which need not be found).
  const uint64_t begin = address & ~15ull;
  for (uint64_t back = begin == address ? 16 : 0; back < kLarge && back < begin; back += 16) {
    const uint64_t hash = hash_of(begin - back);
    Shard& shard = shard_of(hash);
    bool is_there;
    {
      const Locked locked(shard.lock);
      is_there = find(shard, begin - back, hash) != nullptr;
    }
    if (is_there && block_at(begin - back, *block)) return address - (begin - back) < block->bytes ? 1 : 0;
  }
  uint64_t best = 0;
  {
    const Locked locked(large.lock);
    for (uint64_t i = 0; i < large.count; ++i) {
      if (large.addresses[i] <= address && large.addresses[i] > best) best = large.addresses[i];
    }
  }
  return best != 0 && block_at(best, *block) && address - best < block->bytes ? 1 : 0;
}

HINDSIGHT_WRAP(void*, malloc, size_t bytes) { return fresh_block(__real_malloc(bytes), bytes, HINDSIGHT_MALLOC, 0); }
HINDSIGHT_WRAP(void*, calloc, size_t count, size_t bytes) { return note(__real_calloc(count, bytes), count * bytes, HINDSIGHT_MALLOC); }
HINDSIGHT_WRAP(void, free, void* block) {
  forget_block(block);
  __real_free(block);
}
HINDSIGHT_WRAP(void*, realloc, void* block, size_t bytes) {
  hindsight_block before = {};
  const bool known = block != nullptr && listening() && block_at(reinterpret_cast<uintptr_t>(block), before);
  forget_block(block);
  void* const now = __real_realloc(block, bytes);
  if (now == nullptr && known && bytes != 0) note(block, before.bytes, before.kind, before.alignment);
  return grown(now, bytes, block, known, before.bytes);
}
HINDSIGHT_WRAP(void*, reallocarray, void* block, size_t count, size_t bytes) {
  hindsight_block before = {};
  const bool known = block != nullptr && listening() && block_at(reinterpret_cast<uintptr_t>(block), before);
  forget_block(block);
  void* const now = __real_reallocarray(block, count, bytes);
  if (now == nullptr && known && count != 0 && bytes != 0) note(block, before.bytes, before.kind, before.alignment);
  return grown(now, count * bytes, block, known, before.bytes);
}
HINDSIGHT_WRAP(int, posix_memalign, void** block, size_t alignment, size_t bytes) {
  const int problem = __real_posix_memalign(block, alignment, bytes);
  if (problem == 0) fresh_block(*block, bytes, HINDSIGHT_MALLOC, alignment);
  return problem;
}
HINDSIGHT_WRAP(void*, aligned_alloc, size_t alignment, size_t bytes) {
  return fresh_block(__real_aligned_alloc(alignment, bytes), bytes, HINDSIGHT_MALLOC, alignment);
}
HINDSIGHT_WRAP(void*, memalign, size_t alignment, size_t bytes) {
  return fresh_block(__real_memalign(alignment, bytes), bytes, HINDSIGHT_MALLOC, alignment);
}
HINDSIGHT_WRAP(char*, strdup, const char* text) {
  char* const copy = __real_strdup(text);
  if (copy != nullptr) note(copy, strlen(copy) + 1, HINDSIGHT_MALLOC);
  return copy;
}
HINDSIGHT_WRAP(char*, strndup, const char* text, size_t most) {
  char* const copy = __real_strndup(text, most);
  if (copy != nullptr) note(copy, strlen(copy) + 1, HINDSIGHT_MALLOC);
  return copy;
}

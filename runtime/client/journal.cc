#include "runtime/client/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define HINDSIGHT_HAS_SINGLE_THREADED 1
#endif

#include "runtime/crc32c.h"

namespace hindsight::client::journal {
namespace {

constexpr uint64_t kPage = 4096;
// Steps double: a short run takes little, and a long one is not held up often.
constexpr uint64_t kFirstStep = 1ull << 20;
constexpr uint64_t kLargestStep = 16ull << 20;
constexpr uint64_t kRingEvery = 256 << 10;
constexpr uint64_t kMostPatience = 4095;
constexpr uint64_t kMostRecord = (1ull << 28) - 16;

uint32_t lock_word;    // 0: free, 1: taken, 2: taken and waited for
wire::JournalHeader* header;
char* step;            // the mapped stretch of the file
uint64_t step_begin;   // its place in the file
uint64_t step_end;
uint64_t write_at;     // in the file
uint64_t salt;
uint64_t rung_at;
// Drops until the next attempt to get room, and after that one: what lacks for a moment costs little, and a full disk is not asked
// for every value.
uint64_t drops_to_come;
uint64_t patience;
uint64_t next_size = kFirstStep;

constexpr uint64_t round_up(uint64_t n, uint64_t to) { return (n + to - 1) / to * to; }

// Allocates [begin, begin + size) on the disk first: a full disk is an error here and never a SIGBUS later. The limit on file sizes
// is looked at before, since exceeding it is a signal.
bool allocate(uint64_t begin, uint64_t size) {
  rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || (limit.rlim_cur != RLIM_INFINITY && begin + size > limit.rlim_cur)) return false;
  int error;
  do {
    error = fallocate(engine.journal_fd, 0, static_cast<off_t>(begin), static_cast<off_t>(size)) == 0 ? 0 : errno;
  } while (error == EINTR);
  if (error == EOPNOTSUPP) error = posix_fallocate(engine.journal_fd, static_cast<off_t>(begin), static_cast<off_t>(size));
  return error == 0;
}

// Makes every page of the stretch present and writable now, all at once, rather than by one fault in the middle of every 128th value.
void populate(char* memory, uint64_t size) {
#if defined(MADV_POPULATE_WRITE)
  if (madvise(memory, size, MADV_POPULATE_WRITE) == 0) return;
#endif
  for (uint64_t at = 0; at < size; at += kPage) *static_cast<volatile char*>(memory + at) = 0;
}

bool next_step(uint64_t needed) {
  const uint64_t begin = round_up(write_at, kPage);
  uint64_t size = round_up(needed, next_size);
  if (!allocate(begin, size)) {
    // The last room of a nearly full disk, in small steps.
    size = round_up(needed, kPage);
    if (!allocate(begin, size)) return false;
  } else if (next_size < kLargestStep) {
    next_size *= 2;
  }
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, engine.journal_fd, static_cast<off_t>(begin));
  if (memory == MAP_FAILED) return false;
  if (step != nullptr) munmap(step, step_end - step_begin);
  step = static_cast<char*>(memory);
  step_begin = begin;
  step_end = begin + size;
  populate(step, size);
  if (header->allocated < step_end) header->allocated = step_end;
  return true;
}

void finish(char* record, wire::RecordKind kind, uint64_t size) {
  wire::RecordHeader head;
  head.size_and_kind = wire::pack(static_cast<uint32_t>(size), kind);
  memcpy(record + 4, &head.size_and_kind, 4);
  head.crc = wire::record_crc(salt, write_at, record, size);
  memcpy(record, &head.crc, 4);
  write_at += size;
  __atomic_store_n(&header->end, write_at, __ATOMIC_RELEASE);
}

// Room for `size` bytes at write_at. What is left of the old step is filled with a pad, so that readers go from record to record.
bool make_room(uint64_t size) {
  if (drops_to_come != 0) {
    --drops_to_come;
    return false;
  }
  const Undisturbed undisturbed;
  const uint64_t old_begin = step_begin, old_end = step_end, old_at = write_at;
  char* const old_step = step;
  step = nullptr;
  const uint64_t left = old_step == nullptr ? 0 : old_end - old_at;
  write_at = left == 0 ? old_at : old_end;
  if (!next_step(size)) {
    step = old_step;
    step_begin = old_begin;
    step_end = old_end;
    write_at = old_at;
    drops_to_come = patience;
    if (patience < kMostPatience) patience = 2 * patience + 1;
    return false;
  }
  patience = 0;
  if (old_step != nullptr) {
    if (left != 0) {
      const uint64_t begin = write_at;
      write_at = old_at;
      memset(old_step + (old_at - old_begin), 0, left);
      finish(old_step + (old_at - old_begin), wire::RecordKind::kPad, left);
      write_at = begin;
    }
    munmap(old_step, old_end - old_begin);
  }
  return true;
}

bool is_only_thread() {
#if defined(HINDSIGHT_HAS_SINGLE_THREADED)
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

}  // namespace

// A futex of our own: half the cost of a pthread mutex on the way that every value takes.
Lock::Lock() {
  // No other thread can begin while the only one is in here, and a signal handler of its own is kept out by Inside.
  if (is_only_thread()) return;
  taken_ = true;
  uint32_t found = 0;
  if (__atomic_compare_exchange_n(&lock_word, &found, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0) {
    const Undisturbed undisturbed;
    syscall(SYS_futex, &lock_word, FUTEX_WAIT_PRIVATE, 2, nullptr, nullptr, 0);
  }
}
Lock::~Lock() {
  if (!taken_) return;
  if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2) {
    const Undisturbed undisturbed;
    syscall(SYS_futex, &lock_word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
}

bool open() {
  struct stat status;
  if (fstat(engine.journal_fd, &status) != 0 || status.st_size < static_cast<off_t>(wire::kJournalStart)) return false;
  void* memory = mmap(nullptr, wire::kJournalStart, PROT_READ | PROT_WRITE, MAP_SHARED, engine.journal_fd, 0);
  if (memory == MAP_FAILED) return false;
  header = static_cast<wire::JournalHeader*>(memory);
  if (memcmp(header->magic, wire::kJournalMagic, sizeof header->magic) != 0 || header->version != wire::kVersion) return false;
  salt = header->salt;
  write_at = wire::kJournalStart;
  rung_at = write_at;
  step = nullptr;
  step_begin = step_end = write_at;
  return true;
}

void give_up() {
  if (header != nullptr) munmap(header, wire::kJournalStart);
  header = nullptr;
}

bool append(wire::RecordKind kind, void* first, size_t first_size, const Piece* pieces, size_t count) {
  uint64_t size = first_size;
  for (size_t i = 0; i < count; ++i) size += pieces[i].size;
  const uint64_t padded = round_up(size, 16);
  if (padded > kMostRecord) return false;
  if (step_end - write_at < padded && !make_room(padded)) return false;
  char* const record = step + (write_at - step_begin);
  memcpy(record, first, first_size);
  char* at = record + first_size;
  for (size_t i = 0; i < count; ++i) {
    if (pieces[i].size != 0) memcpy(at, pieces[i].data, pieces[i].size);
    at += pieces[i].size;
  }
  if (padded != size) memset(at, 0, padded - size);
  finish(record, kind, padded);
  return true;
}

template <size_t kSize>
static inline bool append_plain(wire::RecordKind kind, const void* whole) {
  static_assert(kSize % 16 == 0);
  if (step_end - write_at < kSize && !make_room(kSize)) return false;
  char* const record = step + (write_at - step_begin);
  memcpy(record, whole, kSize);
  finish(record, kind, kSize);
  return true;
}
bool append(const wire::ValueRecord& record) { return append_plain<sizeof record>(wire::RecordKind::kValue, &record); }
bool append(const wire::PositionRecord& record) { return append_plain<sizeof record>(wire::RecordKind::kPosition, &record); }
bool append(const wire::NextRecord& record) { return append_plain<sizeof record>(wire::RecordKind::kNext, &record); }

void count_dropped(uint64_t count) { __atomic_store_n(&header->dropped, header->dropped + count, __ATOMIC_RELAXED); }
uint64_t dropped() { return header->dropped; }
uint64_t end() { return __atomic_load_n(&header->end, __ATOMIC_ACQUIRE); }
void close_in_order() { __atomic_store_n(&header->closed, 1, __ATOMIC_RELEASE); }

bool wants_ring() {
  if (write_at - rung_at < kRingEvery) return false;
  rung_at = write_at;
  return true;
}

}  // namespace hindsight::client::journal

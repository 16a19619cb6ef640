#include "runtime/host/pool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

namespace hindsight::host {
namespace {

Error no_memory(const char* doing, std::uint64_t bytes) {
  return Error(ErrorKind::kIo,
               std::string(doing) + " " + std::to_string(bytes) + " bytes of shared memory: " + std::strerror(errno));
}

std::atomic_ref<std::uint32_t> atomic(std::uint32_t& word) { return std::atomic_ref(word); }

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t round_up(std::uint64_t n) { return (n + kPage - 1) / kPage * kPage; }

}  // namespace

Pool::Pool(Pool&& other) noexcept
    : fd_(std::move(other.fd_)),
      limit_(other.limit_),
      memory_(std::exchange(other.memory_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)) {}

Pool::~Pool() {
  if (memory_ != nullptr) ::munmap(memory_, mapped_);
}

Result<Pool> Pool::create(std::uint64_t limit) {
  Pool pool;
  pool.limit_ = limit;
  pool.fd_ = Fd(::memfd_create("hindsight-pool", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!pool.fd_) return no_memory("make", wire::kPoolHeaderBytes);
  if (const int error = ::posix_fallocate(pool.fd_.get(), 0, wire::kPoolHeaderBytes); error != 0) {
    errno = error;
    return no_memory("allocate", wire::kPoolHeaderBytes);
  }
  if (::fcntl(pool.fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK) != 0) return no_memory("seal", wire::kPoolHeaderBytes);
  if (Result<void> mapped = pool.map(wire::kPoolHeaderBytes); !mapped) return std::move(mapped).error();
  pool.header().size = wire::kPoolHeaderBytes;
  return pool;
}

std::uint64_t Pool::size() const {
  struct stat status {};
  return ::fstat(fd_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<void> Pool::map(std::uint64_t bytes) {
  if (bytes <= mapped_) return {};
  void* at = memory_ == nullptr ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0)
                                : ::mremap(memory_, mapped_, bytes, MREMAP_MAYMOVE);
  if (at == MAP_FAILED) return no_memory("map", bytes);
  memory_ = static_cast<char*>(at);
  mapped_ = bytes;
  return {};
}

void Pool::set_state(std::uint32_t slot, wire::SlotState state) {
  atomic(header().slots[slot].state).store(static_cast<std::uint32_t>(state), std::memory_order_release);
}

Result<std::string_view> Pool::filled(std::uint32_t slot, std::uint64_t bytes) {
  const auto damaged = [&](const std::string& what) {
    return Error(ErrorKind::kCorrupt, "slot " + std::to_string(slot) + " of the pool " + what);
  };
  if (slot >= std::min(atomic(header().slot_count).load(std::memory_order_acquire), wire::kMaxSlots))
    return damaged("does not exist");
  if (atomic(header().slots[slot].state).load(std::memory_order_acquire) !=
      static_cast<std::uint32_t>(wire::SlotState::kFull)) {
    return damaged("is not full");
  }
  const std::uint64_t offset = header().slots[slot].offset;
  const std::uint64_t capacity = header().slots[slot].capacity;
  const std::uint64_t allocated = size();
  if (offset < wire::kPoolHeaderBytes || offset % kPage != 0 || offset > allocated || capacity > allocated - offset) {
    return damaged("lies outside the pool");
  }
  if (bytes > capacity) return damaged("is smaller than the state that it should hold");
  if (Result<void> mapped = map(allocated); !mapped) return std::move(mapped).error();
  return std::string_view(memory_ + offset, static_cast<std::size_t>(bytes));
}

void Pool::tell_cost(std::chrono::nanoseconds cost) {
  __atomic_store_n(&header().host_cost, static_cast<std::uint64_t>(cost.count()), __ATOMIC_RELAXED);
}

void Pool::release(std::uint32_t slot) {
  if (slot < wire::kMaxSlots) set_state(slot, wire::SlotState::kFree);
}

void Pool::hand_over(std::uint32_t slot) { set_state(slot, wire::SlotState::kAnswer); }

Result<Pool::Taken> Pool::take(std::uint64_t bytes) {
  bytes = std::max<std::uint64_t>(bytes, 1);
  const std::uint64_t allocated = size();
  if (Result<void> mapped = map(allocated); !mapped) return std::move(mapped).error();
  const std::uint32_t count = std::min(atomic(header().slot_count).load(std::memory_order_acquire), wire::kMaxSlots);
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    const std::uint64_t offset = header().slots[slot].offset;
    const std::uint64_t capacity = header().slots[slot].capacity;
    if (capacity < bytes || offset < wire::kPoolHeaderBytes || offset > allocated || capacity > allocated - offset)
      continue;
    auto free = static_cast<std::uint32_t>(wire::SlotState::kFree);
    if (!atomic(header().slots[slot].state)
             .compare_exchange_strong(free, static_cast<std::uint32_t>(wire::SlotState::kWriting),
                                      std::memory_order_acq_rel)) {
      continue;
    }
    return Taken{slot, std::span<char>(memory_ + offset, static_cast<std::size_t>(capacity))};
  }
  if (count == wire::kMaxSlots)
    return Error(ErrorKind::kIo, "all " + std::to_string(count) + " slots of the pool are in use");
  const std::uint64_t offset = round_up(std::max<std::uint64_t>(allocated, wire::kPoolHeaderBytes));
  const std::uint64_t capacity = round_up(bytes);
  if (const int error = ::posix_fallocate(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(capacity));
      error != 0) {
    errno = error;
    return no_memory("allocate", capacity);
  }
  if (Result<void> mapped = map(offset + capacity); !mapped) return std::move(mapped).error();
  wire::Slot& made = header().slots[count];
  made.offset = offset;
  made.capacity = capacity;
  made.reserved = 0;
  set_state(count, wire::SlotState::kWriting);
  header().size = offset + capacity;
  atomic(header().slot_count).store(count + 1, std::memory_order_release);
  return Taken{count, std::span<char>(memory_ + offset, static_cast<std::size_t>(capacity))};
}

}  // namespace hindsight::host

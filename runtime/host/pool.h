// The memory that a training process copies its state into, seen from the host (wire.h: the pool).
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/host/fd.h"
#include "runtime/wire.h"
#include "store/base/result.h"

namespace hindsight::host {

// What the other process writes there is checked against the memory's real size before it is touched; the memory cannot
// be made smaller again (it is sealed), so that a state once seen stays readable whatever becomes of that process.
class Pool {
 public:
  // `limit`: what the pool may grow to.
  static Result<Pool> create(std::uint64_t limit);
  Pool(Pool&& other) noexcept;
  Pool& operator=(Pool&&) = delete;
  ~Pool();

  int descriptor() const { return fd_.get(); }
  std::uint64_t limit() const { return limit_; }

  // The first `bytes` bytes of a slot that the client has filled. kCorrupt: there is no such slot.
  Result<std::string_view> filled(std::uint32_t slot, std::uint64_t bytes);
  // Tells the client what storing one state costs the host, in CPU time.
  void tell_cost(std::chrono::nanoseconds cost);
  // Gives a filled slot back to the client.
  void release(std::uint32_t slot);

  // A slot of at least `bytes` for an answer: a free one, else a new one. kIo: there is no memory for it.
  struct Taken {
    std::uint32_t slot = 0;
    std::span<char> bytes;  // all of the slot
  };
  Result<Taken> take(std::uint64_t bytes);
  // Hands a taken slot to the client, or gives it up.
  void hand_over(std::uint32_t slot);

 private:
  Pool() = default;
  std::uint64_t size() const;
  Result<void> map(std::uint64_t bytes);
  wire::PoolHeader& header() { return *reinterpret_cast<wire::PoolHeader*>(memory_); }
  void set_state(std::uint32_t slot, wire::SlotState state);

  Fd fd_;
  std::uint64_t limit_ = 0;
  char* memory_ = nullptr;
  std::uint64_t mapped_ = 0;
};

}  // namespace hindsight::host

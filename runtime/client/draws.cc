#include "runtime/client/draws.h"

#include <sys/mman.h>
#include <unistd.h>

#include "runtime/client/archive.h"
#include "runtime/client/engine.h"

namespace hindsight::client::draws {
namespace {

// Room for sources that are added one day: states that are stored keep their shape.
constexpr uint64_t kRoom = 16;
static_assert(wire::kRandomDraws <= kRoom && wire::kDraws - wire::kRandomDraws <= kRoom);

struct Recorded {
  const uint64_t* numbers;  // null: nothing is given back
  uint64_t count;
  int64_t ahead;            // of a clock once all its readings were given back: how far it is ahead of the real one
  bool exhausted;
} recorded[wire::kDraws];

// Only the main thread writes them.
uint64_t taken[wire::kDraws];
bool seen_elsewhere[wire::kDraws];

void put(wire::Draw source, uint64_t number) {
  const hindsight_site site = {wire::kDrawNames[static_cast<size_t>(source)], "", nullptr, 0, static_cast<uint32_t>(wire::SiteKind::kDraw)};
  hindsight_put_scalar(&site, static_cast<uint8_t>(wire::DType::kU64), number);
}

uint64_t give_back(wire::Draw source, uint64_t fresh) {
  Recorded& from = recorded[static_cast<size_t>(source)];
  const uint64_t at = taken[static_cast<size_t>(source)];
  if (at < from.count) {
    from.exhausted = false;
    return from.numbers[at];
  }
  if (from.count == 0 || !is_clock(source) || source == wire::Draw::kOmpWtime) return fresh;
  // Behind the last reading time goes on.
  if (!from.exhausted) {
    from.exhausted = true;
    from.ahead = static_cast<int64_t>(from.numbers[from.count - 1] - fresh);
  }
  return fresh + static_cast<uint64_t>(from.ahead);
}

void cursors(hindsight_archive& archive, const char* name, size_t size, size_t first, size_t last, int small) {
  uint64_t numbers[kRoom] = {};
  for (size_t i = first; i < last; ++i) numbers[i - first] = taken[i];
  hindsight_ar_push(&archive, name, size);
  hindsight_ar_leaf(&archive, static_cast<uint8_t>(wire::DType::kU64), 1, &kRoom, numbers, sizeof numbers, small);
  hindsight_ar_pop(&archive);
  if (archive.mode != HINDSIGHT_LOAD || archive.failed) return;
  for (size_t i = first; i < last; ++i) taken[i] = numbers[i - first];
}

}  // namespace

bool open(int memfd, uint64_t bytes) {
  void* const found = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, memfd, 0);
  close(memfd);
  if (found == MAP_FAILED) return false;
  const auto* const numbers = static_cast<const uint64_t*>(found);
  uint64_t left = bytes / sizeof(uint64_t);
  if (left < wire::kDraws) return false;
  left -= wire::kDraws;
  const uint64_t* next = numbers + wire::kDraws;
  for (size_t i = 0; i < wire::kDraws; ++i) {
    if (numbers[i] > left) return false;
    recorded[i] = {next, numbers[i], 0, false};
    next += numbers[i];
    left -= numbers[i];
  }
  return true;
}

uint64_t draw(wire::Draw source, uint64_t fresh) {
  if (__atomic_load_n(&hindsight_active, __ATOMIC_RELAXED) == 0 || !alive()) return fresh;
  const Undisturbed undisturbed;
  ThreadState& thread = this_thread();
  if (thread.inside || thread.probes != 0) return fresh;
  const auto index = static_cast<size_t>(source);
  if (thread.number != 0) {
    // Told once: what this source gives is then not all recorded.
    if (!__atomic_exchange_n(&seen_elsewhere[index], true, __ATOMIC_RELAXED)) put(source, fresh);
    return fresh;
  }
  const uint64_t number = engine.mode == wire::Mode::kReplay ? give_back(source, fresh) : fresh;
  if (taken[index]++ < wire::kMostDraws) put(source, number);
  return number;
}

void visit(hindsight_archive& archive) {
  hindsight_ar_push(&archive, "draws", 5);
  cursors(archive, "random", 6, 0, wire::kRandomDraws, 1);
  // Which is never compared: whether a clock is read, and how often, may depend on what is only shown.
  cursors(archive, wire::kClock, sizeof wire::kClock - 1, wire::kRandomDraws, wire::kDraws, 0);
  hindsight_ar_pop(&archive);
}

}  // namespace hindsight::client::draws

// abi.h knows nothing of wire.h.
static_assert(HINDSIGHT_DRAW_TORCH_SEED == static_cast<uint32_t>(hindsight::wire::Draw::kTorchSeed));

extern "C" {

void hindsight_draw(uint32_t source, uint64_t* number) {
  if (source < hindsight::wire::kDraws) *number = hindsight::client::draws::draw(static_cast<hindsight::wire::Draw>(source), *number);
}

}  // extern "C"

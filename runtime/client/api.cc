// The seam of the client for values: what the face calls.
#include <string.h>

#include "runtime/client/journal.h"
#include "runtime/client/positions.h"
#include "runtime/client/sites.h"

namespace hindsight::client {
namespace {

// What code logs that a probe's expression calls is none of the program's.
bool is_in_probe(const ThreadState& thread, const hindsight_site& site) {
  return thread.probes > (site.kind == static_cast<uint32_t>(wire::SiteKind::kProbe) ? 1u : 0u);
}

constexpr uint32_t kMostThreads = 0xffff;

// Whether values of the place that the thread is at have been dropped.
bool& incomplete(ThreadState& thread) {
  Frame* frame = thread.top;
  while (frame != nullptr && !frame->begun) frame = frame->parent;
  return frame == nullptr ? thread.incomplete : frame->incomplete;
}

// REQUIRES: the lock. Those that follow at the same place would be taken for it: they are dropped too.
void drop(ThreadState& thread) {
  incomplete(thread) = true;
  journal::count_dropped();
}

// REQUIRES: the lock.
void put(ThreadState& thread, const hindsight_site& site, uint8_t dtype, bool vector, uint64_t bits_or_count, const void* data,
         uint64_t bytes) {
  if (incomplete(thread)) return drop(thread);
  const sites::Site number = sites::number(site);
  const uint64_t position = thread.top == nullptr ? 0 : position_of(*thread.top);
  wire::ValueRecord record;
  record.header = {0, 0};
  record.position = position;
  record.site = number.number;
  record.thread = static_cast<uint16_t>(thread.number);
  record.dtype = dtype;
  record.vector = vector ? 1 : 0;
  record.bits_or_count = bits_or_count;
  bool written = number.number != 0 && position != kNoPosition && thread.number <= kMostThreads;
  if (written && bytes == 0) {
    written = journal::append(record);
  } else if (written) {
    const journal::Piece piece = {data, bytes};
    written = journal::append(wire::RecordKind::kValue, &record, sizeof record, &piece, 1);
  }
  if (written) {
    ++engine.values;
  } else {
    drop(thread);
  }
}

uint64_t element_size(uint8_t dtype) {
  switch (static_cast<wire::DType>(dtype)) {
    case wire::DType::kI16: case wire::DType::kU16: case wire::DType::kF16: case wire::DType::kBF16: return 2;
    case wire::DType::kI32: case wire::DType::kU32: case wire::DType::kF32: return 4;
    case wire::DType::kI64: case wire::DType::kU64: case wire::DType::kF64: case wire::DType::kC64: return 8;
    case wire::DType::kC128: return 16;
    default: return 1;
  }
}

bool is_text(uint8_t dtype) { return dtype >= static_cast<uint8_t>(wire::DType::kText); }

}  // namespace
}  // namespace hindsight::client

using namespace hindsight::client;
namespace wire = hindsight::wire;

extern "C" {

void hindsight_put_scalar(const hindsight_site* site, uint8_t dtype, uint64_t bits) {
  if (!alive()) return;
  ThreadState& thread = this_thread();
  const Inside inside(thread);
  if (!inside || is_in_probe(thread, *site)) return;
  bool far;
  {
    const journal::Lock lock;
    put(thread, *site, dtype, false, bits, nullptr, 0);
    far = journal::wants_ring();
  }
  if (far) ring();
}

void hindsight_put_array(const hindsight_site* site, uint8_t dtype, const void* data, uint64_t count) {
  if (!alive()) return;
  ThreadState& thread = this_thread();
  const Inside inside(thread);
  if (!inside || is_in_probe(thread, *site)) return;
  bool far;
  {
    const journal::Lock lock;
    const uint64_t size = element_size(dtype);
    if (count > ~uint64_t{0} / size) {
      drop(thread);
    } else {
      put(thread, *site, dtype, !is_text(dtype), count, data, count * size);
    }
    far = journal::wants_ring();
  }
  if (far) ring();
}

void hindsight_note(const char* text) {
  if (!alive()) return;
  const journal::Lock lock;
  wire::NoteRecord record = {};
  record.text_bytes = static_cast<uint32_t>(strlen(text));
  const journal::Piece piece = {text, record.text_bytes};
  journal::append(wire::RecordKind::kNote, &record, sizeof record, &piece, 1);
}

}  // extern "C"

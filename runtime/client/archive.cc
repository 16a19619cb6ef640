#include "runtime/client/archive.h"

#include <algorithm>

#include <string.h>

#include "runtime/client/memory.h"
#include "runtime/client/pointers.h"

namespace hindsight::client {
namespace {

using wire::LeafHeader;

constexpr uint64_t round_up(uint64_t n) { return (n + wire::kLeafAlignment - 1) / wire::kLeafAlignment * wire::kLeafAlignment; }

__extension__ typedef unsigned __int128 Wide;

uint64_t fold(uint64_t a, uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

void copy_out(hindsight_archive& archive, uint64_t at, const void* data, uint64_t size) {
  if (size != 0 && at <= archive.capacity && size <= archive.capacity - at) memcpy(archive.out + at, data, size);
}
void zero_out(hindsight_archive& archive, uint64_t at, uint64_t end) {
  if (at < end && end <= archive.capacity) memset(archive.out + at, 0, end - at);
}

// Takes what was written into the reserved place.
void take_pending(hindsight_archive& archive) {
  if (archive.pending_bytes != 0) archive.digest = digest_mix(archive.digest, archive.pending, archive.pending_bytes);
  archive.pending_bytes = 0;
}
bool is_a_reading(const hindsight_archive& archive) {
  constexpr size_t kSize = sizeof wire::kClock - 1;
  return archive.path_size >= kSize && memmem(archive.path, archive.path_size, wire::kClock, kSize) != nullptr;
}
// False: what the leaf holds is not to be hashed.
bool hash_leaf(hindsight_archive& archive, uint8_t dtype, uint8_t ndim, const uint64_t* shape) {
  take_pending(archive);
  ++archive.leaves;
  if (archive.reach != nullptr || is_a_reading(archive)) return false;
  archive.digest = digest_mix(archive.digest ^ dtype, archive.path, archive.path_size);
  if (ndim != 0) archive.digest = digest_mix(archive.digest, shape, ndim * sizeof(uint64_t));
  return true;
}

// Writes everything of a leaf but its data; returns where that belongs.
uint64_t put_header(hindsight_archive& archive, uint8_t dtype, uint8_t ndim, const uint64_t* shape, uint64_t bytes, bool small) {
  ++archive.leaves;
  LeafHeader header = {};
  header.path_bytes = archive.path_size;
  header.dtype = dtype;
  header.ndim = ndim;
  header.small = small ? 1 : 0;
  header.data_bytes = bytes;
  uint64_t at = archive.size;
  copy_out(archive, at, &header, sizeof header);
  at += sizeof header;
  copy_out(archive, at, shape, ndim * sizeof(uint64_t));
  at += ndim * sizeof(uint64_t);
  copy_out(archive, at, archive.path, archive.path_size);
  at += archive.path_size;
  const uint64_t data = round_up(at);
  zero_out(archive, at, data);
  archive.size = round_up(data + bytes);
  zero_out(archive, data + bytes, archive.size);
  return data;
}

// A stored leaf.
struct Stored {
  LeafHeader header;
  const char* shape;
  const char* path;
  const char* data;
  uint64_t end;
  bool found;
};

Stored leaf_at(const char* in, uint64_t in_size, uint64_t at) {
  Stored leaf = {};
  const uint64_t left = in_size - at;
  if (left < sizeof leaf.header) return leaf;
  memcpy(&leaf.header, in + at, sizeof leaf.header);
  const uint64_t before_path = sizeof leaf.header + leaf.header.ndim * sizeof(uint64_t);
  if (left - sizeof leaf.header < leaf.header.ndim * sizeof(uint64_t) || left - before_path < leaf.header.path_bytes) return leaf;
  const uint64_t data = round_up(at + before_path + leaf.header.path_bytes);
  if (data > in_size || leaf.header.data_bytes > in_size - data) return leaf;
  leaf.shape = in + at + sizeof leaf.header;
  leaf.path = in + at + before_path;
  leaf.data = in + data;
  leaf.end = round_up(data + leaf.header.data_bytes);
  if (leaf.end > in_size) leaf.end = in_size;  // only padding is missing
  leaf.found = true;
  return leaf;
}
// The one that comes next.
Stored next(const hindsight_archive& archive) { return leaf_at(archive.in, archive.in_size, archive.at); }

bool are_equal(const Stored& a, const Stored& b) {
  return a.header.dtype == b.header.dtype && a.header.ndim == b.header.ndim && a.header.path_bytes == b.header.path_bytes && a.header.data_bytes == b.header.data_bytes &&
         memcmp(a.shape, b.shape, a.header.ndim * sizeof(uint64_t)) == 0 && memcmp(a.path, b.path, a.header.path_bytes) == 0 && memcmp(a.data, b.data, a.header.data_bytes) == 0;
}

void pass(hindsight_archive& archive, const Stored& leaf) {
  archive.at = leaf.end;
  ++archive.leaves;
}

bool is_at(const hindsight_archive& archive, const Stored& leaf) {
  return leaf.header.path_bytes == archive.path_size && memcmp(leaf.path, archive.path, archive.path_size) == 0;
}

bool is_below(const hindsight_archive& archive, const Stored& leaf) {
  return leaf.header.path_bytes > archive.path_size && memcmp(leaf.path, archive.path, archive.path_size) == 0 &&
         leaf.path[archive.path_size] == '.';
}

void fail_at(hindsight_archive& archive, const char* before, const Stored& leaf) {
  char text[256];
  size_t size = strlen(before);
  memcpy(text, before, size);
  const size_t most = sizeof text - size - 2;
  const size_t length = leaf.header.path_bytes < most ? leaf.header.path_bytes : most;
  memcpy(text + size, leaf.path, length);
  text[size + length] = '\'';
  text[size + length + 1] = 0;
  hindsight_ar_fail(&archive, text);
}

// The next stored leaf if it has the current path, this dtype and so many dimensions.
Stored expect(hindsight_archive& archive, uint8_t dtype, uint8_t ndim) {
  Stored leaf = next(archive);
  if (archive.failed) {
    leaf.found = false;
  } else if (!leaf.found) {
    hindsight_ar_fail(&archive, "is not in what is stored, which ends before it");
  } else if (!is_at(archive, leaf)) {
    fail_at(archive, "is not what is stored in its place: '", leaf);
    leaf.found = false;
  } else if (leaf.header.dtype != dtype || leaf.header.ndim != ndim) {
    hindsight_ar_fail(&archive, "is of another type in what is stored");
    leaf.found = false;
  }
  return leaf;
}

}  // namespace

[[gnu::noinline]] void begin(hindsight_archive& archive, int mode) {
  archive.mode = mode;
  archive.out = nullptr;
  archive.in = nullptr;
  archive.capacity = archive.size = archive.in_size = archive.at = 0;
  archive.digest = 0x9e3779b97f4a7c15ull;
  archive.hashing = false;
  archive.unknown = 0;
  archive.reach = nullptr;
  archive.pending = nullptr;
  archive.pending_bytes = archive.pending_room = 0;
  archive.many = archive.path_size = archive.depth = 0;
  archive.failed = false;
  archive.reason[0] = 0;
  archive.objects = nullptr;
  archive.object_index = nullptr;
  archive.object_count = archive.object_room = archive.index_room = 0;
  archive.objects_met = 0;
  archive.leaves = 0;
  archive.stack = __builtin_frame_address(0);
  archive.scope = {};
  archive.pointers = nullptr;
  begin_pointers(archive);
}

void finish(hindsight_archive& archive) {
  for (uint32_t i = 0; i < archive.object_count; ++i) {
    if (archive.objects[i].destroy != nullptr) archive.objects[i].destroy(archive.objects[i].holder);
  }
  finish_pointers(archive);
  memory::give(archive.pending);
  archive.pending = nullptr;
  archive.pending_bytes = archive.pending_room = 0;
  memory::give(archive.objects);
  memory::give(archive.object_index);
  archive.objects = nullptr;
  archive.object_index = nullptr;
  archive.object_count = archive.object_room = archive.index_room = 0;
}

void note_reach(hindsight_archive& archive, const void* address, uint64_t bytes) {
  Reach* const all = archive.reach;
  const uint64_t begin = reinterpret_cast<uintptr_t>(address), end = begin + bytes;
  // A copy on the stack is gone before the pass ends.
  if (bytes == 0 || archive.scope.temporary != 0 || (address >= __builtin_frame_address(0) && address < archive.stack)) return;
  if (all->known != nullptr) {
    const Reach& known = *all->known;
    uint32_t low = 0, high = known.count;  // the first range that ends behind `begin`
    while (low < high) {
      const uint32_t middle = (low + high) / 2;
      if (known.ranges[middle].end <= begin) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    all->shares = all->shares || (low < known.count && known.ranges[low].begin < end);
    return;
  }
  if (all->count != 0 && all->ranges[all->count - 1].end == begin) {
    all->ranges[all->count - 1].end = end;
    return;
  }
  if (all->count == all->room) {
    const uint32_t room = all->room == 0 ? 256 : all->room * 2;
    auto* const grown = static_cast<Reach::Range*>(memory::resize(all->ranges, room * sizeof(Reach::Range)));
    if (grown == nullptr) {
      all->lost = true;
      return;
    }
    all->ranges = grown;
    all->room = room;
  }
  all->ranges[all->count++] = {begin, end};
}

void tidy(Reach& reach) {
  std::sort(reach.ranges, reach.ranges + reach.count, [](const Reach::Range& a, const Reach::Range& b) { return a.begin < b.begin; });
  uint32_t count = 0;
  for (uint32_t i = 0; i < reach.count; ++i) {
    if (count != 0 && reach.ranges[i].begin <= reach.ranges[count - 1].end) {
      reach.ranges[count - 1].end = std::max(reach.ranges[count - 1].end, reach.ranges[i].end);
    } else {
      reach.ranges[count++] = reach.ranges[i];
    }
  }
  reach.count = count;
}
void release(Reach& reach) {
  memory::give(reach.ranges);
  reach.ranges = nullptr;
  reach.count = reach.room = 0;
}

const char* first_difference(const char* a, uint64_t a_bytes, const char* b, uint64_t b_bytes, uint32_t& path_bytes) {
  for (uint64_t a_at = 0, b_at = 0; a_at < a_bytes || b_at < b_bytes;) {
    const Stored first = leaf_at(a, a_bytes, a_at), second = leaf_at(b, b_bytes, b_at);
    if (!first.found || !second.found || !are_equal(first, second)) {
      const Stored& named = first.found ? first : second;
      path_bytes = named.found ? named.header.path_bytes : 0;
      return named.found ? named.path : "";
    }
    a_at = first.end;
    b_at = second.end;
  }
  return nullptr;
}

void hash_only(hindsight_archive& archive, Reach* reach) {
  archive.hashing = true;
  archive.reach = reach;
}
uint64_t digest_of(hindsight_archive& archive) {
  take_pending(archive);
  return archive.digest;
}

const char* next_path(const hindsight_archive& archive, uint32_t& size) {
  const Stored leaf = next(archive);
  size = leaf.found ? leaf.header.path_bytes : 0;
  return leaf.found ? leaf.path : nullptr;
}

uint64_t digest_mix(uint64_t digest, const void* data, size_t size) {
  const char* p = static_cast<const char*>(data);
  digest ^= size;
  for (; size >= 16; size -= 16, p += 16) {
    uint64_t words[2];
    memcpy(words, p, 16);
    digest = fold(words[0] ^ 0x2d358dccaa6c78a5ull, words[1] ^ digest ^ 0x8bb84b93962eacc9ull);
  }
  uint64_t words[2] = {0, 0};
  memcpy(words, p, size);
  return fold(words[0] ^ 0x2d358dccaa6c78a5ull ^ digest, words[1] ^ 0x4b33a62ed433d4a3ull);
}

void visit_numbers(hindsight_archive& archive, const char* name, void* values, uint64_t count) {
  hindsight_ar_push(&archive, name, strlen(name));
  if (archive.mode == HINDSIGHT_SAVE) {
    hindsight_ar_leaf(&archive, static_cast<uint8_t>(wire::DType::kI64), 1, &count, values, count * sizeof(int64_t), 0);
  } else {
    uint64_t stored_count = 0, bytes = 0;
    const void* const stored = hindsight_ar_peek(&archive, static_cast<uint8_t>(wire::DType::kI64), 1, &stored_count, &bytes);
    if (stored != nullptr && bytes == count * sizeof(int64_t)) {
      memcpy(values, stored, bytes);
    } else {
      hindsight_ar_fail(&archive, "is damaged in what is stored");
    }
    hindsight_ar_consume(&archive);
  }
  hindsight_ar_pop(&archive);
}

const char* visit_text(hindsight_archive& archive, const char* name, const char* value, uint64_t& size, wire::DType dtype) {
  hindsight_ar_push(&archive, name, strlen(name));
  const char* stored = value;
  if (archive.mode == HINDSIGHT_SAVE) {
    void* const room = hindsight_ar_reserve(&archive, static_cast<uint8_t>(dtype), 1, &size, size, 0);
    if (room != nullptr) memcpy(room, value, size);
  } else {
    uint64_t bytes = 0;
    stored = static_cast<const char*>(hindsight_ar_peek(&archive, static_cast<uint8_t>(dtype), 1, &size, &bytes));
    if (stored != nullptr && bytes != size) hindsight_ar_fail(&archive, "is damaged in what is stored");
    hindsight_ar_consume(&archive);
  }
  hindsight_ar_pop(&archive);
  return archive.failed ? nullptr : stored;
}

}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" {

int hindsight_ar_mode(const hindsight_archive* archive) { return archive->mode; }
int hindsight_ar_failed(const hindsight_archive* archive) { return archive->failed ? 1 : 0; }

void hindsight_ar_fail(hindsight_archive* archive, const char* reason) {
  if (archive->failed) return;
  archive->failed = true;
  size_t size = 0;
  const auto add = [&](const char* text, size_t length) {
    const size_t room = sizeof archive->reason - 1 - size;
    if (length > room) length = room;
    memcpy(archive->reason + size, text, length);
    size += length;
  };
  if (archive->path_size != 0) {
    add(archive->path, archive->path_size < 200 ? archive->path_size : 200);
    add(" ", 1);
  }
  add(reason, strlen(reason));
  archive->reason[size] = 0;
}

void hindsight_ar_push(hindsight_archive* archive, const char* name, size_t size) {
  if (archive->depth == sizeof archive->marks / sizeof archive->marks[0] || archive->path_size + size + 1 > sizeof archive->path) {
    hindsight_ar_fail(archive, "is nested too deeply to be captured");
    ++archive->depth;  // keeps push and pop in step; nothing is read from here on
    return;
  }
  if (archive->depth < 256) archive->marks[archive->depth] = static_cast<uint16_t>(archive->path_size);
  ++archive->depth;
  if (archive->path_size != 0) archive->path[archive->path_size++] = '.';
  memcpy(archive->path + archive->path_size, name, size);
  archive->path_size += static_cast<uint32_t>(size);
}

void hindsight_ar_push_index(hindsight_archive* archive, uint64_t index) {
  char digits[20];
  size_t size = 0;
  do {
    digits[sizeof digits - ++size] = static_cast<char>('0' + index % 10);
    index /= 10;
  } while (index != 0);
  hindsight_ar_push(archive, digits + sizeof digits - size, size);
}

void hindsight_ar_pop(hindsight_archive* archive) {
  --archive->depth;
  if (archive->failed) return;
  archive->path_size = archive->marks[archive->depth];
}

int hindsight_ar_enter_many(hindsight_archive* archive) {
  if (archive->mode == HINDSIGHT_SMALL) return 0;
  ++archive->many;
  return 1;
}
void hindsight_ar_leave_many(hindsight_archive* archive) { --archive->many; }

int hindsight_ar_leaf(hindsight_archive* archive, uint8_t dtype, uint8_t ndim, const uint64_t* shape, void* data, uint64_t bytes,
                      int small) {
  if (archive->failed) return 0;
  if (archive->pointers != nullptr) note_place(*archive, data, bytes, ndim != 0);
  switch (archive->mode) {
    case HINDSIGHT_SAVE:
      if (archive->hashing) {
        if (archive->reach != nullptr) note_reach(*archive, data, bytes);
        if (hash_leaf(*archive, dtype, ndim, shape)) archive->digest = digest_mix(archive->digest, data, bytes);
        return 1;
      }
      copy_out(*archive, put_header(*archive, dtype, ndim, shape, bytes, small != 0 && archive->many == 0), data, bytes);
      return 1;
    case HINDSIGHT_SMALL:
      if (small != 0 && archive->many == 0) archive->digest = digest_mix(archive->digest, data, bytes);
      return 1;
    default: {
      const Stored leaf = expect(*archive, dtype, ndim);
      if (!leaf.found) return 0;
      if (leaf.header.data_bytes != bytes || (ndim != 0 && memcmp(leaf.shape, shape, ndim * sizeof(uint64_t)) != 0)) {
        hindsight_ar_fail(archive, "has another shape in what is stored");
        return 0;
      }
      // What is the same is not written: it may be constant, in memory that cannot be written.
      if (archive->mode == HINDSIGHT_LOAD && bytes != 0 && memcmp(data, leaf.data, bytes) != 0) memcpy(data, leaf.data, bytes);
      pass(*archive, leaf);
      return 1;
    }
  }
}

void* hindsight_ar_reserve(hindsight_archive* archive, uint8_t dtype, uint8_t ndim, const uint64_t* shape, uint64_t bytes,
                           int small) {
  if (archive->failed || archive->mode != HINDSIGHT_SAVE) return nullptr;
  if (archive->hashing) {
    if (!hash_leaf(*archive, dtype, ndim, shape)) return nullptr;
    if (bytes > archive->pending_room) {
      memory::give(archive->pending);
      archive->pending = memory::take(bytes);
      archive->pending_room = archive->pending == nullptr ? 0 : bytes;
      if (archive->pending == nullptr) hindsight_ar_fail(archive, "could not be read: no memory");
    }
    archive->pending_bytes = archive->pending == nullptr ? 0 : bytes;
    return archive->pending;
  }
  const uint64_t data = put_header(*archive, dtype, ndim, shape, bytes, small != 0 && archive->many == 0);
  return archive->size <= archive->capacity ? archive->out + data : nullptr;
}

const void* hindsight_ar_peek(hindsight_archive* archive, uint8_t dtype, uint8_t ndim, uint64_t* shape, uint64_t* bytes) {
  const Stored leaf = expect(*archive, dtype, ndim);
  if (!leaf.found) return nullptr;
  if (ndim != 0) memcpy(shape, leaf.shape, ndim * sizeof(uint64_t));
  *bytes = leaf.header.data_bytes;
  return leaf.data;
}

void hindsight_ar_consume(hindsight_archive* archive) {
  const Stored leaf = next(*archive);
  if (!archive->failed && leaf.found) pass(*archive, leaf);
}

void hindsight_ar_skip(hindsight_archive* archive) {
  if (archive->failed) return;
  for (;;) {
    const Stored leaf = next(*archive);
    if (!leaf.found || (!is_at(*archive, leaf) && !is_below(*archive, leaf))) return;
    pass(*archive, leaf);
  }
}

int64_t hindsight_ar_find_object(hindsight_archive* archive, const void* address, uint64_t type) {
  ++archive->objects_met;
  if (archive->index_room == 0) return -1;
  const uint64_t hash = (reinterpret_cast<uintptr_t>(address) >> 4) * 0x9e3779b97f4a7c15ull;
  for (uint32_t at = static_cast<uint32_t>(hash >> 32) & (archive->index_room - 1); archive->object_index[at] != 0;
       at = (at + 1) & (archive->index_room - 1)) {
    const hindsight_archive::Object& object = archive->objects[archive->object_index[at] - 1];
    if (object.address == address && object.type == type) return archive->object_index[at] - 1;
  }
  return -1;
}

int64_t hindsight_ar_add_object(hindsight_archive* archive, const void* address, uint64_t type, void* holder,
                                void (*destroy)(void* holder)) {
  ++archive->objects_met;
  if (archive->reach != nullptr) note_reach(*archive, address, 1);
  const auto put = [archive](uint32_t number) {
    const uint64_t hash = (reinterpret_cast<uintptr_t>(archive->objects[number].address) >> 4) * 0x9e3779b97f4a7c15ull;
    uint32_t at = static_cast<uint32_t>(hash >> 32) & (archive->index_room - 1);
    while (archive->object_index[at] != 0) at = (at + 1) & (archive->index_room - 1);
    archive->object_index[at] = number + 1;
  };
  if (archive->object_count == archive->object_room) {
    const uint32_t room = archive->object_room == 0 ? 16 : archive->object_room * 2;
    auto* objects = static_cast<hindsight_archive::Object*>(memory::resize(archive->objects, room * sizeof(hindsight_archive::Object)));
    if (objects != nullptr) archive->objects = objects;
    auto* index = static_cast<uint32_t*>(memory::take_zeroed(room * 2, sizeof(uint32_t)));
    if (objects == nullptr || index == nullptr) {
      memory::give(index);
      if (destroy != nullptr) destroy(holder);
      hindsight_ar_fail(archive, "could not be visited: no memory");
      return -1;
    }
    memory::give(archive->object_index);
    archive->object_index = index;
    archive->object_room = room;
    archive->index_room = room * 2;
    for (uint32_t i = 0; i < archive->object_count; ++i) put(i);
  }
  archive->objects[archive->object_count] = {address, type, holder, destroy};
  put(archive->object_count);
  return archive->object_count++;
}

void* hindsight_ar_object(hindsight_archive* archive, int64_t number, uint64_t type) {
  if (number < 0 || number >= archive->object_count || archive->objects[number].type != type) return nullptr;
  return archive->objects[number].holder;
}

}  // extern "C"

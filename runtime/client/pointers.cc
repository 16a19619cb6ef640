// A pass visits all that is reached without pointers first and notes where it lies. Then the pointers, in the order in which they were met: into a
// place that was visited, into a block that another pointer reached, or first to reach a block, whose elements are visited then and may hold
// pointers themselves. Put off until nothing else is left are single objects from `new`, which a container visited later might own, and pointers
// into the middle of a block, which say least of what it holds. A variable that lives (live.h) is visited with the first pointer into it, as a block
// is. When restoring, the stored order decides.
#include "runtime/client/pointers.h"

#include <algorithm>

#include <string.h>

#include "runtime/client/image.h"
#include "runtime/client/live.h"
#include "runtime/client/memory.h"
#include "runtime/client/symbols.h"

// Not there in a program that is not linked with heap.h's flags: then no block is known.
extern "C" __attribute__((weak)) int hindsight_heap_find(const void* address, hindsight_block* block);
// Not there in a program whose state has no pointers.
extern "C" __attribute__((weak)) void hindsight_has_pointers();

namespace hindsight::client {
namespace {

enum Kind : int64_t { kNull = 0, kPlace = 1, kOwned = 2, kBlock = 3, kText = 4, kConstant = 5, kFunction = 6, kScope = 7 };
constexpr uint8_t kI64 = static_cast<uint8_t>(wire::DType::kI64), kTextType = static_cast<uint8_t>(wire::DType::kText);
constexpr uint32_t kLongPath = 200;
constexpr char kMark = '*', kRecord[] = ".to";  // around the path of a pointer: that of its record
constexpr uint32_t kRecordBytes = sizeof kRecord - 1;

struct Record {
  int64_t kind;
  int64_t which;   // kPlace: of the leaf that comes next after it; kOwned, kBlock, kScope: the block's number
  int64_t index;   // kPlace: among those with that leaf; kOwned: the dynamic type
  int64_t offset;
};
struct Extent {
  int64_t bytes, kind, alignment, count;
};
struct Scope {
  int64_t bytes, type, element;
  int64_t number;  // among those of its name and type, the innermost being 0
};

template <class T>
struct Array {
  T* items;
  uint32_t count, room;

  bool add(const T& item) {
    if (count == room) {
      const uint32_t more = room == 0 ? 64 : room * 2;
      T* const grown = static_cast<T*>(memory::resize(items, more * sizeof(T)));
      if (grown == nullptr) return false;
      items = grown;
      room = more;
    }
    items[count++] = item;
    return true;
  }
  T& operator[](uint64_t i) { return items[i]; }
};

// Numbers by hash, open addressing.
struct Index {
  uint32_t* cells;  // of + 1
  uint32_t room;
};

struct Place {
  uint64_t address, bytes;
  uint64_t leaf;
  uint32_t level;
  bool is_array;
};
struct Sorted {
  uint64_t address;
  uint64_t reach;  // the largest end of it and of all before it
  uint32_t place;
};
struct Slot {
  void* at;
  const hindsight_pointee* pointee;
  char* path;
  uint32_t path_size;
  bool done;
  uint64_t hash;
};
struct Block {
  const char* base;  // null: will be made
  uint64_t bytes;
  bool is_number;
  bool is_scope;
};

}  // namespace

struct Pointers {
  Array<Place> places;
  Array<Sorted> sorted;  // by address; the places from `in_order` on are not in it yet
  uint32_t in_order;
  Array<Slot> slots;
  Index slot_index;      // by path; unresolved ones too
  uint32_t indexed;
  uint32_t begin[3];     // per level of patience: the first slot that may not have been looked at
  uint32_t left;
  Array<uint8_t> levels;
  Array<Block> blocks;
  Variable* variables;   // that live
  uint32_t variable_count;
  uint32_t scopes;       // of them that pointers have reached
  bool resolving;
};

namespace {

uint64_t address_of(const void* p) { return reinterpret_cast<uintptr_t>(p); }
void no_memory(hindsight_archive& archive) { hindsight_ar_fail(&archive, "could not be visited: no memory"); }

// Called by what the visiting code calls: its variables lie between this frame and the pass's.
bool is_temporary(const hindsight_archive& archive, const void* address) {
  return address >= __builtin_frame_address(0) && address < archive.stack;
}

// ---- places -----------------------------------------------------------------------------------------------------

bool by_address(const Sorted& a, const Sorted& b) { return a.address != b.address ? a.address < b.address : a.place < b.place; }

bool sort_places(Pointers& all) {
  for (; all.in_order < all.places.count; ++all.in_order) {
    const Place& place = all.places[all.in_order];
    if (!all.sorted.add({place.address, 0, all.in_order})) return false;
  }
  std::sort(all.sorted.items, all.sorted.items + all.sorted.count, by_address);  // in place: qsort takes memory from the program's heap
  uint64_t reach = 0;
  for (uint32_t i = 0; i < all.sorted.count; ++i) {
    const Place& place = all.places[all.sorted[i].place];
    if (place.address + place.bytes > reach) reach = place.address + place.bytes;
    all.sorted[i].reach = reach;
  }
  return true;
}

// Calls `look(place number)` for every place that begins at or before `last` and reaches `first`, its end included.
template <class Look>
void each_place(Pointers& all, uint64_t first, uint64_t last, Look look) {
  if (all.places.count - all.in_order > 64 + all.places.count / 64 && !sort_places(all)) return;
  uint32_t low = 0, high = all.sorted.count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    if (all.sorted[middle].address <= last) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  while (low-- > 0 && all.sorted[low].reach >= first) look(all.sorted[low].place);
  for (uint32_t i = all.in_order; i < all.places.count; ++i) {
    if (all.places[i].address <= last) look(i);
  }
}

// The first place that `address` lies in, or whose end it is; -1: none; -2: it could mean two.
int64_t find_place(Pointers& all, uint64_t address) {
  uint64_t inside = UINT64_MAX, end = UINT64_MAX;
  each_place(all, address, address, [&](uint32_t number) {
    const Place& place = all.places[number];
    if (address - place.address < place.bytes) {
      if (number < inside) inside = number;
    } else if (place.is_array && address == place.address + place.bytes && number < end) {
      end = number;
    }
  });
  if (inside == UINT64_MAX) return end == UINT64_MAX ? -1 : static_cast<int64_t>(end);
  return end != UINT64_MAX && all.places[inside].address == address ? -2 : static_cast<int64_t>(inside);
}

bool holds_places(Pointers& all, const void* begin, uint64_t bytes) {
  bool found = false;
  const uint64_t base = address_of(begin);
  each_place(all, base, base + bytes, [&](uint32_t number) {
    const Place& place = all.places[number];
    found = found || (place.address < base + bytes && place.address + place.bytes > base);
  });
  return found;
}

const Place* place_of(Pointers& all, uint64_t leaf, uint64_t level) {
  uint32_t low = 0, high = all.places.count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    const Place& place = all.places[middle];
    if (place.leaf < leaf || (place.leaf == leaf && place.level < level)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < all.places.count && all.places[low].leaf == leaf && all.places[low].level == level ? &all.places[low] : nullptr;
}

// ---- blocks -----------------------------------------------------------------------------------------------------

constexpr uint64_t kBlockType = 0x68656170626c6f63ull;  // beside the types of objects, in the archive's table of those

// The block that `address` lies in or is the end of.
bool find_block(const void* address, hindsight_block& block) {
  if (hindsight_heap_block(address, &block) != 0) return true;
  const char* const before = static_cast<const char*>(address) - 1;
  return hindsight_heap_block(before, &block) != 0 && static_cast<const char*>(block.base) + block.bytes == address;
}

// The number of a block that a pointer reached already, or -1.
int64_t number_of(hindsight_archive& archive, const void* base) {
  const int64_t object = hindsight_ar_find_object(&archive, base, kBlockType);
  return object < 0 ? -1 : static_cast<int64_t>(reinterpret_cast<uintptr_t>(hindsight_ar_object(&archive, object, kBlockType)));
}

bool add_block(hindsight_archive& archive, const Block& block) {
  Pointers& all = *archive.pointers;
  if (block.base != nullptr && hindsight_ar_add_object(&archive, block.base, kBlockType, reinterpret_cast<void*>(uintptr_t{all.blocks.count}),
                                                       nullptr) < 0) {
    return false;
  }
  if (all.blocks.add(block)) return true;
  no_memory(archive);
  return false;
}

// How a block would be visited through this pointer.
struct Claim {
  char* first;
  uint64_t count;
  int64_t index;
  uint8_t level;       // of patience
  const char* problem; // null: none
};

// Does any word of it look like a pointer to a block? Then it is not numbers.
bool holds_addresses(const hindsight_block& block) {
  const char* const base = static_cast<const char*>(block.base);
  for (uint64_t at = 0; at + 8 <= block.bytes; at += 8) {
    uint64_t word;
    memcpy(&word, base + at, 8);
    hindsight_block other;
    if (word >> 36 == address_of(base) >> 36 && hindsight_heap_block(reinterpret_cast<const void*>(word), &other) != 0) return true;
  }
  return false;
}

Claim examine(Pointers& all, const hindsight_pointee& pointee, const void* pointer, const hindsight_block& block) {
  Claim claim = {static_cast<char*>(const_cast<void*>(block.base)), 0, 0, 2, nullptr};
  const void* start = pointer;
  uint64_t bytes = pointee.bytes;
  const char* const end = claim.first + block.bytes;
  const auto problem = [&](const char* text) {
    claim.problem = text;
    return claim;
  };
  if (bytes == 0) return problem("points to a block of the heap, but its type does not say what that holds");
  if (block.kind == HINDSIGHT_NEW_ARRAY) claim.first += pointee.cookie;
  if (pointee.dynamic != nullptr) {
    if (static_cast<const char*>(pointer) + sizeof(void*) > end || address_of(pointer) % sizeof(void*) != 0) {
      return problem("points to the end of a block, where no object is");
    }
    if (block.kind != HINDSIGHT_NEW_ARRAY && block.bytes < pointee.bytes) return problem("points to a block that is too small for its class");
    claim.index = pointee.dynamic(pointer, &start, &bytes);
    if (claim.index < 0) return problem(pointee.name(pointer, -1));
  }
  const int64_t within = static_cast<const char*>(start) - claim.first;
  const uint64_t room = end >= claim.first ? static_cast<uint64_t>(end - claim.first) : 0;
  claim.count = room / bytes;
  claim.level = block.kind == HINDSIGHT_NEW ? 1 : within == 0 ? 0 : 2;
  if (block.kind == HINDSIGHT_NEW && (block.bytes != bytes || (within != 0 && static_cast<uint64_t>(within) != bytes))) {
    return problem("points into memory that a container or another object manages, which is not part of the state");
  }
  if (room % bytes != 0 || within < 0 || static_cast<uint64_t>(within) % bytes != 0) {
    return problem("points into a block of the heap that does not hold a whole number of what it points to");
  }
  if (claim.first != block.base) {
    uint64_t elements;
    memcpy(&elements, claim.first - sizeof elements, sizeof elements);
    if (elements != claim.count) return problem("points into a block of the heap that was not made as an array of what it points to");
  }
  if (holds_places(all, block.base, block.bytes)) return problem("points to a block of the heap of which only a part is state otherwise");
  if (pointee.is_number != 0 && claim.level == 2 && holds_addresses(block)) {
    return problem("points to numbers in a block that holds pointers as well: point to its begin with its own type");
  }
  return claim;
}

// ---- slots ------------------------------------------------------------------------------------------------------

void index_slot(Pointers& all, uint32_t number) {
  uint32_t at = static_cast<uint32_t>(all.slots[number].hash) & (all.slot_index.room - 1);
  while (all.slot_index.cells[at] != 0) at = (at + 1) & (all.slot_index.room - 1);
  all.slot_index.cells[at] = number + 1;
}

bool index_slots(Pointers& all) {
  if ((all.slots.count + 1) * 2 > all.slot_index.room) {
    uint32_t room = 128;
    while (room < all.slots.count * 4) room *= 2;
    auto* const cells = static_cast<uint32_t*>(memory::take_zeroed(room, sizeof(uint32_t)));
    if (cells == nullptr) return false;
    memory::give(all.slot_index.cells);
    all.slot_index = {cells, room};
    all.indexed = 0;
  }
  while (all.indexed < all.slots.count) index_slot(all, all.indexed++);
  return true;
}

Slot* find_slot(Pointers& all, const char* path, uint32_t size) {
  const uint64_t hash = digest_mix(1, path, size);
  for (uint32_t at = static_cast<uint32_t>(hash) & (all.slot_index.room - 1); all.slot_index.cells[at] != 0;
       at = (at + 1) & (all.slot_index.room - 1)) {
    Slot& slot = all.slots[all.slot_index.cells[at] - 1];
    if (!slot.done && slot.hash == hash && slot.path_size == size && memcmp(slot.path, path, size) == 0) return &slot;
  }
  return nullptr;
}

// What a pointer is stored as has a path beside the one of the object that the pointer is in: what skips that object does not skip it.
void push_marked(hindsight_archive& archive, const char* path, uint32_t size) {
  char marked[sizeof archive.path];
  if (size >= sizeof marked) size = sizeof marked - 1;  // push refuses it
  marked[0] = kMark;
  memcpy(marked + 1, path, size);
  hindsight_ar_push(&archive, marked, size + 1);
}

void done(Pointers& all, Slot& slot) {
  slot.done = true;
  --all.left;
}

// The elements have the pointer's path, or a short one of their own where that would grow from element to element of a list.
class AtElements {
 public:
  AtElements(hindsight_archive& archive, uint64_t number) : archive_(archive), short_(archive.path_size > kLongPath) {
    if (!short_) {
      hindsight_ar_push(&archive, "value", 5);
      return;
    }
    // One segment deep: the pointer's path.
    memcpy(path_, archive.path, archive.path_size);
    size_ = archive.path_size;
    hindsight_ar_pop(&archive);
    hindsight_ar_push(&archive, "heap#", 5);
    hindsight_ar_push_index(&archive, number);
  }
  ~AtElements() {
    hindsight_ar_pop(&archive_);
    if (!short_) return;
    hindsight_ar_pop(&archive_);
    hindsight_ar_push(&archive_, path_, size_);
  }
  AtElements(const AtElements&) = delete;
  AtElements& operator=(const AtElements&) = delete;

 private:
  hindsight_archive& archive_;
  const bool short_;
  size_t size_ = 0;
  char path_[sizeof(hindsight_archive::path)];
};

// SAVE: the pointer leads to a function, or into a constant, by its name.
void named(hindsight_archive& archive, const void* pointer, const hindsight_pointee& pointee, Kind kind) {
  if (archive.hashing) return;  // a probe may shift the name
  char name[symbols::kMostBytes];
  uint64_t offset = 0;
  if (const char* const problem = symbols::name_of(pointer, kind == kFunction, pointee.bytes, name, offset)) return hindsight_ar_fail(&archive, problem);
  Record record = {kind, 0, 0, static_cast<int64_t>(offset)};
  visit_numbers(archive, "to", &record, 4);
  uint64_t size = strlen(name) + 1;
  visit_text(archive, "name", name, size);
}

template <class Visit>
void visit_block(hindsight_archive& archive, uint64_t number, Visit visit) {
  const Block block = archive.pointers->blocks[number];
  const hindsight_scope before = archive.scope;
  archive.scope = {block.base, block.bytes, nullptr, 0};
  {
    const AtElements at_elements(archive, number);
    visit();
  }
  archive.scope = before;
}
void visit_elements(hindsight_archive& archive, const hindsight_pointee& pointee, uint64_t number, const Claim& claim) {
  visit_block(archive, number, [&] { pointee.visit(&archive, claim.first, claim.count, claim.index); });
}

// ---- variables that live ----------------------------------------------------------------------------------------

bool list_variables(Pointers& all) {
  const uint32_t count = live_variables(nullptr, 0);
  if (count == 0) return true;
  all.variables = static_cast<Variable*>(memory::take(count * sizeof(Variable)));
  if (all.variables == nullptr) return false;
  const uint32_t now = live_variables(all.variables, count);
  all.variable_count = now < count ? now : count;
  return true;
}

bool is_within(const Variable& variable, uint64_t address) { return address - address_of(variable.object) < variable.type->bytes; }

// The innermost variable that `address` lies in, or else the array whose end it is. Null: there is none. `doubt`: it could be either.
const Variable* find_variable(const Pointers& all, const hindsight_pointee& pointee, uint64_t address, bool& doubt) {
  // No pointer to an object is the end of numbers.
  const auto may_end = [&](const hindsight_live_type& type) {
    return type.element != 0 && (pointee.bytes == 0 || (type.is_number == pointee.is_number && type.element % pointee.bytes == 0));
  };
  const Variable *inside = nullptr, *end = nullptr;
  for (uint32_t i = 0; i < all.variable_count; ++i) {
    const Variable& variable = all.variables[i];
    if (inside == nullptr && is_within(variable, address)) inside = &variable;
    if (end == nullptr && address == address_of(variable.object) + variable.type->bytes && may_end(*variable.type)) end = &variable;
  }
  doubt = inside != nullptr && end != nullptr && address_of(inside->object) == address;
  return inside != nullptr ? inside : end;
}

bool are_alike(const Variable& variable, const char* name, uint64_t size, int64_t type) {
  return static_cast<int64_t>(variable.type->type) == type && strlen(variable.name) == size && memcmp(variable.name, name, size) == 0;
}

// What only hashes goes on.
void cannot_follow(hindsight_archive& archive, const char* problem) {
  if (!archive.hashing) return hindsight_ar_fail(&archive, problem);
  ++archive.unknown;
}

void cannot_follow_into(hindsight_archive& archive, const char* before, const char* name, uint64_t size, const char* after) {
  char text[400];
  uint64_t length = 0;
  const auto add = [&](const char* more, uint64_t bytes) {
    if (bytes > sizeof text - 1 - length) bytes = sizeof text - 1 - length;
    memcpy(text + length, more, bytes);
    length += bytes;
  };
  add(before, strlen(before));
  if (size != 0) {
    add("'", 1);
    add(name, size < 200 ? size : 200);
    add("'", 1);
  } else {
    add("without a name", 14);
  }
  add(after, strlen(after));
  text[length] = 0;
  cannot_follow(archive, text);
}

constexpr char kPartly[] = ", of which only a part is state otherwise";

// What a library gives out and fills anew at a later call (gmtime(), ctime()): its bytes, as far as the type says how many there are.
void hash_in_place(hindsight_archive& archive, const hindsight_pointee& pointee, const Image& image) {
  const uint64_t most = image.end - image.address, bytes = pointee.is_text != 0 ? text_bytes(image) : pointee.bytes + pointee.looked_at;
  archive.digest = digest_mix(archive.digest, reinterpret_cast<const void*>(image.address), bytes < most ? bytes : most);
}

// The pointer leads into the variable, which nothing else of the state covers.
void save_scope(hindsight_archive& archive, const Variable& variable, int64_t offset) {
  Pointers& all = *archive.pointers;
  const uint64_t size = strlen(variable.name);
  const auto type = static_cast<int64_t>(variable.type->type);
  int64_t number = number_of(archive, variable.object);
  Record record = {number >= 0 ? kBlock : kScope, number, 0, offset};
  if (number >= 0) return visit_numbers(archive, "to", &record, 4);
  if (holds_places(all, variable.object, variable.type->bytes)) {
    return cannot_follow_into(archive, "points into the variable ", variable.name, size, kPartly);
  }
  record.which = number = all.blocks.count;
  if (!add_block(archive, {static_cast<const char*>(variable.object), variable.type->bytes, false, true})) return;
  ++all.scopes;
  Scope scope = {static_cast<int64_t>(variable.type->bytes), type, static_cast<int64_t>(variable.type->element), 0};
  for (const Variable* inner = all.variables; inner != &variable; ++inner) {
    if (are_alike(*inner, variable.name, size, type)) ++scope.number;
  }
  visit_numbers(archive, "to", &record, 4);
  visit_numbers(archive, "scope", &scope, 4);
  uint64_t name_size = size;
  visit_text(archive, "name", variable.name, name_size);
  visit_block(archive, static_cast<uint64_t>(number), [&] { variable.type->visit(&archive, const_cast<void*>(variable.object)); });
}

// ---- saving -----------------------------------------------------------------------------------------------------

// False: to be asked again when nothing of a lower level is left.
bool save_slot(hindsight_archive& archive, const Slot& slot, uint8_t level, uint8_t& wanted) {
  Pointers& all = *archive.pointers;
  const hindsight_pointee& pointee = *slot.pointee;
  void* pointer;
  memcpy(&pointer, slot.at, sizeof pointer);
  Record record = {kNull, 0, 0, 0};
  if (pointer == nullptr) {
    visit_numbers(archive, "to", &record, 4);
    return true;
  }
  if (pointee.is_function != 0) {
    named(archive, pointer, pointee, kFunction);
    return true;
  }
  const int64_t place = find_place(all, address_of(pointer));
  bool doubt = false;
  const Variable* const variable = find_variable(all, pointee, address_of(pointer), doubt);
  if (place >= 0 && variable != nullptr && is_within(*variable, address_of(pointer))) {
    const Place& to = all.places[static_cast<uint64_t>(place)];
    const uint64_t end = to.address + to.bytes;
    doubt = address_of(pointer) == end;  // where the variable, or what it holds next, begins
    if (!doubt && address_of(pointer) + pointee.bytes > end) {  // to all of the object, of which the place is the first member
      cannot_follow_into(archive, "points into the variable ", variable->name, strlen(variable->name), kPartly);
      return true;
    }
  }
  if (place == -2 || doubt) {
    cannot_follow(archive, "may mean the end of one variable or the begin of the next one");
    return true;
  }
  if (place >= 0) {
    const Place& to = all.places[static_cast<uint64_t>(place)];
    record = {kPlace, static_cast<int64_t>(to.leaf), to.level, static_cast<int64_t>(address_of(pointer) - to.address)};
    visit_numbers(archive, "to", &record, 4);
    return true;
  }
  if (variable != nullptr) {
    save_scope(archive, *variable, static_cast<int64_t>(address_of(pointer) - address_of(variable->object)));
    return true;
  }
  hindsight_block block;
  if (find_block(pointer, block)) {
    const int64_t offset = static_cast<const char*>(pointer) - static_cast<const char*>(block.base);
    int64_t number = number_of(archive, block.base);
    if (number >= 0) {
      if (all.blocks[static_cast<uint64_t>(number)].is_number && pointee.bytes != 0 && pointee.is_number == 0) {
        cannot_follow(archive, "points to an object in a block that another pointer declares to hold numbers");
        return true;
      }
      record = {kBlock, number, 0, offset};
      visit_numbers(archive, "to", &record, 4);
      return true;
    }
    const Claim claim = examine(all, pointee, pointer, block);
    if (claim.problem != nullptr ? level < 2 : claim.level > level) {
      wanted = claim.problem != nullptr ? 2 : claim.level;
      return false;
    }
    if (claim.problem != nullptr) {
      cannot_follow(archive, claim.problem);
      return true;
    }
    number = all.blocks.count;
    if (!add_block(archive, {static_cast<const char*>(block.base), block.bytes, pointee.is_number != 0, false})) return true;
    record = {kOwned, number, claim.index, offset};
    visit_numbers(archive, "to", &record, 4);
    Extent extent = {static_cast<int64_t>(block.bytes), block.kind, block.alignment, static_cast<int64_t>(claim.count)};
    visit_numbers(archive, "block", &extent, 4);
    if (pointee.dynamic != nullptr) {
      const char* const name = pointee.name(nullptr, claim.index);
      uint64_t size = strlen(name);
      visit_text(archive, "class", name, size);
    }
    visit_elements(archive, pointee, static_cast<uint64_t>(number), claim);
    return true;
  }
  const Image image = image_of(pointer);
  if (image.found && image.constant) {
    uint64_t size = pointee.is_text != 0 ? text_bytes(image) : 0;
    if (size == 0) {
      named(archive, pointer, pointee, kConstant);
      return true;
    }
    record.kind = kText;
    visit_numbers(archive, "to", &record, 4);
    visit_text(archive, "text", static_cast<const char*>(pointer), size);
    return true;
  }
  if (level < 2) {  // what is visited later may hold it
    wanted = 2;
    return false;
  }
  if (archive.hashing && image.found) hash_in_place(archive, pointee, image);
  cannot_follow(archive, image.found ? "points to a global variable that is not part of the state"
                                     : "points into memory that nobody knows: nothing of the state is there, and no block that the "
                                       "program's own code allocated (a block that was freed, a finished function's variable, a "
                                       "library's memory?)");
  return true;
}

void save_all(hindsight_archive& archive) {
  Pointers& all = *archive.pointers;
  while (all.left != 0 && !archive.failed) {
    uint32_t next = 0;
    uint8_t level = 0;
    for (;; ++level) {
      if (level == 3) return hindsight_ar_fail(&archive, "a pointer was forgotten");
      uint32_t& from = all.begin[level];
      // Slots of this level or below that are not done; those of a lower one are all done by now.
      while (from < all.slots.count && (all.slots[from].done || (from < all.levels.count && all.levels[from] > level))) ++from;
      next = from;
      if (next < all.slots.count) break;
    }
    while (all.levels.count < all.slots.count) {
      if (!all.levels.add(0)) return no_memory(archive);
    }
    const Slot slot = all.slots[next];  // a copy: visiting adds more
    push_marked(archive, slot.path, slot.path_size);
    uint8_t wanted = level;
    if (save_slot(archive, slot, level, wanted)) {
      done(all, all.slots[next]);
    } else {
      all.levels[next] = wanted;
      if (all.begin[wanted] > next) all.begin[wanted] = next;
    }
    if (!archive.failed) hindsight_ar_pop(&archive);
  }
}

// ---- checking and restoring -------------------------------------------------------------------------------------

void set(const Slot& slot, const void* pointer) {
  if (memcmp(slot.at, &pointer, sizeof pointer) != 0) memcpy(slot.at, &pointer, sizeof pointer);  // as in a leaf: it may be constant
}

void restore_owned(hindsight_archive& archive, const Slot* slot, const Record& record) {
  Pointers& all = *archive.pointers;
  Extent extent = {};
  visit_numbers(archive, "block", &extent, 4);
  if (archive.failed) return;
  const hindsight_block stored = {nullptr, static_cast<uint64_t>(extent.bytes), static_cast<uint32_t>(extent.kind),
                                  static_cast<uint32_t>(extent.alignment)};
  const uint64_t number = all.blocks.count;
  if (record.which != static_cast<int64_t>(number)) return hindsight_ar_fail(&archive, "is damaged in what is stored");
  uint32_t size = 0;
  const char* const path = next_path(archive, size);
  if (size == archive.path_size + 6 && memcmp(path + archive.path_size, ".class", 6) == 0) {
    uint64_t length = 0;
    const char* const name = visit_text(archive, "class", nullptr, length);
    if (archive.failed) return;
    if (slot != nullptr) {
      const char* const known = slot->pointee->dynamic == nullptr ? "" : slot->pointee->name(nullptr, record.index);
      if (known == nullptr || strlen(known) != length || memcmp(known, name, length) != 0) {
        return hindsight_ar_fail(&archive, "pointed to an object of a class that is not known here any more");
      }
    }
  }
  if (slot != nullptr && (slot->pointee->bytes == 0 || (slot->pointee->dynamic == nullptr ? record.index != 0
                                                                                          : slot->pointee->name(nullptr, record.index) == nullptr))) {
    return hindsight_ar_fail(&archive, "is of another type in what is stored");
  }
  Claim claim = {nullptr, 0, 0, 0, nullptr};
  hindsight_block block = {};
  bool in_place = false;
  if (slot != nullptr) {
    void* pointer;
    memcpy(&pointer, slot->at, sizeof pointer);
    if (pointer != nullptr && find_block(pointer, block) && block.bytes == stored.bytes && block.kind == stored.kind &&
        block.alignment == stored.alignment && number_of(archive, block.base) < 0) {
      claim = examine(all, *slot->pointee, pointer, block);
      in_place = claim.problem == nullptr && claim.index == record.index && static_cast<int64_t>(claim.count) == extent.count;
    }
    if (!in_place) {
      void* const made = slot->pointee->make(&stored, static_cast<uint64_t>(extent.count), record.index, archive.mode == HINDSIGHT_CHECK);
      if (made == nullptr) {
        return hindsight_ar_fail(&archive, "pointed to a block that is not there now and cannot be made: no default constructor, no memory, or an "
                                           "alignment of its own");
      }
      block.base = made;
      block.bytes = stored.bytes;
      claim = {static_cast<char*>(made) + (stored.kind == HINDSIGHT_NEW_ARRAY ? slot->pointee->cookie : 0), static_cast<uint64_t>(extent.count),
               record.index, 0, nullptr};
    }
  }
  const bool is_there = slot != nullptr && (in_place || archive.mode == HINDSIGHT_LOAD);
  if (!add_block(archive, {is_there ? static_cast<const char*>(block.base) : nullptr, stored.bytes,
                           slot != nullptr && slot->pointee->is_number != 0, false})) {
    return;
  }
  if (archive.mode == HINDSIGHT_LOAD) set(*slot, static_cast<const char*>(block.base) + record.offset);
  if (is_there) return visit_elements(archive, *slot->pointee, number, claim);
  const AtElements at_elements(archive, number);
  hindsight_ar_skip(&archive);
}

void restore_scope(hindsight_archive& archive, const Slot* slot, const Record& record) {
  Pointers& all = *archive.pointers;
  Scope scope = {};
  visit_numbers(archive, "scope", &scope, 4);
  uint64_t size = 0;
  const char* const name = visit_text(archive, "name", nullptr, size);
  if (archive.failed) return;
  const uint64_t number = all.blocks.count;
  if (record.which != static_cast<int64_t>(number) || record.offset < 0 || record.offset > scope.bytes) {
    return hindsight_ar_fail(&archive, "is damaged in what is stored");
  }
  // By its name, wherever the pointer leads now: the program's own code means this one.
  const Variable* variable = nullptr;
  for (uint32_t i = 0; i < all.variable_count && variable == nullptr; ++i) {
    if (are_alike(all.variables[i], name, size, scope.type) && scope.number-- == 0) variable = &all.variables[i];
  }
  if (variable == nullptr || static_cast<int64_t>(variable->type->bytes) != scope.bytes ||
      static_cast<int64_t>(variable->type->element) != scope.element) {
    return cannot_follow_into(archive, "pointed to a variable ", name, size, ", and none of that name and type is live now");
  }
  if (number_of(archive, variable->object) >= 0) return hindsight_ar_fail(&archive, "is damaged in what is stored");
  if (holds_places(all, variable->object, variable->type->bytes)) return cannot_follow_into(archive, "pointed into the variable ", name, size, kPartly);
  if (!add_block(archive, {static_cast<const char*>(variable->object), variable->type->bytes, false, true})) return;
  ++all.scopes;
  if (archive.mode == HINDSIGHT_LOAD) set(*slot, static_cast<const char*>(variable->object) + record.offset);
  visit_block(archive, number, [&] { variable->type->visit(&archive, const_cast<void*>(variable->object)); });
}

void restore_slot(hindsight_archive& archive, const Slot* slot) {
  Pointers& all = *archive.pointers;
  const bool loading = archive.mode == HINDSIGHT_LOAD;
  Record record = {};
  visit_numbers(archive, "to", &record, 4);
  if (archive.failed) return;
  switch (record.kind) {
    case kNull:
      if (loading) set(*slot, nullptr);
      return;
    case kPlace: {
      const Place* const place = place_of(all, static_cast<uint64_t>(record.which), static_cast<uint64_t>(record.index));
      // While checking, it may lie in an element that will be made.
      if (place == nullptr && !loading && static_cast<uint64_t>(record.which) < archive.leaves) return;
      if (place == nullptr || static_cast<uint64_t>(record.offset) > place->bytes) {
        return hindsight_ar_fail(&archive, "pointed to a part of the state that is not there now");
      }
      if (loading) set(*slot, reinterpret_cast<const void*>(place->address + static_cast<uint64_t>(record.offset)));
      return;
    }
    case kOwned: return restore_owned(archive, slot, record);
    case kScope: return restore_scope(archive, slot, record);
    case kBlock: {
      if (static_cast<uint64_t>(record.which) >= all.blocks.count) return hindsight_ar_fail(&archive, "is damaged in what is stored");
      const Block& block = all.blocks[static_cast<uint64_t>(record.which)];
      if (static_cast<uint64_t>(record.offset) > block.bytes) return hindsight_ar_fail(&archive, "is damaged in what is stored");
      if (loading) set(*slot, block.base + record.offset);
      return;
    }
    case kText: {
      uint64_t size = 0;
      const char* const stored = visit_text(archive, "text", nullptr, size);
      if (stored == nullptr || slot == nullptr) return;
      void* pointer;
      memcpy(&pointer, slot->at, sizeof pointer);
      const Image image = image_of(pointer);
      if (image.found && image.constant && text_bytes(image) == size && memcmp(pointer, stored, size) == 0) return;
      const void* const found = find_text(stored, size);
      if (found == nullptr) return hindsight_ar_fail(&archive, "pointed to a constant text that the program does not hold");
      if (loading) set(*slot, found);
      return;
    }
    case kConstant:
    case kFunction: {
      uint64_t size = 0;
      const char* const stored = visit_text(archive, "name", nullptr, size);
      if (stored == nullptr || slot == nullptr) return;
      if (size == 0 || stored[size - 1] != 0) return hindsight_ar_fail(&archive, "is damaged in what is stored");
      const void* found = nullptr;
      if (const char* const problem = symbols::find(stored, record.kind == kFunction, static_cast<uint64_t>(record.offset), found)) {
        return hindsight_ar_fail(&archive, problem);
      }
      if (loading) set(*slot, found);
      return;
    }
    default: return hindsight_ar_fail(&archive, "is damaged in what is stored");
  }
}

void restore_all(hindsight_archive& archive) {
  Pointers& all = *archive.pointers;
  uint32_t size = 0;
  for (const char* path = next_path(archive, size); path != nullptr && !archive.failed; path = next_path(archive, size)) {
    const uint32_t around = 1 + kRecordBytes;
    if (size <= around || size > sizeof archive.path || path[0] != kMark || memcmp(path + size - kRecordBytes, kRecord, kRecordBytes) != 0) break;
    if (!index_slots(all)) return no_memory(archive);
    Slot* const found = find_slot(all, path + 1, size - around);
    if (found == nullptr && archive.mode == HINDSIGHT_LOAD) break;  // what is left over is reported by the caller
    Slot slot = {};
    if (found != nullptr) {
      slot = *found;
      done(all, *found);
    }
    push_marked(archive, path + 1, size - around);
    restore_slot(archive, found == nullptr ? nullptr : &slot);
    if (!archive.failed) hindsight_ar_pop(&archive);
  }
  for (uint32_t i = 0; i < all.slots.count && !archive.failed; ++i) {
    if (all.slots[i].done) continue;
    hindsight_ar_push(&archive, all.slots[i].path, all.slots[i].path_size);
    hindsight_ar_fail(&archive, "is not in what is stored");
  }
}

}  // namespace

void begin_pointers(hindsight_archive& archive) {
  if (&hindsight_has_pointers == nullptr || archive.mode == HINDSIGHT_SMALL) return;
  archive.pointers = static_cast<Pointers*>(memory::take_zeroed(1, sizeof(Pointers)));
  if (archive.pointers == nullptr) no_memory(archive);
}

void finish_pointers(hindsight_archive& archive) {
  Pointers* const all = archive.pointers;
  if (all == nullptr) return;
  for (uint32_t i = 0; i < all->slots.count; ++i) memory::give(all->slots[i].path);
  memory::give(all->places.items);
  memory::give(all->sorted.items);
  memory::give(all->slots.items);
  memory::give(all->slot_index.cells);
  memory::give(all->levels.items);
  memory::give(all->blocks.items);
  memory::give(all->variables);
  memory::give(all);
  archive.pointers = nullptr;
}

void note_place(hindsight_archive& archive, const void* address, uint64_t bytes, bool is_array) {
  Pointers* const all = archive.pointers;
  if (all == nullptr || archive.failed || archive.scope.temporary != 0 || bytes == 0) return;
  const uint64_t at = address_of(address);
  if (at - address_of(archive.scope.outer) < archive.scope.bytes || is_temporary(archive, address)) return;
  if (all->resolving) {
    hindsight_block block;
    if (find_block(address, block) && number_of(archive, block.base) >= 0) {
      return hindsight_ar_fail(&archive, "is in a block that a pointer has reached as its own");
    }
    for (uint32_t i = 0; all->scopes != 0 && i < all->variable_count; ++i) {
      if (is_within(all->variables[i], at) && number_of(archive, all->variables[i].object) >= 0) {
        return hindsight_ar_fail(&archive, "is in a variable that a pointer has reached as its own");
      }
    }
  }
  uint32_t level = 0;
  if (all->places.count != 0) {
    const Place& last = (*all).places[all->places.count - 1];
    if (last.leaf == archive.leaves) level = last.level + 1;
  }
  if (!all->places.add({at, bytes, archive.leaves, level, is_array})) no_memory(archive);
}

uint32_t pointers_met(const hindsight_archive& archive) { return archive.pointers == nullptr ? 0 : archive.pointers->slots.count; }

void resolve_pointers(hindsight_archive& archive) {
  if (archive.pointers == nullptr || archive.failed) return;
  if (!list_variables(*archive.pointers)) return no_memory(archive);
  archive.pointers->resolving = true;
  ++archive.many;  // what pointers lead to is no part of the small digest
  if (archive.mode == HINDSIGHT_SAVE) {
    save_all(archive);
  } else {
    restore_all(archive);
  }
  --archive.many;
}

}  // namespace hindsight::client

using namespace hindsight::client;

extern "C" {

int hindsight_heap_block(const void* address, hindsight_block* block) {
  return hindsight_heap_find != nullptr ? hindsight_heap_find(address, block) : 0;
}

void hindsight_ar_enter(hindsight_archive* archive, const void* object, uint64_t bytes, int is_array, hindsight_scope* saved) {
  *saved = archive->scope;
  if (archive->reach != nullptr) note_reach(*archive, object, bytes);
  if (archive->pointers == nullptr || archive->scope.temporary != 0) return;
  if (address_of(object) - address_of(archive->scope.outer) < archive->scope.bytes) return;
  if (is_temporary(*archive, object)) {
    archive->scope.temporary = 1;
    return;
  }
  note_place(*archive, object, bytes, is_array != 0);
  archive->scope.outer = object;
  archive->scope.bytes = bytes;
}

void hindsight_ar_leave(hindsight_archive* archive, const hindsight_scope* saved) { archive->scope = *saved; }
void hindsight_ar_whole(hindsight_archive* archive, const void* start) { archive->scope.whole = start; }
int hindsight_ar_is_whole(const hindsight_archive* archive, const void* start) { return archive->scope.whole == start ? 1 : 0; }

void hindsight_ar_pointer(hindsight_archive* archive, void* slot, const hindsight_pointee* pointee) {
  if (archive->failed || archive->mode == HINDSIGHT_SMALL) return;
  Pointers* const all = archive->pointers;
  if (all == nullptr) return hindsight_ar_fail(archive, "is a pointer, but places are not noted");
  if (archive->scope.temporary != 0 || is_temporary(*archive, slot)) {
    return hindsight_ar_fail(archive, "is a pointer in a temporary copy of the state, so that it cannot be restored");
  }
  char* const path = static_cast<char*>(memory::take(archive->path_size + 1));
  if (path == nullptr) return no_memory(*archive);
  memcpy(path, archive->path, archive->path_size);
  if (!all->slots.add({slot, pointee, path, archive->path_size, false, digest_mix(1, path, archive->path_size)})) {
    memory::give(path);
    return no_memory(*archive);
  }
  ++all->left;
}

}  // extern "C"

#include "runtime/client/sites.h"

#include <string.h>

#include "runtime/client/journal.h"
#include "runtime/client/memory.h"

namespace hindsight::client::sites {
namespace {

struct Entry {
  // What the caller's pointers were: nearly always enough to know it again, once the name's text has been compared.
  const char* name_at;
  const char* file_at;
  const char* probe_at;
  char* name;  // copies
  char* file;
  char probe[33];
  uint32_t line;
  uint32_t kind;
  uint32_t number;
  uint32_t name_number;
};

// Open addressing over indices; a place that is reached through several pointers has several keys.
struct Key {
  uint64_t hash;
  uint32_t entry;  // + 1
};
Key* keys;
size_t key_room;
size_t key_count;
Entry* entries;
size_t entry_room;
size_t entry_count;
char** names;
size_t name_room;
size_t name_count;

__extension__ typedef unsigned __int128 Wide;

uint64_t mix(uint64_t h, uint64_t x) {
  const Wide product = static_cast<Wide>(h ^ x) * 0x9e3779b97f4a7c15ull;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t pointer_hash(const hindsight_site& site) {
  const uint64_t place = static_cast<uint64_t>(site.line) << 8 ^ site.kind ^ reinterpret_cast<uintptr_t>(site.probe);
  return mix(reinterpret_cast<uintptr_t>(site.name) + place, reinterpret_cast<uintptr_t>(site.file));
}

template <class T>
bool grow(T*& array, size_t& room, size_t needed) {
  if (needed <= room) return true;
  const size_t more = room == 0 ? 64 : room * 2;
  T* grown = static_cast<T*>(memory::resize(array, more * sizeof(T)));
  if (grown == nullptr) return false;
  array = grown;
  room = more;
  return true;
}

const char* or_empty(const char* text) { return text == nullptr ? "" : text; }

bool same(const Entry& entry, const hindsight_site& site) {
  return entry.line == site.line && entry.kind == site.kind && strncmp(entry.name, or_empty(site.name), 0xffff) == 0 &&
         strncmp(entry.probe, or_empty(site.probe), 32) == 0 && (entry.file_at == site.file || strncmp(entry.file, or_empty(site.file), 0xffff) == 0);
}

// Then only the name can be another one: names are often made at run time, files and probes never.
bool same_pointers(const Entry& entry, const hindsight_site& site) {
  return entry.name_at == site.name && site.name != nullptr && entry.file_at == site.file && entry.probe_at == site.probe && entry.line == site.line &&
         entry.kind == site.kind;
}

bool rehash() {
  const size_t room = key_room == 0 ? 256 : key_room * 2;
  Key* made = static_cast<Key*>(memory::take_zeroed(room, sizeof(Key)));
  if (made == nullptr) return false;
  for (size_t i = 0; i < key_room; ++i) {
    if (keys[i].entry == 0) continue;
    size_t at = keys[i].hash & (room - 1);
    while (made[at].entry != 0) at = (at + 1) & (room - 1);
    made[at] = keys[i];
  }
  memory::give(keys);
  keys = made;
  key_room = room;
  return true;
}

void remember(uint64_t hash, size_t entry) {
  // Names that are made anew each time come through ever new pointers: forget those, now and then.
  if (key_count > 4096 + 4 * entry_count) {
    memset(keys, 0, key_room * sizeof(Key));
    key_count = 0;
  }
  if ((key_count + 1) * 2 > key_room && !rehash()) {
    if (key_count + 1 >= key_room) return;  // found by content the next time, only slower
  }
  size_t at = hash & (key_room - 1);
  while (keys[at].entry != 0) at = (at + 1) & (key_room - 1);
  keys[at] = {hash, static_cast<uint32_t>(entry) + 1};
  ++key_count;
}

// kNoName: no memory.
uint32_t intern(const char* name) {
  for (size_t i = 0; i < name_count; ++i) {
    if (strcmp(names[i], name) == 0) return static_cast<uint32_t>(i);
  }
  if (!grow(names, name_room, name_count + 1)) return kNoName;
  names[name_count] = const_cast<char*>(name);
  return static_cast<uint32_t>(name_count++);
}

const Entry* make(const hindsight_site& site, uint32_t& name) {
  if (!grow(entries, entry_room, entry_count + 1)) return nullptr;
  Entry entry = {};
  entry.name_at = site.name;
  entry.file_at = site.file;
  entry.probe_at = site.probe;
  entry.name = memory::copy(or_empty(site.name), 0xffff);
  entry.file = memory::copy(or_empty(site.file), 0xffff);
  strncpy(entry.probe, or_empty(site.probe), 32);
  entry.line = site.line;
  entry.kind = site.kind;
  entry.number = static_cast<uint32_t>(entry_count) + 1;
  if (entry.name == nullptr || entry.file == nullptr || (entry.name_number = intern(entry.name)) == kNoName) {
    memory::give(entry.file);
    memory::give(entry.name);
    return nullptr;
  }
  name = entry.name_number;
  wire::SiteRecord record = {};
  record.site = entry.number;
  record.kind = static_cast<wire::SiteKind>(site.kind);
  record.line = site.line;
  record.name_bytes = static_cast<uint16_t>(strlen(entry.name));
  record.file_bytes = static_cast<uint16_t>(strlen(entry.file));
  const journal::Piece pieces[3] = {{entry.name, record.name_bytes}, {entry.file, record.file_bytes}, {entry.probe, 32}};
  if (!journal::append(wire::RecordKind::kSite, &record, sizeof record, pieces, record.kind == wire::SiteKind::kProbe ? 3 : 2)) {
    memory::give(entry.file);
    if (names[name] != entry.name) memory::give(entry.name);  // else it was interned just now, and stays
    return nullptr;
  }
  entries[entry_count] = entry;
  return &entries[entry_count++];
}

}  // namespace

Site number(const hindsight_site& site) {
  const uint64_t hash = pointer_hash(site);
  if (key_room != 0) {
    for (size_t at = hash & (key_room - 1); keys[at].entry != 0; at = (at + 1) & (key_room - 1)) {
      const Entry& entry = entries[keys[at].entry - 1];
      if (keys[at].hash == hash && (same_pointers(entry, site) ? strncmp(entry.name, site.name, 0xffff) == 0 : same(entry, site))) return {entry.number, entry.name_number};
    }
  }
  for (size_t i = 0; i < entry_count; ++i) {
    if (!same(entries[i], site)) continue;
    remember(hash, i);
    return {entries[i].number, entries[i].name_number};
  }
  uint32_t name = kNoName;
  const Entry* entry = make(site, name);
  if (entry == nullptr) return {0, name};
  remember(hash, entry_count - 1);
  return {entry->number, entry->name_number};
}

const char* loop_name(uint32_t interned) { return names[interned]; }

}  // namespace hindsight::client::sites

// One visit of a state: saves it into memory, compares it with what is stored there, restores it, or digests the small part.
#pragma once

#include "runtime/client/engine.h"

namespace hindsight::client {
struct Pointers;
struct Reach;
}

// The tag that the face knows; a C name, since it crosses the C ABI.
struct hindsight_archive {
  int mode;
  // SAVE
  char* out;
  uint64_t capacity;
  uint64_t size;     // bytes that the state needs, whether they fit or not
  // LOAD, CHECK
  const char* in;
  uint64_t in_size;
  uint64_t at;
  // SMALL; SAVE while `hashing`, which writes nothing: of all that would be written
  uint64_t digest;
  bool hashing;
  uint32_t unknown;  // pointers that such a pass cannot follow
  hindsight::client::Reach* reach;  // a hashing pass: what it visits; null: nobody asks
  void* pending;     // what a reserve() of such a pass gave out; its content is known at the next call
  uint64_t pending_bytes;
  uint64_t pending_room;

  uint32_t many;     // containers that we are in
  bool failed;
  char reason[400];
  uint32_t path_size;
  uint32_t depth;
  char path[2048];
  uint16_t marks[256];  // where each pushed segment begins
  struct Object {
    const void* address;
    uint64_t type;
    void* holder;
    void (*destroy)(void*);
  };
  Object* objects;
  uint32_t object_count;
  uint32_t object_room;
  uint32_t* object_index;  // open addressing by address, of + 1
  uint32_t index_room;
  uint64_t objects_met;     // how often one was asked for, known or not

  uint64_t leaves;          // written or read so far
  const void* stack;        // what lies on the stack below it is gone when the pass ends
  hindsight_scope scope;
  hindsight::client::Pointers* pointers;  // null: places are not noted
};

namespace hindsight::client {

void begin(hindsight_archive& archive, int mode);
void finish(hindsight_archive& archive);  // destroys the holders
// LOAD, CHECK: the path of the leaf that comes next; null: there is none.
const char* next_path(const hindsight_archive& archive, uint32_t& size);
// Visits what pointers point to; the last thing of a pass. Nothing else may be at the path.
void resolve_pointers(hindsight_archive& archive);
// The memory that a pass visited: finds what is reached by more than one way.
struct Reach {
  struct Range {
    uint64_t begin, end;
  };
  Range* ranges;       // of what was collected; sorted, none touching, once it was tidied
  uint32_t count, room;
  const Reach* known;  // not null: nothing is collected; is any of this met?
  bool shares;         // some of it was
  bool lost;           // there was no memory: it is not known
};
void note_reach(hindsight_archive& archive, const void* address, uint64_t bytes);
void tidy(Reach& reach);
void release(Reach& reach);

// Makes a SAVE pass that has begun one that only hashes; `digest_of` is what it hashed, once its roots were visited. Left out is what two
// processes need not agree on: readings of clocks, and the names of functions and constants. With a reach the pass only notes that.
void hash_only(hindsight_archive& archive, Reach* reach);
uint64_t digest_of(hindsight_archive& archive);
// Where two states differ, both as SAVE writes them: the path of the first such leaf of either, null if there is none.
const char* first_difference(const char* a, uint64_t a_bytes, const char* b, uint64_t b_bytes, uint32_t& path_bytes);
// A leaf below the current path. SAVE: puts it; else fills `values` with what is stored, or returns that (null: a failure) and its size.
void visit_numbers(hindsight_archive& archive, const char* name, void* values, uint64_t count);  // of int64
const char* visit_text(hindsight_archive& archive, const char* name, const char* value, uint64_t& size, wire::DType dtype = wire::DType::kText);
uint64_t digest_mix(uint64_t digest, const void* data, size_t size);

}  // namespace hindsight::client

// One visit of a state: saves it into memory, compares it with what is stored there, restores it, or digests the small part.
#pragma once

#include "runtime/client/engine.h"

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
  // SMALL
  uint64_t digest;

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
};

namespace hindsight::client {

void begin(hindsight_archive& archive, int mode);
void finish(hindsight_archive& archive);  // destroys the holders
uint64_t digest_mix(uint64_t digest, const void* data, size_t size);

}  // namespace hindsight::client

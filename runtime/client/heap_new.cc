// operator new and delete of the program's own objects (heap.h). Apart from what allocates in C: only a program that calls them has them.
#include "runtime/client/heap.h"

#include <stddef.h>

#include "hindsight/abi.h"
#include "runtime/client/wrap.h"

using namespace hindsight::client;

// operator new and new[]; the last argument is a std::nothrow_t, whose address says nothing.
#define HINDSIGHT_NEW_FORMS(name, kind)                                                                                              \
  HINDSIGHT_WRAP(void*, name, size_t bytes) { return fresh_block(__real_##name(bytes), bytes, kind, 0); }                                       \
  HINDSIGHT_WRAP(void*, name##RKSt9nothrow_t, size_t bytes, const void* tag) {                                                        \
    return fresh_block(__real_##name##RKSt9nothrow_t(bytes, tag), bytes, kind, 0);                                                              \
  }                                                                                                                                   \
  HINDSIGHT_WRAP(void*, name##St11align_val_t, size_t bytes, size_t alignment) {                                                      \
    return fresh_block(__real_##name##St11align_val_t(bytes, alignment), bytes, kind, alignment);                                            \
  }                                                                                                                                   \
  HINDSIGHT_WRAP(void*, name##St11align_val_tRKSt9nothrow_t, size_t bytes, size_t alignment, const void* tag) {                       \
    return fresh_block(__real_##name##St11align_val_tRKSt9nothrow_t(bytes, alignment, tag), bytes, kind, alignment);                         \
  }
HINDSIGHT_NEW_FORMS(_Znwm, HINDSIGHT_NEW)
HINDSIGHT_NEW_FORMS(_Znam, HINDSIGHT_NEW_ARRAY)

#define HINDSIGHT_DELETE_FORMS(name)                                                                      \
  HINDSIGHT_WRAP(void, name, void* block) {                                                               \
    forget_block(block);                                                                                        \
    __real_##name(block);                                                                                 \
  }                                                                                                       \
  HINDSIGHT_WRAP(void, name##m, void* block, size_t bytes) {                                              \
    forget_block(block);                                                                                        \
    __real_##name##m(block, bytes);                                                                       \
  }                                                                                                       \
  HINDSIGHT_WRAP(void, name##RKSt9nothrow_t, void* block, const void* tag) {                              \
    forget_block(block);                                                                                        \
    __real_##name##RKSt9nothrow_t(block, tag);                                                            \
  }                                                                                                       \
  HINDSIGHT_WRAP(void, name##St11align_val_t, void* block, size_t alignment) {                            \
    forget_block(block);                                                                                        \
    __real_##name##St11align_val_t(block, alignment);                                                     \
  }                                                                                                       \
  HINDSIGHT_WRAP(void, name##mSt11align_val_t, void* block, size_t bytes, size_t alignment) {             \
    forget_block(block);                                                                                        \
    __real_##name##mSt11align_val_t(block, bytes, alignment);                                             \
  }                                                                                                       \
  HINDSIGHT_WRAP(void, name##St11align_val_tRKSt9nothrow_t, void* block, size_t alignment, const void* tag) { \
    forget_block(block);                                                                                        \
    __real_##name##St11align_val_tRKSt9nothrow_t(block, alignment, tag);                                  \
  }
HINDSIGHT_DELETE_FORMS(_ZdlPv)
HINDSIGHT_DELETE_FORMS(_ZdaPv)

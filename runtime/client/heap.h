// Which blocks the program's own code allocated, and with which extent: link it with
//
//   -Wl,--wrap=malloc,--wrap=calloc,... (kHeapLinkFlags)
//
// Then every call in the program's own objects goes through heap.cc and heap_new.cc, which ask the real function and note {address, bytes, kind}. What
// shared libraries allocate is not noted. Without the flags these files are not linked in at all.
// Nothing is noted while no host listens: blocks older than the attach (constructors of priority 101) are not known.
#pragma once

#include <stdint.h>

namespace hindsight::client {

// A block that is new: noted, with its kind (abi.h) and its alignment where one was asked for, and made zero where nobody else writes all of it.
// Returns `pointer`.
void* fresh_block(void* pointer, uint64_t bytes, uint64_t kind, uint64_t alignment);
// Of no block that is freed is anything remembered: to be called before the memory goes back.
void forget_block(const void* pointer);

inline constexpr const char kHeapLinkFlags[] =
    "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=free,--wrap=posix_memalign,--wrap=aligned_alloc,"
    "--wrap=memalign,--wrap=strdup,--wrap=strndup,"
    "--wrap=_Znwm,--wrap=_Znam,--wrap=_ZnwmRKSt9nothrow_t,--wrap=_ZnamRKSt9nothrow_t,"
    "--wrap=_ZnwmSt11align_val_t,--wrap=_ZnamSt11align_val_t,"
    "--wrap=_ZnwmSt11align_val_tRKSt9nothrow_t,--wrap=_ZnamSt11align_val_tRKSt9nothrow_t,"
    "--wrap=_ZdlPv,--wrap=_ZdaPv,--wrap=_ZdlPvm,--wrap=_ZdaPvm,--wrap=_ZdlPvRKSt9nothrow_t,--wrap=_ZdaPvRKSt9nothrow_t,"
    "--wrap=_ZdlPvSt11align_val_t,--wrap=_ZdaPvSt11align_val_t,--wrap=_ZdlPvmSt11align_val_t,--wrap=_ZdaPvmSt11align_val_t,"
    "--wrap=_ZdlPvSt11align_val_tRKSt9nothrow_t,--wrap=_ZdaPvSt11align_val_tRKSt9nothrow_t";

}  // namespace hindsight::client

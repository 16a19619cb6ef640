// Which blocks the program's own code allocated, and with which extent: link it with
//
//   -Wl,--wrap=malloc,--wrap=calloc,... (kHeapLinkFlags)
//
// Then every call in the program's own objects goes through heap.cc, which asks the real function and notes {address, bytes, kind}. What shared
// libraries allocate is not noted. Without the flags this file is not linked in at all; with a part of them, that part works.
// Nothing is noted while no host listens: blocks older than the attach (constructors of priority 101) are not known.
#pragma once

namespace hindsight::client {

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

// What the program's own code takes from outside itself: random numbers, clocks, the process's number. What the main thread takes is
// recorded, and on replay given back in the same order; how much of it was taken is ambient state. Draws of other threads, and those that
// a probe's expression makes, are what they are.
//
// The code's calls are seen because the program is linked with kDrawLinkFlags (draw_hooks*.cc). Without them these hooks are not linked in.
#pragma once

#include <stdint.h>

#include "runtime/wire.h"

struct hindsight_archive;

namespace hindsight::client::draws {

// Replay: what is recorded, as a memfd (wire::Welcome), which is closed. False: it cannot be mapped, or is not that.
bool open(int memfd, uint64_t bytes);
// The number that the program gets, given the one that it would get now. Keeps errno.
uint64_t draw(wire::Draw source, uint64_t fresh);
// How much was taken of each source.
void visit(hindsight_archive& archive);

// Read by CMakeLists.txt, too.
inline constexpr const char kDrawLinkFlags[] =
    "-Wl,--wrap=time,--wrap=clock,--wrap=clock_gettime,--wrap=gettimeofday,--wrap=timespec_get,--wrap=getpid,--wrap=getppid,"
    "--wrap=getrandom,--wrap=getentropy,--wrap=omp_get_wtime,--wrap=_ZNSt13random_device9_M_getvalEv,"
    "--wrap=_ZNSt6chrono3_V212system_clock3nowEv,--wrap=_ZNSt6chrono3_V212steady_clock3nowEv";

}  // namespace hindsight::client::draws

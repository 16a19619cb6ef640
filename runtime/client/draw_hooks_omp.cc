// What the linker calls in place of OpenMP's clock (draws.h). A file of its own: most programs have no OpenMP runtime.
#include <string.h>

#include "runtime/client/draws.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-declarations"

extern "C" double __real_omp_get_wtime();
extern "C" double __wrap_omp_get_wtime() {
  double seconds = __real_omp_get_wtime();
  uint64_t bits;
  memcpy(&bits, &seconds, sizeof bits);
  bits = hindsight::client::draws::draw(hindsight::wire::Draw::kOmpWtime, bits);
  memcpy(&seconds, &bits, sizeof bits);
  return seconds;
}

#pragma GCC diagnostic pop

// What the linker calls in place of OpenMP's clock (draws.h). A file of its own: most programs have no OpenMP runtime.
#include <string.h>

#include "runtime/client/draws.h"
#include "runtime/client/wrap.h"

HINDSIGHT_WRAP(double, omp_get_wtime, void) {
  double seconds = __real_omp_get_wtime();
  uint64_t bits;
  memcpy(&bits, &seconds, sizeof bits);
  bits = hindsight::client::draws::draw(hindsight::wire::Draw::kOmpWtime, bits);
  memcpy(&seconds, &bits, sizeof bits);
  return seconds;
}

// State adapters for the standard library. Each can be had alone, from hindsight/std/; those for the parts named last are here where the part
// has been included before: <bitset> <fstream> <queue> <stack> <valarray> and FILE*.
#include "hindsight/std/atomic.h"
#include "hindsight/std/chrono.h"
#include "hindsight/std/complex.h"
#include "hindsight/std/map.h"
#include "hindsight/std/memory.h"
#include "hindsight/std/optional.h"
#include "hindsight/std/random.h"
#include "hindsight/std/sequence.h"
#include "hindsight/std/string.h"
#include "hindsight/std/tuple.h"

#include "hindsight/std/if_included.h"

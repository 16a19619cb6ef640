// Starting the program that is to be served.
#pragma once

#include <sys/types.h>

#include "runtime/host/fd.h"
#include "runtime/host/host.h"
#include "store/base/result.h"

namespace hindsight::host {

struct Spawned {
  pid_t pid = 0;
  Fd pidfd;  // readable once it has ended; none where the kernel has none
};

// Starts `launch` with `front_door` as an inherited descriptor. kNotFound: there is no such program or folder; kIo: it
// may not be executed, or the system said no; kInvalid: nothing to run.
Result<Spawned> spawn(const Launch& launch, int front_door);

}  // namespace hindsight::host

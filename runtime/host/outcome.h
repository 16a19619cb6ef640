// How a run ended, decided from what its session and its program's exit say. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/host/host.h"
#include "store/types.h"

namespace hindsight::host {

// Names in Run.host that the host itself fills in.
inline constexpr char kProcessId[] = "process";  // the pid
inline constexpr char kEnded[] = "ended";        // kInOrder: it said so itself; kAbruptly: its session just closed
inline constexpr char kInOrder[] = "in order";
inline constexpr char kAbruptly[] = "abruptly";

// The note of a run whose host was killed before it could say how the program ended.
inline constexpr char kHostGone[] = "its recording host was gone when the program ended: the exit status is not known";

// `runs_in_group`: how many processes attached through the same program.
store::Run settle(store::Run run, const ProcessExit& exit, std::size_t runs_in_group);

}  // namespace hindsight::host

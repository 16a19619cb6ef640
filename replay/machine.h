// What is told about the machine and the process of a run.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "store/types.h"

namespace hindsight::replay {

std::map<std::string, std::string> describe_host();  // name, kernel, cpu, cores, cpu_flags, hindsight
store::StandardInput standard_input();               // ours
store::Hash random_hash();
std::int64_t now_ns();                               // UTC, since the epoch
const char* tool_version();

}  // namespace hindsight::replay

// How much memory the states of a training may take in the pool.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hindsight::host {

struct MemoryBound {
  std::uint64_t limit = 0;  // of a control group, in bytes
  std::uint64_t usage = 0;
};

// A quarter of what is free: of the machine, and under every bound. Never less than kLeastPool. Pure.
std::uint64_t choose_pool_limit(std::uint64_t available, const std::vector<MemoryBound>& bounds);
inline constexpr std::uint64_t kLeastPool = std::uint64_t{16} << 20;

// MemAvailable of /proc/meminfo's text, in bytes.
std::optional<std::uint64_t> available_memory(std::string_view meminfo);

// The same, from this machine and this process's control groups (v1 and v2, and all above them).
std::uint64_t measure_pool_limit();

}  // namespace hindsight::host

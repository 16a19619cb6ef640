#include "runtime/host/pool_limit.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace hindsight::host {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;  // "max": no limit
  return value;
}

// The bounds of `group` and of every group above it; a container may show its own group as the root.
void add_bounds(const std::filesystem::path& root, std::string group, const char* limit, const char* usage,
                std::vector<MemoryBound>& bounds) {
  for (;;) {
    const std::filesystem::path folder = root / std::filesystem::path(group).relative_path();
    const auto most = number(read_text(folder / limit));
    const auto used = number(read_text(folder / usage));
    if (most && used) bounds.push_back({*most, *used});
    const std::size_t slash = group.find_last_of('/');
    if (group.size() <= 1 || slash == std::string::npos) return;
    group.resize(std::max<std::size_t>(slash, 1));
  }
}

}  // namespace

std::uint64_t choose_pool_limit(std::uint64_t available, const std::vector<MemoryBound>& bounds) {
  std::uint64_t free = available;
  for (const MemoryBound& bound : bounds)
    free = std::min(free, bound.limit > bound.usage ? bound.limit - bound.usage : 0);
  return std::max(free / 4 / 4096 * 4096, kLeastPool);
}

std::optional<std::uint64_t> available_memory(std::string_view meminfo) {
  constexpr std::string_view kName = "MemAvailable:";
  std::size_t at = meminfo.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  at = meminfo.find_first_not_of(" \t", at + kName.size());
  if (at == std::string_view::npos) return std::nullopt;
  const auto kilobytes = number(meminfo.substr(at));
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

std::uint64_t measure_pool_limit() {
  const long pages = ::sysconf(_SC_AVPHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  const std::uint64_t counted =
      pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) : 0;
  const std::uint64_t available = available_memory(read_text("/proc/meminfo")).value_or(counted);
  std::vector<MemoryBound> bounds;
  std::istringstream groups(read_text("/proc/self/cgroup"));
  for (std::string line; std::getline(groups, line);) {  // "4:memory:/a/b" (v1), "0::/a/b" (v2)
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string group = line.substr(second + 1);
    if (controllers == ",,") add_bounds("/sys/fs/cgroup", group, "memory.max", "memory.current", bounds);
    if (controllers.find(",memory,") != std::string::npos) {
      add_bounds("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", "memory.usage_in_bytes", bounds);
    }
  }
  return choose_pool_limit(available, bounds);
}

}  // namespace hindsight::host

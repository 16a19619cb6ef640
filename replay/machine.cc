#include "replay/machine.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "replay/files.h"
#include "replay/text.h"
#include "store/store.h"

namespace hindsight::replay {

std::map<std::string, std::string> describe_host() {
  std::map<std::string, std::string> host;
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) == 0) host["name"] = name.data();
  utsname system = {};
  if (uname(&system) == 0) host["kernel"] = std::string(system.sysname) + " " + system.release + " " + system.machine;
  host["cores"] = std::to_string(sysconf(_SC_NPROCESSORS_ONLN));
  if (const Result<std::string> cpus = read_file("/proc/cpuinfo")) {
    for (const std::string& line : split(*cpus, '\n')) {
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) continue;
      const std::string key = trim(line.substr(0, colon));
      const std::string value = trim(line.substr(colon + 1));
      if (key == "model name") host.emplace("cpu", value);
      if (key == "flags" || key == "Features") host.emplace("cpu_flags", to_hex(store::hash_bytes(value)));
    }
  }
  host["hindsight"] = tool_version();
  return host;
}

store::StandardInput standard_input() {
  using store::StandardInput;
  struct stat input = {};
  struct stat null = {};
  if (fstat(STDIN_FILENO, &input) != 0) return StandardInput::kOther;
  if (stat("/dev/null", &null) == 0 && S_ISCHR(input.st_mode) && input.st_rdev == null.st_rdev) return StandardInput::kNothing;
  if (isatty(STDIN_FILENO) == 1) return StandardInput::kTerminal;
  if (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode)) return StandardInput::kPipe;
  return S_ISREG(input.st_mode) ? StandardInput::kFile : StandardInput::kOther;
}

store::Hash random_hash() {
  std::array<std::uint64_t, 2> bits = {};
  for (std::uint64_t& part : bits) {
    while (getrandom(&part, sizeof part, 0) != static_cast<ssize_t>(sizeof part)) {
    }
  }
  return {.high = bits[0], .low = bits[1]};
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

const char* tool_version() { return HINDSIGHT_VERSION; }

}  // namespace hindsight::replay

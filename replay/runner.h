// Running a program to its end, with its output in a file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/result.h"

namespace hindsight::replay {

using Environment = std::map<std::string, std::string>;
Environment current_environment();
// The program that a shell would run for `name`, which has no '/'.
std::optional<std::filesystem::path> find_on_path(const std::string& name, const Environment& environment);

struct Call {
  std::vector<std::string> argv;    // argv[0] is looked for on PATH if it has no '/'
  std::filesystem::path cwd;
  Environment environment;          // all of it
  std::filesystem::path output;     // stdout and stderr are appended here
  std::filesystem::path answer;     // stdout goes here instead, if set
};
struct CallExit {
  int exit_code = 0;  // 128 + signal if it was killed
  double cpu_seconds = 0;  // with its children
};

// stdin is empty. kNotFound: no such program. SIGINT and SIGTERM end it with us, since it is of our process group.
Result<CallExit> run_call(const Call& call);

// The last lines of a file, for messages.
std::string last_lines(const std::filesystem::path& file, std::size_t count);
// The sentences of a build's output that say what went wrong first: at most three lines.
std::string first_build_error(std::string_view log);

}  // namespace hindsight::replay

// Starting the user's compiler.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace hindsight::instrument {

// The first program called `name` on PATH that is not this program under another name; `name` itself if it holds a '/'
// and is not this program. Empty: there is none.
std::string find_compiler(const std::string& name);

// Replaces this process. Returns only if that failed: 127, said on stderr.
int become(const std::vector<std::string>& command);

// Starts a process; -1 if that failed, said on stderr. `capture` is a descriptor for its stderr, or -1.
pid_t start(const std::vector<std::string>& command, int capture = -1);
// The exit status of a process that this one started, 128 + the signal's number if one ended it.
int wait_for(pid_t process);

// Runs a process and returns what it wrote to stderr beside its status.
struct Ran {
  int status = 0;
  std::string errors;
};
Ran run_captured(const std::vector<std::string>& command);

// The file that this process runs.
std::string own_path();

}  // namespace hindsight::instrument

#include "instrument/launcher/process.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hindsight::instrument {
namespace {

std::string real_path(const std::string& path) {
  char buffer[PATH_MAX];
  return realpath(path.c_str(), buffer) ? buffer : path;
}

bool is_program(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(path.c_str(), X_OK) == 0;
}

std::vector<char*> pointers(const std::vector<std::string>& command) {
  std::vector<char*> out;
  for (const std::string& word : command) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

std::string own_path() { return real_path("/proc/self/exe"); }

std::string find_compiler(const std::string& name) {
  const std::string self = own_path();
  if (name.find('/') != std::string::npos) {
    if (real_path(name) != self) return is_program(name) ? name : std::string();
    return find_compiler(name.substr(name.rfind('/') + 1));
  }
  const char* path = std::getenv("PATH");
  const std::string folders = path ? path : "/usr/local/bin:/usr/bin:/bin";
  std::size_t at = 0;
  while (at <= folders.size()) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    const std::string folder = end == at ? "." : folders.substr(at, end - at);
    const std::string candidate = folder + "/" + name;
    if (is_program(candidate) && real_path(candidate) != self) return candidate;
    at = end + 1;
  }
  return {};
}

int become(const std::vector<std::string>& command) {
  std::vector<char*> words = pointers(command);
  execvp(words[0], words.data());
  std::fprintf(stderr, "hindsight-cc: cannot run %s: %s\n", command[0].c_str(), std::strerror(errno));
  return 127;
}

pid_t start(const std::vector<std::string>& command, int capture) {
  const pid_t child = fork();
  if (child < 0) {
    std::fprintf(stderr, "hindsight-cc: cannot start %s: %s\n", command[0].c_str(), std::strerror(errno));
    return -1;
  }
  if (child == 0) {
    if (capture >= 0) dup2(capture, 2);
    _exit(become(command));
  }
  return child;
}

int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return 127;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Ran run_captured(const std::vector<std::string>& command) {
  Ran out;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    const pid_t child = start(command);
    out.status = child < 0 ? 127 : wait_for(child);
    return out;
  }
  const pid_t child = start(command, ends[1]);
  close(ends[1]);
  char buffer[4096];
  while (true) {
    const ssize_t n = read(ends[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    out.errors.append(buffer, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  out.status = child < 0 ? 127 : wait_for(child);
  return out;
}

}  // namespace hindsight::instrument

#include "runtime/host/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace hindsight::host {
namespace {

std::vector<std::string> make_environment(const Launch& launch, int front_door) {
  std::map<std::string, std::string, std::less<>> variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const std::size_t equals = entry.find('=', 1);
    if (equals != std::string_view::npos)
      variables.insert_or_assign(std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1)));
  }
  for (const std::string& name : launch.unset) variables.erase(name);
  for (const auto& [name, value] : launch.environment) variables.insert_or_assign(name, value);
  variables.insert_or_assign(wire::kHostVariable, std::to_string(front_door));
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, value] : variables) entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// Closes the actions and attributes whichever way spawn() is left.
struct Actions {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  Actions() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
};

Error spawn_error(int error, const std::string& program) {
  const std::string why = std::strerror(error);
  switch (error) {
    case ENOENT: {
      struct stat status {};
      if (::stat(program.c_str(), &status) == 0)
        return Error(ErrorKind::kNotFound, "'" + program + "' needs an interpreter that does not exist");
      return Error(ErrorKind::kNotFound, "no program '" + program + "'");
    }
    case ENOEXEC:
      return Error(ErrorKind::kInvalid, "'" + program + "' is not a program that this machine can run");
    case EACCES:
      return Error(ErrorKind::kIo, "'" + program + "' may not be executed: " + why);
    default:
      return Error(ErrorKind::kIo, "start '" + program + "': " + why);
  }
}

}  // namespace

Result<Spawned> spawn(const Launch& launch, int front_door) {
  if (launch.argv.empty() || launch.program.empty()) return Error(ErrorKind::kInvalid, "there is no program to run");
  if (!launch.cwd.empty()) {
    struct stat status {};
    if (::stat(launch.cwd.c_str(), &status) != 0) {
      return Error(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo,
                   "the folder to run in, '" + launch.cwd.string() + "': " + std::strerror(errno));
    }
  }

  Fd output;
  Fd nothing;
  if (launch.quiet) {
    output = Fd(::open(launch.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!output)
      return Error(ErrorKind::kIo,
                   "open '" + launch.output.string() + "' for the program's output: " + std::strerror(errno));
    nothing = Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) return Error(ErrorKind::kIo, std::string("open /dev/null: ") + std::strerror(errno));
  }

  Actions setup;
  int failed = 0;
  const auto then = [&](int error) { failed = failed != 0 ? failed : error; };
  // Onto itself: the descriptor stays open through exec, in this child only.
  then(::posix_spawn_file_actions_adddup2(&setup.actions, front_door, front_door));
  if (launch.quiet) {
    then(::posix_spawn_file_actions_adddup2(&setup.actions, nothing.get(), STDIN_FILENO));
    then(::posix_spawn_file_actions_adddup2(&setup.actions, output.get(), STDOUT_FILENO));
    then(::posix_spawn_file_actions_adddup2(&setup.actions, output.get(), STDERR_FILENO));
  }
  if (!launch.cwd.empty()) then(::posix_spawn_file_actions_addchdir_np(&setup.actions, launch.cwd.c_str()));
  if (failed != 0) return spawn_error(failed, launch.program.string());

  std::vector<std::string> arguments = launch.argv;
  std::vector<std::string> environment = make_environment(launch, front_door);
  const std::vector<char*> argv = pointers(arguments);
  const std::vector<char*> envp = pointers(environment);
  Spawned spawned;
  const int error =
      ::posix_spawn(&spawned.pid, launch.program.c_str(), &setup.actions, &setup.attributes, argv.data(), envp.data());
  if (error != 0) return spawn_error(error, launch.program.string());
  spawned.pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, spawned.pid, 0)));
  return spawned;
}

}  // namespace hindsight::host

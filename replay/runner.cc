#include "replay/runner.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "replay/files.h"
#include "replay/text.h"

extern "C" char** environ;

namespace hindsight::replay {

namespace {

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

Environment current_environment() {
  Environment all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equal = text.find('=');
    if (equal != std::string::npos && equal > 0) all[text.substr(0, equal)] = text.substr(equal + 1);
  }
  return all;
}

std::optional<std::filesystem::path> find_on_path(const std::string& name, const Environment& environment) {
  const auto path = environment.find("PATH");
  for (const std::string& folder : split(path == environment.end() ? "/usr/bin:/bin" : path->second, ':')) {
    const std::filesystem::path file = std::filesystem::path(folder.empty() ? "." : folder) / name;
    std::error_code error;
    if (access(file.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(file, error)) return file;
  }
  return std::nullopt;
}

Result<CallExit> run_call(const Call& call) {
  if (call.argv.empty()) return Error(ErrorKind::kInvalid, "there is no program to run");
  std::vector<std::string> arguments = call.argv;
  std::vector<std::string> variables;
  for (const auto& [name, value] : call.environment) variables.push_back(name + "=" + value);
  FileActions actions;
  const std::string cwd = call.cwd.string();
  const std::string output = call.output.empty() ? "/dev/null" : call.output.string();
  const std::string answer = call.answer.string();
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(actions.get(), STDERR_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (answer.empty()) {
    posix_spawn_file_actions_adddup2(actions.get(), STDERR_FILENO, STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, answer.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  }
  if (!cwd.empty()) posix_spawn_file_actions_addchdir_np(actions.get(), cwd.c_str());
  pid_t child = 0;
  const int number = posix_spawnp(&child, arguments.front().c_str(), actions.get(), nullptr, pointers(arguments).data(),
                                  pointers(variables).data());
  if (number != 0) return system_error("run " + call.argv.front(), number);
  int status = 0;
  rusage usage = {};
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) return system_error("wait for " + call.argv.front(), errno);
  }
  return CallExit{.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
                  .cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)};
}

std::string last_lines(const std::filesystem::path& file, std::size_t count) {
  const Result<std::string> text = read_file(file);
  if (!text) return {};
  std::vector<std::string> lines = split(trim(*text), '\n');
  if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  return join(lines, "\n");
}

std::string first_build_error(std::string_view log) {
  const std::vector<std::string> lines = split(log, '\n');
  const auto says = [](const std::string& line, std::initializer_list<const char*> marks) {
    return std::any_of(marks.begin(), marks.end(), [&](const char* mark) { return line.find(mark) != std::string::npos; });
  };
  // A compiler's own sentence tells more than the linker's, the linker's more than the build tool's.
  for (const auto& marks : {std::initializer_list<const char*>{": error:", ": fatal error:", "CMake Error"},
                            std::initializer_list<const char*>{"undefined reference", "ld: ", "ld returned", "cannot find -l"},
                            std::initializer_list<const char*>{"Error ", "error:", "not found", "No rule to make"}}) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!says(lines[i], marks) || lines[i].starts_with("collect2:")) continue;
      std::vector<std::string> shown = {trim(lines[i])};
      // CMake says what is wrong on the lines after.
      for (std::size_t next = i + 1; next < lines.size() && shown.size() < 3 && lines[i].find("CMake Error") != std::string::npos; ++next) {
        if (!trim(lines[next]).empty()) shown.push_back(trim(lines[next]));
      }
      return join(shown, " ");
    }
  }
  std::vector<std::string> tail = split(trim(log), '\n');
  return tail.empty() ? std::string() : tail.back();
}

}  // namespace hindsight::replay

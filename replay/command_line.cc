#include "replay/command_line.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <system_error>

#include "replay/files.h"
#include "replay/text.h"

namespace hindsight::replay {

namespace fs = std::filesystem;

namespace {

bool is_script(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, 2> start = {};
  in.read(start.data(), start.size());
  return in && start[0] == '#' && start[1] == '!';
}

bool starts_others(const std::string& name) {
  static constexpr std::array kLaunchers = {"mpirun", "mpiexec", "srun", "torchrun", "sh", "bash", "python", "python3", "env", "time",
                                            "nice", "taskset", "numactl", "timeout", "make", "gdb", "valgrind", "perf", "strace"};
  return std::find(kLaunchers.begin(), kLaunchers.end(), name) != kLaunchers.end();
}

}  // namespace

Result<std::string> match_output(const Project& project, const fs::path& cwd, const std::vector<std::string>& command,
                                 const Environment& environment) {
  const std::string& name = command.front();
  if (project.recipe.outputs.empty()) {
    return Error(ErrorKind::kInvalid, "hindsight.toml names no outputs, so '" + name + "' cannot be built",
                 "name the built programs in [build] outputs, or record your own build: hindsight record --as-built -- " + join(command, " "));
  }
  fs::path file;
  if (name.find('/') != std::string::npos) {
    file = fs::path(name).is_absolute() ? fs::path(name) : cwd / name;
  } else if (const std::optional<fs::path> found = find_on_path(name, environment)) {
    file = found->is_absolute() ? *found : cwd / *found;
  }
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(file.parent_path(), error);  // of the name, not of what it links to
  for (const std::string& output : project.recipe.outputs) {
    const fs::path wanted = project.root / output;
    if (!file.empty() && (folder / file.filename() == wanted || fs::weakly_canonical(file, error) == fs::weakly_canonical(wanted, error))) return output;
  }
  const std::string what = "'" + name + "' is not one of the outputs in hindsight.toml (" + join(project.recipe.outputs, ", ") + ")";
  const std::string as_built = "hindsight record --as-built -- " + join(command, " ");
  if (starts_others(fs::path(name).filename()) || (!file.empty() && is_script(file))) {
    return Error(ErrorKind::kInvalid, what + ": it starts other programs, whose builds cannot be put in their place",
                 "record the programs as you built them: " + as_built);
  }
  std::vector<std::string> names;
  for (const std::string& output : project.recipe.outputs) names.push_back(fs::path(output).filename());
  const std::optional<std::string> like = did_you_mean(fs::path(name).filename().string(), names);
  return Error(ErrorKind::kInvalid, what, like ? "did you mean the program '" + *like + "'? As you built it yourself: " + as_built
                                               : "add it to [build] outputs, or record it as you built it: " + as_built);
}

}  // namespace hindsight::replay

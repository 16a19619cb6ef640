#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "replay/project.h"
#include "store/store.h"
#include "tools/command.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace fs = std::filesystem;
namespace {

// Writes a file that must not be there yet; none of it is left behind if that fails.
Result<void> write_new(const fs::path& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return Error(ErrorKind::kIo, fmt::format("{} cannot be written: {}", path.string(), std::strerror(errno)));
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  const std::string problem = done < text.size() ? std::strerror(errno) : "";
  if (::close(file) == 0 && problem.empty()) return {};
  ::unlink(path.c_str());
  return Error(ErrorKind::kIo, fmt::format("{} cannot be written: {}", path.string(), problem));
}

// Is `root` inside a git work tree whose .gitignore there says nothing of .hindsight? The user's git is only read.
bool git_would_see_the_store(const fs::path& root) {
  std::error_code problem;
  for (fs::path folder = root;; folder = folder.parent_path()) {
    std::ifstream ignored(folder / ".gitignore");
    for (std::string line; std::getline(ignored, line);) {
      if (line.find(".hindsight") != std::string::npos) return false;
    }
    if (fs::exists(folder / ".git", problem)) return true;
    if (folder == folder.parent_path()) return false;
  }
}

int init(Output& out) {
  std::error_code problem;
  const fs::path root = fs::canonical(fs::current_path(problem), problem);
  if (problem) return out.fail(Error(ErrorKind::kIo, "the current folder cannot be read: " + problem.message()));
  const fs::path recipe_file = root / "hindsight.toml";
  const fs::path store_folder = root / ".hindsight";
  const bool has_recipe = fs::exists(fs::symlink_status(recipe_file, problem));
  if (has_recipe && fs::exists(store_folder / "format", problem)) {
    return out.fail(Error(ErrorKind::kInvalid, fmt::format("{} is a project already", root.string()),
                          "edit hindsight.toml to change how it is built and run"),
                    ExitCode::kFailed);
  }

  std::string text;
  if (!has_recipe) {
    Result<std::string> detected = replay::detect_recipe(root);
    if (!detected) return out.fail(detected.error());
    text = *std::move(detected);
  }
  Result<replay::Recipe> recipe = [&]() -> Result<replay::Recipe> {
    if (!has_recipe) return replay::parse_recipe(text);
    Result<replay::Project> project = replay::find_project(root);
    if (!project) return std::move(project).error();
    return project->recipe;
  }();
  if (!recipe) return out.fail(recipe.error(), ExitCode::kFailed);

  // The store first: if it cannot be made, no recipe is left behind that says this is a project.
  Result<store::Store> store = store::Store::create(store_folder);
  if (!store) return out.fail(store.error(), ExitCode::kFailed);
  if (!has_recipe) {
    if (const Result<void> written = write_new(recipe_file, text); !written) return out.fail(written.error());
  }

  out.answer(has_recipe ? fmt::format("found {}; made {}\n", recipe_file.string(), store_folder.string())
                        : fmt::format("wrote {} and made {}\n", recipe_file.string(), store_folder.string()));
  if (!recipe->configure.empty()) out.answer(fmt::format("  configured by  {}\n", recipe->configure));
  out.answer(fmt::format("  built by       {}\n  programs       {}\n", recipe->command, joined(recipe->outputs, ", ")));
  if (git_would_see_the_store(root)) out.talk("to keep the store out of git: echo .hindsight/ >> .gitignore");
  json::Object object("project");
  object.text("root", root.string())
      .flag("wrote_recipe", !has_recipe)
      .text_or_null("configure", recipe->configure)
      .text("command", recipe->command)
      .raw("outputs", json::strings(recipe->outputs));
  out.object(object);
  return out.done(json::Object("summary"));
}

}  // namespace

Verb make_init() {
  Verb verb;
  verb.name = "init";
  verb.summary = "Makes the current folder a project: writes hindsight.toml, from what it finds (CMake, Make, or a single\n"
                 "source file), and an empty store in .hindsight. An existing hindsight.toml is never changed.";
  verb.examples = {{"hindsight init", "then look at hindsight.toml, and 'hindsight record -- ./train'"},
                   {"hindsight init --json", "what was found, for scripts"}};
  verb.codes = {{ExitCode::kDone, ""},
                {ExitCode::kFailed, "it is a project already, or something could not be written"},
                {ExitCode::kUsage, ""},
                {ExitCode::kNotFound, "nothing was found that can be built"}};
  verb.declare = [](CLI::App&) -> Verb::Action {
    return [](Output& out, const std::vector<std::string>&) { return init(out); };
  };
  return verb;
}

}  // namespace hindsight::tools

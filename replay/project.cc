#include "replay/project.h"

#include <system_error>

#include "replay/files.h"

namespace hindsight::replay {

Result<Project> find_project(const std::filesystem::path& from) {
  std::error_code error;
  const std::filesystem::path start = std::filesystem::canonical(from.empty() ? "." : from, error);
  if (error) return Error(ErrorKind::kNotFound, "no folder " + from.string() + ": " + error.message());
  for (std::filesystem::path folder = start;; folder = folder.parent_path()) {
    const std::filesystem::path file = folder / "hindsight.toml";
    if (std::filesystem::is_regular_file(file, error)) {
      Result<std::string> text = read_file(file);
      if (!text) return std::move(text).error();
      Result<Recipe> recipe = parse_recipe(*text);
      if (!recipe) return std::move(recipe).error().context(folder.string());
      return Project{.root = folder, .recipe = std::move(*recipe), .recipe_text = std::move(*text)};
    }
    if (folder == folder.root_path()) break;
  }
  return Error(ErrorKind::kNotFound, "no hindsight.toml in " + start.string() + " or in a folder above it",
               "'hindsight init' in the project's folder writes one");
}

}  // namespace hindsight::replay

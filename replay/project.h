// A project: the folder that holds hindsight.toml, and the recipe in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/result.h"

namespace hindsight::replay {

// The user's word on which loops are given positions and state where the program does not call hindsight itself.
// A loop is named by FILE:LINE (the end of the path is enough), by what it counts, or by the function that it is in.
struct Wishes {
  std::vector<std::string> only;             // empty: the choice is free
  std::vector<std::string> never;
  std::map<std::string, std::string> names;  // FILE:LINE -> what the loop is to be called
  bool empty() const { return only.empty() && never.empty() && names.empty(); }
  friend bool operator==(const Wishes&, const Wishes&) = default;
};

// hindsight.toml. Commands are run by /bin/sh in the project's root.
struct Recipe {
  std::string configure;              // [build] configure: run once before `command`; may be empty
  std::string command;                // [build] command
  std::vector<std::string> outputs;   // [build] outputs: programs and libraries, relative to the root
  std::vector<std::string> exclude;   // [build] exclude: patterns that are not part of the snapshot
  std::vector<std::string> run_command;  // [run] command: what `record` without arguments runs
  std::string run_cwd;                // [run] cwd, relative to the root
  std::uint64_t max_file = 16 << 20;  // [store] max_file: larger files are known by hash only
  std::vector<std::string> volatile_names;      // [check] volatile: names never compared; '*' at the end matches any rest
  std::map<std::string, double> tolerance;      // [check] tolerance: name -> largest absolute difference that is `close`
  std::optional<bool> instrument;     // [instrument] auto: put loops and state into the sources; not said: where none includes hindsight
  Wishes wishes;                      // [instrument] loops, never, names
};

struct Project {
  std::filesystem::path root;  // absolute, without symbolic links
  Recipe recipe;
  std::string recipe_text;
  std::filesystem::path store_folder() const { return root / ".hindsight"; }
};

// The project that `from` lies in: the nearest folder upwards with hindsight.toml. kNotFound: none; kInvalid: the recipe
// cannot be read, with line and column.
Result<Project> find_project(const std::filesystem::path& from);

// kInvalid names the line, the key and what was expected; unknown keys are errors with "did you mean".
Result<Recipe> parse_recipe(std::string_view text);

// Is `text` FILE:LINE?
bool is_place(std::string_view text);

// A recipe for the CMake, Make or single-file program in `root`, with comments, for `init` to write.
// kNotFound: nothing recognised, with a hint that lists what was looked for.
Result<std::string> detect_recipe(const std::filesystem::path& root);

}  // namespace hindsight::replay

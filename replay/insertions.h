// What the tool put into a version's sources: written down by hindsight-cc while the recorded build ran, kept with the version, and put into
// the sources again before each later build of it. Nothing is analysed anew for that.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "store/base/result.h"

namespace hindsight::replay {

// The plan that hindsight-cc noted in `folder`, as a JSON array in a stable order: `[]` if nothing was put anywhere.
Result<std::string> collect_plan(const std::filesystem::path& folder);

// Writes the files that `plan` changes, with what it put into them, below `into`; they are read from below `sources`.
// kCorrupt: the plan cannot be read, or is that of other texts.
Result<void> apply_plan(const std::string& plan, const std::filesystem::path& sources, const std::filesystem::path& into);

// One file that a plan changes.
struct EditedFile {
  std::string file;                                        // relative to the project
  std::vector<std::pair<std::string, std::string>> lines;  // each with its end; what it was, and what became of it
  std::string before() const;
  std::string after() const;
};
// The files that `plan` changes, read from below `sources`. kCorrupt: as above.
Result<std::vector<EditedFile>> edited_files(const std::string& plan, const std::filesystem::path& sources);

// Without the #line directives that keep the numbers of lines in a build: a user's sources get longer instead.
EditedFile without_line_directives(EditedFile file);

// As `diff -u` writes it, with three lines around each change. Pure.
std::string unified_diff(const EditedFile& edited);

}  // namespace hindsight::replay

// The one way to parse a unit: Clang's front end in this process, bodies of functions outside the project skipped.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "instrument/launcher/call.h"

namespace clang {
class ASTContext;
class SourceManager;
}  // namespace clang

namespace hindsight::instrument {

struct ParseInput {
  std::vector<std::string> flags;  // of parse_flags()
  std::string file;                // as the compiler got it
  std::string cwd;                 // absolute
  std::string project;             // absolute, without links; files below it are the user's code
  Language language = Language::kCxx;
  std::string compiler;            // the user's; its default language standard is asked for where the call names none
  // Texts that stand for files, by absolute path.
  std::map<std::string, std::string> overlay;
};

struct Problem {
  std::string message;            // Clang's sentence, without a position
  std::string file;
  unsigned line = 0;
  // What the message is about: where it is, and where its notes lead. Files as they were found; the main file has no name.
  struct At {
    std::string file;
    std::size_t offset = 0;
  };
  std::vector<At> places;
};

// What only the preprocessor knows.
struct Preprocessed {
  // Offsets of lines in the main file before which an #include can be put: outside conditionals, before declarations.
  std::size_t include_offset = 0;
  // The user's code asks which compiler reads it (`#ifdef __clang__`): what Clang saw may not be what was built.
  std::string compiler_dependent;  // the first such place, "src/a.cc:12: __clang__"; empty: none
};

struct ParseOutcome {
  bool parsed = false;            // without errors
  std::vector<Problem> errors;
};

// `use` is called before the syntax tree goes away, if there was no error. Not thread safe.
using UseTree = std::function<void(clang::ASTContext&, const Preprocessed&)>;
ParseOutcome parse(const ParseInput& input, const UseTree& use);

// `absolute` relative to the project where inside it, else as it is.
std::string relative_to(const std::string& project, const std::string& absolute);
bool is_below(const std::string& folder, const std::string& path);
// A header of a library that is judged by its functions' signatures, wherever it is installed.
bool is_of_library(const std::string& file);

// The folder of Clang's own headers: HINDSIGHT_CC_RESOURCE_DIR, else what was found when this was built.
std::string resource_dir();

}  // namespace hindsight::instrument

// The headers of libraries that a unit includes first: most of what there is to parse, and the same from one compilation to the next.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hindsight::instrument {

struct PreambleInput {
  std::string file;                // the unit, absolute
  std::string cwd;                 // absolute
  std::string project;             // absolute, without links
  std::vector<std::string> flags;  // of parse_flags()
  // A file's text, or nothing if it is not there.
  std::function<std::optional<std::string>(const std::string& path)> read;
};

struct PreambleText {
  std::string libraries;
  std::string ours;  // the #includes that we have put behind those, if nothing that could matter to our headers is in neither
};

// `libraries`: a text that includes what the unit includes of libraries, in that order, the user's own headers looked through, with the user's macros as they
// are at each place, and as they were at its end. It ends where something comes that could bear on a library's header in a way that the
// text cannot repeat (a macro that is defined conditionally or taken back, an #include inside braces, packing), and is empty where the unit has
// forced includes. What is in a conditional is not in it.
//
// With these texts parsed before it, the unit means what it means without: those headers are then there already.
PreambleText preamble_of(const PreambleInput& input);

}  // namespace hindsight::instrument

// The headers of libraries that a unit includes first, precompiled by the user's own compiler: reading them is most of a compilation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "instrument/launcher/call.h"

namespace hindsight::instrument {

struct PrecompiledRequest {
  std::string compiler;            // GCC; there is nothing for others
  const Call* call = nullptr;      // of one unit
  std::string file;                // the text that is compiled in its place; may be the unit itself
  std::vector<std::string> added;  // arguments beside the call's: folders of headers
  std::string cwd;                 // absolute
  std::string project;             // absolute, without links
};

struct Precompiled {
  std::vector<std::string> flags;    // to put before the call's arguments; empty: there is nothing
  std::vector<std::string> headers;  // what it was made from: the compiler does not list it among the unit's dependencies
};

// What is kept in the parse cache for this and every like call; made at the third call that it would serve, since making it takes longer than one
// compilation. The object file is the same with it, byte by byte: calls of which that is not known (with debug information, with -flto) get nothing. What
// was made from headers that have changed since is made anew.
Precompiled precompiled_for(const PrecompiledRequest& request);

// A dependency file with more that its first target depends on.
std::string add_dependencies(std::string_view text, const std::vector<std::string>& headers);

}  // namespace hindsight::instrument

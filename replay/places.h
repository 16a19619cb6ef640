// Where our own parts are: beside the running program, in the build tree or in an installation.
#pragma once

#include <filesystem>
#include <string>

#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::replay {

struct Places {
  std::filesystem::path compiler_launcher;  // hindsight-cc; empty: not built
  std::filesystem::path instrument;         // hindsight-instrument; empty: not built
  std::filesystem::path enter;              // hindsight-enter
  std::filesystem::path include;            // the folder that holds hindsight/; empty: not found
  std::filesystem::path library;            // libhindsight.a; empty: not found
  std::filesystem::path package;            // the folder of an installation's hindsight.pc; empty: not installed
  store::Hash tools;                        // over hindsight-cc, the headers and the library: builds depend on it
};

// HINDSIGHT_LIBEXEC and HINDSIGHT_INCLUDE win; else looked for around /proc/self/exe. kNotFound: no hindsight-enter.
Result<Places> find_places();

}  // namespace hindsight::replay

#include "tools/loop_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace hindsight::tools {

void add_loop_options(CLI::App& app, replay::LoopRequest& into) {
  app.add_option("--loop", into.only, "only these loops: what one counts, its function, or where it begins")
      ->type_name("NAME|FILE:LINE")
      ->allow_extra_args(false);
  app.add_option("--never", into.never, "not these")->type_name("NAME|FILE:LINE")->allow_extra_args(false);
}

std::optional<Error> mistake_in(const replay::LoopRequest& loops) {
  constexpr char kHint[] = "write --loop epoch, --loop train or --loop src/train.cc:41";
  for (const auto& [flag, wishes] : {std::pair{"--loop", &loops.only}, {"--never", &loops.never}}) {
    for (const std::string& wish : *wishes) {
      if (wish.empty()) return Error(ErrorKind::kInvalid, fmt::format("{} names no loop", flag), kHint);
      if (wish.find(':') == std::string::npos || wish.find("::") != std::string::npos || replay::is_place(wish)) continue;
      return Error(ErrorKind::kInvalid, fmt::format("'{}' is not FILE:LINE", wish), kHint);
    }
  }
  for (const std::string& wish : loops.only) {
    if (std::find(loops.never.begin(), loops.never.end(), wish) == loops.never.end()) continue;
    return Error(ErrorKind::kInvalid, fmt::format("'{}' is named by --loop and by --never", wish), "one of the two is enough");
  }
  if (loops.no_insert && !(loops.only.empty() && loops.never.empty())) {
    return Error(ErrorKind::kInvalid, "--no-insert excludes --loop and --never", "--no-insert puts no loop into the program");
  }
  return std::nullopt;
}

}  // namespace hindsight::tools

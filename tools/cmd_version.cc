#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "runtime/wire.h"
#include "store/store.h"
#include "tools/command.h"

namespace hindsight::tools {

Verb make_version() {
  Verb verb;
  verb.name = "version";
  verb.summary = "Prints the versions of the tool, of the store's format and of the wire.";
  verb.examples = {{"hindsight version", "what to put into a bug report"},
                   {"hindsight version --json", "the same for scripts"}};
  verb.codes = {{ExitCode::kDone, ""}, {ExitCode::kUsage, ""}};
  verb.declare = [](CLI::App&) -> Verb::Action {
    return [](Output& out, const std::vector<std::string>&) {
      out.answer(fmt::format("hindsight {}\nstore format {}\nwire {}\n", HINDSIGHT_VERSION, store::kFormat, wire::kVersion));
      json::Object object("tool");
      object.text("version", HINDSIGHT_VERSION)
          .signed_number("format", std::int64_t{store::kFormat})
          .number("wire", wire::kVersion);
      out.object(object);
      return out.done(json::Object("summary"));
    };
  };
  return verb;
}

}  // namespace hindsight::tools

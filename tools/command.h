// A verb of the command line: how it is called, what its help says, and what it does.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/exit_code.h"
#include "tools/output.h"

namespace CLI {
class App;
}

namespace hindsight::tools {

struct Verb {
  struct Code {
    ExitCode code;
    std::string when;   // "a replay diverged"; empty: meaning_of(code)
  };
  struct Example {
    std::string command;
    std::string what;
  };
  // Does it and returns the exit code. `words`: what follows the flags of a verb that takes a command.
  using Action = std::function<int(Output& out, const std::vector<std::string>& words)>;

  std::string name;
  std::string summary;          // one line, for the list of verbs
  std::string usage;            // behind the name: "[PROBE...] [--run RUN]..."
  std::vector<Example> examples;
  std::vector<Code> codes;
  bool takes_command = false;   // everything from the first word that is no flag on belongs to it
  // Declares options and positionals; the action refers to where their values go and is run after parsing.
  std::function<Action(CLI::App&)> declare;
};

Verb make_init();
Verb make_instrument();
Verb make_record();
Verb make_runs();
Verb make_show();
Verb make_log();
Verb make_probes();
Verb make_replay();
Verb make_verify();
Verb make_table();
Verb make_fsck();
Verb make_gc();
Verb make_bundle();
Verb make_version();

// All of them, in the order in which help lists them.
std::vector<Verb> verbs();

// The help of one verb: two examples, then flags (those declared in `app`), then the exit codes that can occur.
std::string help_of(const Verb& verb, const CLI::App& app);
// What `hindsight` alone prints: ten lines.
std::string overview();

// Parses, runs, and returns the exit code; never throws. `arguments` without the program's name. The streams are those of
// the process, or a test's.
int run(const std::vector<std::string>& arguments, std::FILE* answers, std::FILE* talk);

}  // namespace hindsight::tools

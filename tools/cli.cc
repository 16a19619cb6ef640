// From words to an action: finds the verb, parses its flags with CLI11, and says what is wrong with them in our words.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "tools/command.h"
#include "tools/suggest.h"

namespace hindsight::tools {
namespace {

struct Words {
  std::string verb;
  std::vector<std::string> flags;               // everything for CLI11, in order
  std::optional<std::vector<std::string>> command;  // what follows `--` of a verb that takes a command
};

bool is_common_flag(std::string_view word) {
  return word == "--json" || word == "-q" || word == "--quiet" || word == "-v" || word == "--verbose";
}

// Common flags may stand before the verb, too.
Words split(const std::vector<std::string>& arguments) {
  Words words;
  auto next = arguments.begin();
  for (; next != arguments.end() && is_common_flag(*next); ++next) words.flags.push_back(*next);
  if (next != arguments.end()) words.verb = *next++;
  words.flags.insert(words.flags.end(), next, arguments.end());
  return words;
}

bool colours_on(std::FILE* file) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return ::isatty(::fileno(file)) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

Error usage(std::string message, std::string hint) {
  return Error(ErrorKind::kInvalid, std::move(message), std::move(hint));
}

// What is left over after parsing: a flag that does not exist, or a word too many.
Error leftover(const std::string& word, const Verb& verb, const CLI::App& app) {
  const std::string see = fmt::format("see 'hindsight help {}'", verb.name);
  if (!word.starts_with('-') || word == "-") {
    return usage(fmt::format("'{}' is one word too many for 'hindsight {}'", word, verb.name), see);
  }
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    for (const std::string& name : option->get_snames()) known.push_back("-" + name);
  }
  const std::string flag = word.substr(0, word.find('='));
  return usage(fmt::format("'hindsight {}' has no flag '{}'", verb.name, flag), did_you_mean(flag, known, see));
}

int run_verb(const Verb& verb, Words words, Output::Style style, std::FILE* answers, std::FILE* talk) {
  CLI::App app(verb.summary, "hindsight " + verb.name);
  app.set_help_flag("-h,--help", "this text");
  app.allow_extras();
  if (verb.takes_command) {
    app.prefix_command();
    const auto dashes = std::find(words.flags.begin(), words.flags.end(), "--");
    // What precedes `--` and is no flag of ours makes the command begin there, and the `--` one of its words.
    if (dashes != words.flags.end()) {
      words.command.emplace(dashes + 1, words.flags.end());
      words.flags.erase(dashes, words.flags.end());
    }
  }
  const Verb::Action action = verb.declare(app);
  app.add_flag("--json", style.json, "one JSON object per line on stdout, as tools/CLI.md describes");
  app.add_flag("-q,--quiet", style.quiet, "no talk on stderr, only warnings and errors");
  app.add_flag("-v,--verbose", style.verbose, "more of everything");

  std::optional<Error> problem;
  std::vector<std::string> reversed(words.flags.rbegin(), words.flags.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    Output out(answers, talk, Output::Style{});
    out.answer(help_of(verb, app));
    return static_cast<int>(out.all_written() ? ExitCode::kDone : ExitCode::kFailed);
  } catch (const CLI::ParseError& error) {
    style.json = style.json || std::find(words.flags.begin(), words.flags.end(), "--json") != words.flags.end();
    problem = usage(error.what(), fmt::format("see 'hindsight help {}'", verb.name));
  }
  Output out(answers, talk, style);
  std::vector<std::string> rest = problem ? std::vector<std::string>{} : app.remaining();
  if (verb.takes_command && !problem) {
    if (!rest.empty() && (rest[0].starts_with('-') || words.command)) {
      problem = rest[0].starts_with('-') ? leftover(rest[0], verb, app)
                                         : usage(fmt::format("'{}' stands before '--'", rest[0]),
                                                 "flags of hindsight, then '--', then the command");
    } else if (words.command) {
      rest = *words.command;
    }
  } else if (!rest.empty()) {
    problem = leftover(rest[0], verb, app);
  }
  if (problem) return out.fail(*problem, ExitCode::kUsage);

  const int code = action(out, rest);
  if (!out.all_written() && code == 0) {
    return out.fail(Error(ErrorKind::kIo, "the answer could not be written to standard output"));
  }
  return code;
}

}  // namespace

int run(const std::vector<std::string>& arguments, std::FILE* answers, std::FILE* talk) {
  Output::Style style;
  style.colour = colours_on(answers);
  style.talk_colour = colours_on(talk);
  style.terminal = ::isatty(::fileno(talk)) == 1;
  Words words = split(arguments);
  Output out(answers, talk, style);
  if (words.verb.empty() || words.verb == "--help" || words.verb == "-h" ||
      (words.verb == "help" && words.flags.empty())) {
    out.answer(overview());
    return static_cast<int>(out.all_written() ? ExitCode::kDone : ExitCode::kFailed);
  }
  if (words.verb == "--version") words.verb = "version";
  if (words.verb == "help") {
    words.verb = words.flags[0];
    words.flags = {"--help"};
  }
  std::vector<std::string> names = {"help"};
  for (const Verb& verb : verbs()) {
    if (verb.name == words.verb) return run_verb(verb, std::move(words), style, answers, talk);
    names.push_back(verb.name);
  }
  style.json = std::find(words.flags.begin(), words.flags.end(), "--json") != words.flags.end();
  return Output(answers, talk, style)
      .fail(usage(fmt::format("no command '{}'", words.verb),
                  did_you_mean(words.verb, names, "'hindsight help' lists all commands")),
            ExitCode::kUsage);
}

}  // namespace hindsight::tools

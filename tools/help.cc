#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "tools/command.h"
#include "tools/layout.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace {

std::string flag_text(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  std::string text = joined(names, ", ");
  if (option.get_type_size() != 0) text += " " + option.get_type_name();
  return text;
}

}  // namespace

std::vector<Verb> verbs() {
  std::vector<Verb> all;
  all.push_back(make_init());
  all.push_back(make_instrument());
  all.push_back(make_record());
  all.push_back(make_runs());
  all.push_back(make_show());
  all.push_back(make_log());
  all.push_back(make_probes());
  all.push_back(make_replay());
  all.push_back(make_verify());
  all.push_back(make_table());
  all.push_back(make_gc());
  all.push_back(make_bundle());
  all.push_back(make_fsck());
  all.push_back(make_version());
  return all;
}

std::string help_of(const Verb& verb, const CLI::App& app) {
  std::string text;
  for (const Verb::Example& example : verb.examples) {
    text += fmt::format("  {}\n      {}\n", example.command, example.what);
  }
  text += fmt::format("\nusage: hindsight {}{}{}\n\n{}\n", verb.name, verb.usage.empty() ? "" : " ", verb.usage,
                      verb.summary);

  std::vector<std::vector<std::string>> positionals, flags;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      positionals.push_back({"  " + option->get_name(true, false), option->get_description()});
    } else {
      flags.push_back({"  " + flag_text(*option), option->get_description()});
    }
  }
  if (!positionals.empty()) text += "\n" + lay_out(positionals, {Align::kLeft, Align::kLeft});
  text += "\nflags\n" + lay_out(flags, {Align::kLeft, Align::kLeft});

  std::vector<std::vector<std::string>> codes;
  for (const Verb::Code& code : verb.codes) {
    codes.push_back({"  " + std::to_string(static_cast<int>(code.code)), code.when.empty() ? meaning_of(code.code) : code.when});
  }
  return text + "\nexit codes\n" + lay_out(codes, {Align::kRight, Align::kLeft});
}

std::string overview() {
  return "hindsight: log a training's values after the fact, exactly as if they had always been logged\n"
         "\n"
         "  hindsight init                               write hindsight.toml for this project\n"
         "  hindsight record -- ./train --epochs 20      train, and keep what a replay needs\n"
         "  hindsight runs | show | verify | fsck        what is kept, and whether it is whole\n"
         "  hindsight log 'g = norm(w)' --after STMT     ask for a value that nobody logged\n"
         "  hindsight replay [--dry-run]                 get it, for every run of every version\n"
         "  hindsight table loss g                       one table, every value marked exact or not\n"
         "\n"
         "'hindsight help VERB' shows examples, flags and exit codes; also: instrument, probes, gc, bundle, version\n";
}

}  // namespace hindsight::tools

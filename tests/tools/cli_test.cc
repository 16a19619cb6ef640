// What the command says of itself, and of commands that are typed wrongly.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/tools/project.h"

namespace hindsight::tools {
namespace {

const std::vector<std::string> kVerbs = {"init", "instrument", "record", "runs", "show", "log", "probes", "replay", "verify", "table", "gc", "bundle", "fsck", "version"};

std::string manual() {
  std::ifstream file(HINDSIGHT_CLI_MD);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The flags that a help text lists: --json, -j...
std::set<std::string> flags_of(const std::string& help) {
  std::set<std::string> flags;
  const std::string part = help.substr(help.find("\nflags\n"), help.find("\nexit codes\n") - help.find("\nflags\n"));
  static const std::regex flag("\n  (-[^ ,]+)(?:, (--[^ ]+))?");
  for (std::sregex_iterator it(part.begin(), part.end(), flag), end; it != end; ++it) {
    flags.insert((*it)[1]);
    if ((*it)[2].matched) flags.insert((*it)[2]);
  }
  return flags;
}

TEST(CommandLine, WithoutArgumentsItSaysWhatItIsInTenLines) {
  const ScratchProject project;
  const Outcome outcome = project.run({});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_LE(outcome.lines().size(), 10u);
  for (const std::string& verb : kVerbs) EXPECT_NE(outcome.out.find(verb), std::string::npos) << verb;
  EXPECT_EQ(project.run({"help"}).out, outcome.out);
  EXPECT_EQ(project.run({"--help"}).out, outcome.out);
}

TEST(CommandLine, EveryCommandsHelpHasTwoExamplesThenFlagsThenExitCodes) {
  const ScratchProject project;
  for (const std::string& verb : kVerbs) {
    SCOPED_TRACE(verb);
    const Outcome help = project.run({"help", verb});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.out, project.run({verb, "--help"}).out);
    const std::vector<std::string> lines = help.lines();
    ASSERT_GT(lines.size(), 10u);
    EXPECT_TRUE(lines[0].starts_with("  hindsight " + verb)) << lines[0];
    EXPECT_TRUE(lines[2].starts_with("  hindsight " + verb)) << lines[2];
    EXPECT_NE(help.out.find("usage: hindsight " + verb), std::string::npos);
    EXPECT_LT(help.out.find("\nflags\n"), help.out.find("\nexit codes\n"));
    EXPECT_GE(flags_of(help.out).size(), 4u);
  }
}

TEST(CommandLine, TheManualHasEveryCommandAndEveryFlag) {
  const ScratchProject project;
  const std::string text = manual();
  for (const std::string& verb : kVerbs) {
    const std::size_t at = text.find("\n### " + verb + "\n");
    EXPECT_NE(at, std::string::npos) << verb;
    for (const std::string& flag : flags_of(project.run({"help", verb}).out)) {
      EXPECT_NE(text.find("`" + flag), std::string::npos) << verb << " " << flag;
    }
  }
}

TEST(CommandLine, TheManualNamesNoFlagThatNoCommandHas) {
  const ScratchProject project;
  std::set<std::string> known;
  for (const std::string& verb : kVerbs) known.merge(flags_of(project.run({"help", verb}).out));
  const std::string text = manual();
  static const std::regex flag("`(--?[a-z][a-z-]*)");
  for (std::sregex_iterator it(text.begin(), text.end(), flag), end; it != end; ++it) {
    EXPECT_TRUE(known.contains((*it)[1])) << (*it)[1];
  }
}

TEST(CommandLine, TheManualHasEveryExitCodeThatHelpNames) {
  const ScratchProject project;
  const std::string text = manual();
  for (const std::string& verb : kVerbs) {
    const std::string help = project.run({"help", verb}).out;
    std::istringstream codes(help.substr(help.find("\nexit codes\n") + 12));
    int count = 0;
    for (std::string line; std::getline(codes, line); ++count) {
      EXPECT_NE(text.find("\n| " + std::to_string(std::stoi(line)) + " | "), std::string::npos) << verb << line;
    }
    EXPECT_GE(count, 2) << verb;
  }
}

struct Mistake {
  std::vector<std::string> arguments;
  std::string message;
  std::string hint;
};

TEST(CommandLine, WhatIsTypedWronglyIsNamedWithAHint) {
  const ScratchProject project;
  project.with_history();
  const std::vector<Mistake> mistakes = {
      {{"recrod"}, "no command 'recrod'", "did you mean 'record'?"},
      {{"frobnicate"}, "no command 'frobnicate'", "'hindsight help' lists all commands"},
      {{"help", "tabel"}, "no command 'tabel'", "did you mean 'table'?"},
      {{"runs", "--jsno"}, "'hindsight runs' has no flag '--jsno'", "did you mean '--json'?"},
      {{"replay", "--dryrun"}, "'hindsight replay' has no flag '--dryrun'", "did you mean '--dry-run'?"},
      {{"record", "--evry", "epoch=2", "--", "./train"}, "'hindsight record' has no flag '--evry'", "did you mean '--every'?"},
      {{"record", "./train", "--", "x"}, "'./train' stands before '--'", "flags of hindsight, then '--', then the command"},
      {{"runs", "all"}, "'all' is one word too many for 'hindsight runs'", "see 'hindsight help runs'"},
      {{"show"}, "RUN is required", "see 'hindsight help show'"},
      {{"table"}, "NAME is required", "see 'hindsight help table'"},
      {{"replay", "--all", "--run", "r1"}, "--all and --run exclude each other", "--all is what no --run means"},
      {{"log", "x"}, "no '=' in 'x'", "write NAME=EXPR, e.g. 'grad_norm = hindsight::norm(w.grad())'"},
      {{"log", "x=y"}, "it is not said where to log it", "give one of --after STMT, --before STMT, --at FILE:LINE, --on-call CALL, --on-assign VARIABLE, --each-loop LOOP"},
      {{"log", "x=y", "--after", "a", "--before", "b"}, "only one place can be given", "give one of --after STMT, --before STMT, --at FILE:LINE, --on-call CALL, --on-assign VARIABLE, --each-loop LOOP"},
      {{"log", "x=y", "--on-call", "f", "--each-loop", "g"}, "only one place can be given", "give one of --after STMT, --before STMT, --at FILE:LINE, --on-call CALL, --on-assign VARIABLE, --each-loop LOOP"},
      {{"log", "x=y", "--on-assign", ";"}, "the statement is empty", "see 'hindsight help log'"},
      {{"probes", "--where", "--remove", "x"}, "--where and --remove exclude each other", "see 'hindsight help probes'"},
      {{"probes", "x"}, "it is not said what to do with 'x'", "--where shows where it goes, --remove takes it off the list"},
      {{"log", "x=y", "--at", "src/train.cc"}, "'src/train.cc' is not FILE:LINE", "write --at src/train.cc:41"},
      {{"record", "--every", "epoch", "--", "./train"}, "'epoch' is not LOOP=N with N of at least 1", "write --every epoch=2"},
      {{"record", "--overhead", "0", "--", "./train"}, "--overhead 0 is not a percentage above 0 and up to 100", "2 is what it is without it"},
      {{"record", "--overhead", "101", "--", "./train"}, "--overhead 101 is not a percentage above 0 and up to 100", "2 is what it is without it"},
      {{"bundle", "--read"}, "--read takes one file", "write: hindsight bundle --read FILE"},
      {{"record", "--set", "lr", "--", "./train"}, "'lr' is not NAME=VALUE", "write --set lr=0.1"},
      {{"record", "--loop", "src/train.cc:x", "--", "./train"}, "'src/train.cc:x' is not FILE:LINE", "write --loop epoch, --loop train or --loop src/train.cc:41"},
      {{"record", "--never", "", "--", "./train"}, "--never names no loop", "write --loop epoch, --loop train or --loop src/train.cc:41"},
      {{"record", "--no-insert", "--loop", "epoch", "--", "./train"}, "--no-insert excludes --loop and --never", "--no-insert puts no loop into the program"},
      {{"record", "--as-built", "--loop", "epoch", "--", "./train"}, "--as-built builds nothing, so no loops can be chosen", "take away --loop, --never and --no-insert"},
      {{"record", "--as-built", "--no-insert", "--", "./train"}, "--as-built builds nothing, so no loops can be chosen", "take away --loop, --never and --no-insert"},
      {{"record", "--nevr", "epoch", "--", "./train"}, "'hindsight record' has no flag '--nevr'", "did you mean '--never'?"},
      {{"instrument", "--loop", "epoch", "--never", "epoch"}, "'epoch' is named by --loop and by --never", "one of the two is enough"},
      {{"instrument", "--loop", ":3"}, "':3' is not FILE:LINE", "write --loop epoch, --loop train or --loop src/train.cc:41"},
      {{"instrument", "--aply"}, "'hindsight instrument' has no flag '--aply'", "did you mean '--apply'?"},
      {{"instrument", "train"}, "'train' is one word too many for 'hindsight instrument'", "see 'hindsight help instrument'"},
      {{"show", "v1", "loss", "--values", "--frob"}, "'hindsight show' has no flag '--frob'", "see 'hindsight help show'"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(testing::PrintToString(mistake.arguments));
    const Outcome outcome = project.run(mistake.arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "hindsight: " + mistake.message + "\nhint: " + mistake.hint + "\n");
  }
}

TEST(CommandLine, WhatIsNotThereIsNamedWithAHint) {
  const ScratchProject project;
  project.with_history();
  const std::vector<Mistake> mistakes = {
      {{"log", "x=y", "--on-call", "f", "--with", "nowhere.h"}, "cannot read 'nowhere.h'", "--with takes a header with what the expression needs"},
      {{"show", "r9"}, "no run 'r9'", "'hindsight runs' lists all: r1 to r2"},
      {{"show", "v9"}, "no version 'v9'", "'hindsight runs' shows versions v1 to v2"},
      {{"show", "p9"}, "no replay 'p9'", "the last one is p1"},
      {{"show", "r1", "los"}, "r1 has no value 'los'", "did you mean 'loss'?"},
      {{"table", "grad_nrom"}, "no value and no probe is called 'grad_nrom'", "did you mean 'grad_norm'?"},
      {{"table", "loss", "--run", "r7"}, "no run 'r7'", "'hindsight runs' lists all: r1 to r2"},
      {{"table", "loss", "--where", "epcoh=1"}, "no run has a loop 'epcoh'", "did you mean 'epoch'?"},
      {{"table", "loss", "--where", "fold=1"}, "no run has a loop 'fold'", "the loops are: epoch"},
      {{"probes", "--remove", "gradnorm"}, "no probe 'gradnorm'", "did you mean 'grad_norm'?"},
      {{"replay", "grad_norm", "--run", "r9"}, "no run 'r9'", "'hindsight runs' lists all: r1 to r2"},
      {{"replay", "grad_norm", "--where", "epcoh=1"}, "no run has a loop 'epcoh'", "did you mean 'epoch'?"},
      {{"log", "x=y", "--at", "src/trian.cc:2"}, "no file 'src/trian.cc'", "give it relative to here or to the project"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(testing::PrintToString(mistake.arguments));
    const Outcome outcome = project.run(mistake.arguments);
    EXPECT_EQ(outcome.code, 4);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "hindsight: " + mistake.message + "\nhint: " + mistake.hint + "\n");
    std::vector<std::string> with_json = mistake.arguments;
    with_json.push_back("--json");
    const Outcome again = project.run(with_json);
    EXPECT_EQ(again.code, 4);
    EXPECT_EQ(again.err, outcome.err);
    ASSERT_EQ(again.lines().size(), 1u);
    const auto error = nlohmann::json::parse(again.lines()[0]);
    EXPECT_EQ(error["type"], "error");
    EXPECT_EQ(error["code"], 4);
    EXPECT_EQ(error["message"], mistake.message);
    EXPECT_EQ(error["hint"], mistake.hint);
  }
}

TEST(CommandLine, AMistakeInWhereShowsTheForm) {
  const ScratchProject project;
  project.with_history();
  for (const char* verb : {"table", "replay"}) {
    const Outcome outcome = project.run({verb, "loss", "--where", "epoch is 3"});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_NE(outcome.err.find("epoch"), std::string::npos);
  }
}

TEST(CommandLine, CommonFlagsMayStandBeforeTheCommand) {
  const ScratchProject project;
  EXPECT_EQ(project.run({"--json", "version"}).out, project.run({"version", "--json"}).out);
}

TEST(CommandLine, VersionsAreThoseOfToolFormatAndWire) {
  const ScratchProject project;
  const Outcome outcome = project.run({"version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(std::regex_match(outcome.out, std::regex("hindsight \\d+\\.\\d+\\.\\d+\nstore format \\d+\nwire \\d+\n"))) << outcome.out;
  EXPECT_EQ(project.run({"--version"}).out, outcome.out);
}

TEST(CommandLine, AnAnswerThatCannotBeWrittenIsAFailure) {
  const ScratchProject project;
  project.with_history();
  for (const char* command : {"runs", "help runs", "show r1 --values", "table loss", "version --json"}) {
    const Outcome outcome = project.shell(std::string("\"$HINDSIGHT\" ") + command + " > /dev/full");
    EXPECT_EQ(outcome.code, 1) << command;
  }
}

}  // namespace
}  // namespace hindsight::tools

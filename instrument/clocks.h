// Where readings of clocks go. Timing is in every training and harmless: readings that are only computed with, shown and logged
// decide nothing that a replay has to repeat. All others do. Whatever else another process does not have again is a reading, too: what is
// in memory where (addresses as numbers, the order of containers by address, capacities), the memory in use, and the order in which threads add up
// floating-point numbers. For the files that know Clang.
//
// A reading is followed through variables, members, parameters and results of the user's functions, and through what is decided
// by it; one that is stored elsewhere, or handed to a function that is not known to do no more than compute or show, escapes.
// Which way a variable gets it is not told apart: once a reading, always one.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>

#include "instrument/outside.h"
#include "instrument/source.h"

namespace hindsight::instrument {

struct Reading {
  std::string what;  // std::chrono::steady_clock::now
  clang::SourceLocation at;
};

struct ClockFlow {
  struct Escape {
    Reading reading;
    clang::SourceLocation at;  // where it goes to what is not followed
  };
  struct Log {
    Reading reading;
    clang::SourceLocation at;
    std::string name;          // empty: not known while compiling
  };
  struct Return {
    const clang::FunctionDecl* function = nullptr;
    Reading reading;
  };
  std::vector<Escape> escapes;  // the first of every reading
  std::vector<Log> logs;        // of hindsight::log and of probes whose value, or whose being run, depends on a reading
  DeclSet<clang::ValueDecl> held_in;  // variables and members that may hold what depends on one, canonical
  std::vector<Return> returns;  // functions that give other units what depends on a reading
};
ClockFlow follow_clocks(clang::ASTContext& context, const UserCode& user, const std::vector<Code>& code);

// Where the results of functions of other units go, should they turn out to be readings: those that are called here and give plain values.
struct ForeignFlow {
  const clang::FunctionDecl* function = nullptr;
  ClockFlow flow;
};
std::vector<ForeignFlow> follow_foreign_results(clang::ASTContext& context, const UserCode& user, const std::vector<Code>& code);

}  // namespace hindsight::instrument

// What is said of a unit's loops and functions in its report. For the files that know Clang.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <clang/AST/ASTContext.h>

#include "instrument/model.h"
#include <clang/AST/Decl.h>

#include "instrument/functions.h"
#include "instrument/parse.h"
#include "instrument/place.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// Fills `report.loops` and `report.functions`.
void summarise(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions,
               const Preprocessed& preprocessed, UnitReport& report);

// What a loop's state would have to hold: the outside places that its body may modify, of one function (instances of a template
// each for itself).
struct Wanted {
  const clang::FunctionDecl* function = nullptr;
  const clang::Stmt* loop = nullptr;
  Places places;
  DeclSet<clang::VarDecl> dead;  // written before they are read: no part of it
  // Where a thread goes on beside it: what that may write meanwhile, so that nobody can look at it who does not know its locks.
  bool has_thread = false;
  Places by_thread;        // empty: not known
};
struct UnitNeeds {
  std::vector<Wanted> loops;
  std::vector<const clang::VarDecl*> written_globals;  // that some function of the unit may modify
  DeclSet<clang::FunctionDecl> harmless;       // modify nothing but their own object, draw nothing, call nothing unknown
};
UnitNeeds needs_of(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions,
                   const Preprocessed& preprocessed, const NamedLoops& loops);

// Offsets [begin, end) of the main file.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};
// What the code in a span may change outside of it, and the user's functions that it calls.
struct SpanEffects {
  std::vector<Change> changes;
  std::vector<std::string> calls;
};
// What the probes in a text mean for it.
struct ProbesEffects {
  std::vector<SpanEffects> spans;
  // Of each loop, by name and line (that of its file without probes), the variables that are dead at its head with the probes in place; those of a
  // template, that are in all instances.
  std::map<std::pair<std::string, unsigned>, std::vector<std::string>> dead;
};
ProbesEffects effects_of_probes(clang::ASTContext& context, const UserCode& user, const std::vector<Span>& spans);

}  // namespace hindsight::instrument

// What is said of a unit's loops and functions in its report. For the files that know Clang.
#pragma once

#include <set>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>

#include "instrument/functions.h"
#include "instrument/model.h"
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

}  // namespace hindsight::instrument

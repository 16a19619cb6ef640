// What a unit's code as a whole does with its functions, lambdas and globals, wherever that stands. For the files that know Clang.
#pragma once

#include <map>
#include <string>

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>

#include "instrument/source.h"

namespace hindsight::instrument {

inline bool is_global(const clang::VarDecl* v) { return v && v->hasGlobalStorage(); }

struct UnitUses {
  DeclSet<clang::VarDecl> globals;                              // of the user's code, static locals among them
  DeclSet<clang::FunctionDecl> address_taken;                   // used otherwise than by calling them by their name, or a template's argument
  DeclSet<clang::CXXRecordDecl> lambda_escapes;                 // classes of the lambdas that may be called from anywhere
  std::map<std::string, std::string> unfollowed;                // by what it is called: what runs where nothing shows it, and why
  bool wants_gradients = false;                                 // tensors that want gradients are made
  // What the tool has registered, so that every state has it: statics of functions, and globals at the end of the unit.
  DeclSet<clang::VarDecl> registered_statics;
  DeclSet<clang::VarDecl> registered_at_end;
};
UnitUses uses_of(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions);

}  // namespace hindsight::instrument

// The loops of a unit as the choice of main loops sees them, and as statements that can be rewritten. For the files that know Clang.
#pragma once

#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>

#include "instrument/model.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// One per function of the user's code with a body here; templates by their instantiations.
std::vector<FunctionShape> shapes_of(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions);

// The loop statements that stand in `f`, lambdas left out, with what names each: in the order of the source.
struct LoopStatement {
  const clang::Stmt* statement = nullptr;  // for, while, do or range-for
  std::string file;
  unsigned line = 0;
  unsigned nth = 0;
  int parent = -1;
};
std::vector<LoopStatement> loop_statements(const UserCode& user, const clang::FunctionDecl* f);

// The integer that a for loop counts with, declared in its head or before; null: none.
const clang::VarDecl* counter_of(const clang::Stmt* loop);

}  // namespace hindsight::instrument

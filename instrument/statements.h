// Reads the statements of the user's code out of a syntax tree. For the files that know Clang.
#pragma once

#include <vector>

#include <clang/AST/ASTContext.h>

#include "instrument/functions.h"
#include "instrument/statement.h"

namespace hindsight::instrument {

struct Statements {
  std::vector<Statement> all;           // in source order within a function
  std::vector<RecordedName> recorded;   // names of hindsight::log and HINDSIGHT_LOG calls
};
// Templates give the statements of their pattern, once.
Statements statements_of(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions);

}  // namespace hindsight::instrument

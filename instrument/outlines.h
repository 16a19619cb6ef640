// Reads the outline of a unit out of its syntax tree. For the files that know Clang.
#pragma once

#include <clang/AST/ASTContext.h>

#include "instrument/functions.h"
#include "instrument/outline.h"

namespace hindsight::instrument {

// Templates give their pattern, once. Statements in the heads of others, and those that a macro makes, are parts of what is around them.
Outline outline_of(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions);

}  // namespace hindsight::instrument

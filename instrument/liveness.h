// Which variables a loop does not need the value of, because every path from its head writes them before it reads them. For the files that
// know Clang.
#pragma once

#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>

#include "instrument/effects.h"
#include "instrument/functions.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// The variables of `facts.function`, declared outside of the loop's body, that are dead at the head of `loop` and where it is left: what they hold there, nothing reads. Only variables that
// the function itself declares, of types whose old value no assignment looks at (pointers, plain structs and arrays, containers and tensors), and that
// nothing outlasting an iteration refers to. Numbers always count as live: they cost nothing to keep, and a later question may be about the last one.
// Backward dataflow over Clang's control-flow graph (Aho, Lam, Sethi, Ullman, Compilers, 2nd edition, 9.2.5).
DeclSet<clang::VarDecl> dead_at_head(clang::ASTContext& context, const FunctionFacts& facts, const HindsightLoop& loop);
// Their names, sorted; a name that several of them have is there as often.
std::vector<std::string> names_of(const DeclSet<clang::VarDecl>& variables);

}  // namespace hindsight::instrument

// What is said of a unit's loops and functions in its report. For the files that know Clang.
#pragma once

#include <vector>

#include <clang/AST/ASTContext.h>

#include "instrument/model.h"
#include <clang/AST/Decl.h>

#include "instrument/parse.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// Fills `report.loops` and `report.functions`.
void summarise(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions,
               const Preprocessed& preprocessed, UnitReport& report);

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
std::vector<SpanEffects> effects_of_spans(clang::ASTContext& context, const UserCode& user, const std::vector<Span>& spans);

}  // namespace hindsight::instrument

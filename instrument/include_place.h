// Where an #include of ours can stand in a file. For the files that know Clang.
#pragma once

#include <cstddef>
#include <optional>

#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceLocation.h>

#include "instrument/parse.h"

namespace hindsight::instrument {

struct IncludePlace {
  std::size_t offset = 0;
  bool is_spare = true;  // a line without text, so that nothing has to move
};
// Before `before`, behind the file's own includes where they come first, and outside of every declaration and conditional (in a header: but for its guard).
// Best in a line without text.
std::optional<IncludePlace> include_place(const clang::ASTContext& context, const Preprocessed& preprocessed, clang::FileID file, std::size_t before);

}  // namespace hindsight::instrument

#include "instrument/summary.h"

#include "instrument/functions.h"

namespace hindsight::instrument {
void summarise(clang::ASTContext& context, const UserCode& user, const std::vector<const clang::FunctionDecl*>& functions,
               const Preprocessed&, UnitReport& report) {
  for (const clang::FunctionDecl* f : functions) {
    for (const HindsightLoop& loop : loops_of(context, f)) {
      report.loops.push_back({.name = loop.name, .file = user.file_of(loop.at), .line = user.line_of(loop.at), .end_line = 0, .function = report_name(f), .nest = {}, .state = {}, .missing = {{"?", 0, "the gate is not analysed yet"}}, .calls = {}, .calls_unknown = true});
    }
  }
}
}  // namespace hindsight::instrument

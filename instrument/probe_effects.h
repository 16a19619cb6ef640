// What probes mean for the program that they are put into. For the files that know Clang.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <clang/AST/ASTContext.h>

#include "instrument/model.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// Offsets [begin, end) of the main file.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};
// What the code in a span may change outside of it, the user's functions that it calls, and whether it declares anything.
struct SpanEffects {
  std::vector<Change> changes;
  std::vector<std::string> calls;
  bool declares = false;
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

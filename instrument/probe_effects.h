// What probes mean for the program that they are put into. For the files that know Clang.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <clang/AST/ASTContext.h>

#include "instrument/model.h"
#include "instrument/source.h"

namespace hindsight::instrument {

// Offsets [begin, end) of a file, which is named as in the reports.
struct Span {
  std::string file;
  std::size_t begin = 0;
  std::size_t end = 0;
};
// Which of some spans, that do not overlap, a place of a parsed unit is in. A header that is included more than once has each of its spans as often.
class SpanIndex {
 public:
  SpanIndex(const UserCode& user, const std::vector<Span>& spans);
  std::optional<std::size_t> at(std::size_t offset) const;  // as of Event
  std::optional<std::size_t> at(clang::SourceLocation location) const { return at(static_cast<std::size_t>(location.getRawEncoding())); }
  std::size_t size() const { return size_; }
  // Is the file of this span part of the unit?
  bool is_there(std::size_t span) const;

 private:
  struct Stretch {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t span = 0;
  };
  std::vector<Stretch> stretches_;  // in order
  std::size_t size_;
};
// What the code in a span may change outside of it, the user's functions that it calls, and whether it declares anything.
struct SpanEffects {
  std::vector<Change> changes;
  std::vector<std::string> calls;
  std::vector<std::string> functions;  // that it defines
  bool declares = false;
};
// What the probes in a text mean for it.
struct ProbesEffects {
  std::vector<SpanEffects> spans;
  // Of each loop, by name and line (that of its file without probes), the variables that are dead at its head with the probes in place; those of a
  // template, that are in all instances.
  std::map<std::pair<std::string, unsigned>, std::vector<std::string>> dead;
};
ProbesEffects effects_of_probes(clang::ASTContext& context, const UserCode& user, const SpanIndex& spans);

}  // namespace hindsight::instrument

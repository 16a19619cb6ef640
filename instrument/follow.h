// Where a probe of one version goes in another, and how its expression reads there. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "instrument/align.h"

namespace hindsight::instrument {

// A place beside a statement: the file and the byte offset at which that begins.
struct StatementAt {
  std::string file;
  std::size_t offset = 0;
  friend auto operator<=>(const StatementAt&, const StatementAt&) = default;
};

// A probe where it is known to go.
struct PlacedProbe {
  std::string id;
  std::string expression;
  StatementAt at;
};

struct Followed {
  std::string id;
  StatementAt at;          // of the other version
  unsigned line = 0;
  std::string function;    // that it stands in
  std::string expression;  // with the names of that version
  std::vector<std::pair<std::string, std::string>> renamed = {};  // what the expression says, and what that is there
  double likeness = 0;
  double margin = 0;
  bool is_sure = false;  // the statement and every name of the expression: Counterpart::is_sure, Alignment::sure_symbols
  std::string refused = {};  // why it has no place there; empty: it has
  std::vector<std::string> candidates = {};  // `src/train.cc:50: loss.backward ( )`
};

Followed follow(const PlacedProbe& probe, const Outline& from, const Outline& to, const Alignment& alignment);

}  // namespace hindsight::instrument

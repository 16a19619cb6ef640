// Where a probe goes: matches its placement against the statements of a unit. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/model.h"
#include "instrument/statement.h"
#include "instrument/text.h"

namespace hindsight::instrument {

struct PlacingUnit {
  std::string_view text;  // of the main file
  std::string file;       // its name in reports
  std::map<std::string, std::string> headers;  // the user's that it includes, as named in reports, with their texts
  std::vector<Statement> statements;
  std::vector<RecordedName> recorded;
};

struct Placing {
  ProbeOutcome outcome;
  std::vector<Insertion> insertions;  // into the file of the place: one, or two where braces were needed
  bool operator==(const Placing&) const = default;
};

// One, or of a pattern one for each place. The outcome is a place or a refusal, never both; `insertions` is empty for a refusal. Whether the
// expression compiles at the place is not judged here.
std::vector<Placing> place_probe(const Probe& probe, const PlacingUnit& unit);

// Does the unit have the neighbours of a probe of form `edit`, once, in the same loops?
bool has_neighbours(const Probe& probe, const PlacingUnit& unit);

// What is inserted for a probe: `{ HINDSIGHT_PROBE("<id>", "name", expression); }`.
struct ProbeText {
  std::string text;
  std::string refusal;  // the expression cannot be one
};
ProbeText probe_text(const Probe& probe);

}  // namespace hindsight::instrument

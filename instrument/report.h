// The JSON that goes in and out (README.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instrument/choose.h"
#include "instrument/arithmetic.h"
#include "instrument/follow.h"
#include "instrument/model.h"
#include "instrument/rewrite.h"

namespace hindsight::instrument {

// One JSON object and a newline. Text that is not UTF-8 is repaired.
std::string to_json(const UnitReport& report);
std::string to_json(const Arithmetic& arithmetic);  // {"counts": {"fma packed": 12, ...}}

// The answer of `hindsight-instrument edits`.
struct RefusedEdit {
  std::string file;
  unsigned line = 0;
  std::string text;
  std::string reason;
  friend bool operator==(const RefusedEdit&, const RefusedEdit&) = default;
};
struct EditAnswer {
  std::vector<Probe> probes;
  std::vector<RefusedEdit> refused;
  friend bool operator==(const EditAnswer&, const EditAnswer&) = default;
};
std::string to_json(const EditAnswer& answer);

// The probes file. On trouble `problem` says what is wrong and `probes` is empty.
struct ProbesFile {
  std::vector<Probe> probes;
  std::string problem;
};
ProbesFile parse_probes(std::string_view text);

// The probes of `hindsight-instrument follow`, and where they go: in one JSON object each.
struct PlacedProbes {
  std::vector<PlacedProbe> probes;
  bool ok = false;
};
PlacedProbes parse_placed(std::string_view text);
std::string to_json(const std::vector<Followed>& followed);

// A report as to_json wrote it; nothing unless it is one.
struct ReadReport {
  UnitReport report;
  bool ok = false;
};
ReadReport parse_report(std::string_view text);

// What was put into one file: offsets count in the file as it was before anything was.
std::string to_json(const FileEdit& edit);
std::optional<FileEdit> parse_edit(std::string_view text);

// What the rewriting of one unit says; offsets count in the texts that it read.
std::string to_json(const Rewritten& rewritten);
std::optional<Rewritten> parse_rewritten(std::string_view text);

// The choice file: the loops that all units together are to have.
std::string to_json(const std::vector<ChosenLoop>& chosen);
std::optional<std::vector<ChosenLoop>> parse_choice(std::string_view text);
// The same file as `hindsight-instrument choose` writes it: with all loops that there are, and the wishes that named none of them.
struct Choosing {
  std::vector<ChosenLoop> chosen;
  std::vector<KnownLoop> loops;
  std::vector<std::string> unanswered;
};
std::string to_json(const Choosing& choosing);

// The wishes file: {"only": [...], "never": [...], "names": {"FILE:LINE": "NAME"}}. Nothing unless it is one.
std::optional<Wishes> parse_wishes(std::string_view text);

}  // namespace hindsight::instrument

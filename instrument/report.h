// The JSON that goes in and out (README.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "instrument/model.h"

namespace hindsight::instrument {

// One JSON object and a newline. Text that is not UTF-8 is repaired.
std::string to_json(const UnitReport& report);

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

// A report as to_json wrote it; nothing unless it is one.
struct ReadReport {
  UnitReport report;
  bool ok = false;
};
ReadReport parse_report(std::string_view text);

}  // namespace hindsight::instrument

// One table over runs and versions: a row per position, a column per name, every value marked exact or not. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/records.h"

namespace hindsight::tools {

struct Table {
  // Identity of a row, and for each name the index of its record.
  struct Row {
    store::RunId run;
    std::uint64_t version = 0;
    std::uint32_t thread = 0;
    store::Position position;
    std::uint64_t seq = 0;
    std::vector<std::optional<std::size_t>> cells;
  };
  std::vector<std::string> names;
  std::vector<std::string> loops;      // columns of the position, outer ones before inner ones
  std::vector<Record> records;         // those that the cells show, in the order of the cells
  std::vector<Row> rows;               // by run, thread, position, sequence number
  std::vector<std::string> warnings;   // one sentence each
  // Exact answers to one question that differ bit for bit: something is outside the check. They are shown as diverged.
  std::uint64_t contradictions = 0;
};

// Chooses one record per cell: of several answers to one probe the best status, among equals the newest replay; of
// several probes (or a probe and a recorded value) in one cell the recorded value, else the probe that comes last in
// `probes` (by creation), with a warning. Independent of the order of `records`.
Table build_table(std::vector<Record> records, const std::vector<std::string>& names,
                 const std::vector<store::Probe>& probes);

// The table as text: header, rows, and a legend of the marks that occur. `long_values`: nothing is cut.
std::string to_text(const Table& table, bool long_values);

}  // namespace hindsight::tools

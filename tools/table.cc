#include "tools/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "tools/layout.h"
#include "tools/text.h"

namespace hindsight::tools {
namespace {

using store::Status;

constexpr std::size_t kLongestCell = 40;

// Lower is better.
int rank_of(Status status) {
  switch (status) {
    case Status::kRecorded: return 0;
    case Status::kExact: return 1;
    case Status::kClose: return 2;
    case Status::kError: return 3;
    case Status::kUnverified: return 4;
    case Status::kDiverged: return 5;
  }
  return 6;
}

struct RowKey {
  store::RunId run;
  std::uint32_t thread = 0;
  store::Position position;
  std::uint64_t seq = 0;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

// The loops of all positions, every nest's order kept as far as they agree.
std::vector<std::string> loop_columns(const std::vector<Record>& records) {
  std::set<std::vector<std::string>> nests;
  for (const Record& record : records) {
    std::vector<std::string> nest;
    for (const store::Level& level : record.position) nest.push_back(level.loop);
    nests.insert(std::move(nest));
  }
  std::vector<std::string> loops;
  for (const auto& nest : nests) {
    auto place = loops.begin();
    for (const std::string& loop : nest) {
      const auto known = std::find(loops.begin(), loops.end(), loop);
      place = known == loops.end() ? loops.insert(place, loop) + 1 : std::max(place, known + 1);
    }
  }
  return loops;
}

std::string source_text(store::ProbeId probe, const std::map<store::ProbeId, std::size_t>& ages) {
  if (probe.hash.is_zero()) return "recorded values";
  return fmt::format("probe {}{}", to_text(probe), ages.contains(probe) ? "" : " (removed)");
}

// One sentence per column that mixes probes, or a probe with what the program itself logs.
std::vector<std::string> mixed_columns(const std::vector<Record>& records, const std::vector<std::string>& names,
                                       const std::map<store::ProbeId, std::size_t>& ages) {
  std::map<std::string, std::map<store::ProbeId, std::set<store::RunId>>> sources;
  for (const Record& record : records) sources[record.name][record.probe].insert(record.run);
  std::vector<std::string> warnings;
  for (const std::string& name : names) {
    const auto& of_name = sources[name];
    if (of_name.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [probe, runs] : of_name) {
      std::vector<std::string> run_texts;
      for (const store::RunId run : runs) run_texts.push_back(to_text(run));
      parts.push_back(fmt::format("{} ({})", source_text(probe, ages), joined(run_texts, ", ")));
    }
    warnings.push_back(fmt::format("column '{}' holds different things: {}", name, joined(parts, "; ")));
  }
  return warnings;
}

std::string level_text(const store::Level& level) {
  const std::string label = level.label ? std::to_string(*level.label) : std::to_string(level.ordinal);
  return level.entry == 0 ? label : fmt::format("@{}={}", level.entry, label);
}

// What the legend says of a mark.
std::string_view meaning_of(Status status) {
  switch (status) {
    case Status::kRecorded: return "";
    case Status::kExact: return "= exact";
    case Status::kClose: return "~ close: within the stated tolerance";
    case Status::kUnverified: return "? unverified";
    case Status::kDiverged: return "! diverged: the replay differed from the recording";
    case Status::kError: return "E error: the probe threw";
  }
  return "";
}

}  // namespace

Table build_table(std::vector<Record> records, const std::vector<std::string>& names,
                 const std::vector<store::Probe>& probes) {
  std::map<store::ProbeId, std::size_t> ages;  // higher is newer
  for (std::size_t i = 0; i < probes.size(); ++i) ages[probes[i].id] = i + 1;
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < names.size(); ++i) columns.emplace(names[i], i);
  std::erase_if(records, [&](const Record& record) { return !columns.contains(record.name); });

  Table table;
  table.names = names;
  table.loops = loop_columns(records);
  table.warnings = mixed_columns(records, names, ages);

  std::map<RowKey, std::vector<std::vector<std::size_t>>> candidates;  // per row and column
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto& row = candidates[{records[i].run, records[i].thread, records[i].position, records[i].seq}];
    row.resize(names.size());
    row[columns[records[i].name]].push_back(i);
  }

  // Best first: the program's own statement, then the newest probe; then the best status, then the newest replay.
  const auto better = [&](std::size_t a, std::size_t b) {
    const auto key = [&](const Record& r) {
      const bool probe = !r.probe.hash.is_zero();
      const auto age = ages.find(r.probe);
      return std::tuple(probe, age == ages.end() ? 0 : -static_cast<std::int64_t>(age->second), r.probe,
                        rank_of(r.status), -static_cast<std::int64_t>(r.replay.number),
                        -static_cast<std::int64_t>(r.segment), r.value.bytes);
    };
    return key(records[a]) < key(records[b]);
  };
  for (auto& [key, cells] : candidates) {
    Table::Row row{key.run, 0, key.thread, key.position, key.seq, {}};
    for (auto& cell : cells) {
      if (cell.empty()) {
        row.cells.emplace_back();
        continue;
      }
      const std::size_t best = *std::min_element(cell.begin(), cell.end(), better);
      Record chosen = records[best];
      for (const std::size_t other : cell) {
        if (chosen.status == Status::kExact && records[other].status == Status::kExact &&
            records[other].probe == records[best].probe && records[other].value != records[best].value) {
          ++table.contradictions;
          table.warnings.push_back(fmt::format(
              "{} {} at {}: {} and {} both say exact and differ ({} and {}): something is outside the check",
              to_text(chosen.run), chosen.name, to_string(chosen.position), to_text(records[best].replay),
              to_text(records[other].replay), to_text(records[best].value, kLongestCell),
              to_text(records[other].value, kLongestCell)));
          chosen.status = Status::kDiverged;
        }
      }
      row.version = chosen.version;
      // Labels are not part of a position's identity; a recorded value's are as good as a replayed one's.
      row.position = chosen.position;
      row.cells.emplace_back(table.records.size());
      table.records.push_back(std::move(chosen));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string to_text(const Table& table, bool long_values) {
  const bool threads = std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) { return row.thread != 0; });
  const bool repeats = std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) { return row.seq != 0; });

  std::vector<std::string> header = {"run", "version"};
  std::vector<Align> align = {Align::kLeft, Align::kLeft};
  const auto add_column = [&](std::string title, Align side) {
    header.push_back(std::move(title));
    align.push_back(side);
  };
  for (const std::string& loop : table.loops) add_column(loop, Align::kRight);
  if (threads) add_column("thread", Align::kRight);
  if (repeats) add_column("seq", Align::kRight);
  // The mark belongs to its value: two characters of the same column.
  for (const std::string& name : table.names) add_column(name + "  ", Align::kRight);

  std::set<Status> seen;
  std::vector<std::vector<std::string>> lines = {header};
  for (const Table::Row& row : table.rows) {
    std::vector<std::string> line = {to_text(row.run), version_text(row.version)};
    for (const std::string& loop : table.loops) {
      std::vector<std::string> texts;
      for (const store::Level& level : row.position) {
        if (level.loop == loop) texts.push_back(level_text(level));
      }
      line.push_back(joined(texts, "/"));
    }
    if (threads) line.push_back(std::to_string(row.thread));
    if (repeats) line.push_back(std::to_string(row.seq));
    for (const auto& cell : row.cells) {
      if (!cell) {
        line.emplace_back();
        continue;
      }
      const Record& record = table.records[*cell];
      seen.insert(record.status);
      line.push_back(to_text(record.value, long_values ? 0 : kLongestCell) + " " + mark_of(record.status));
    }
    lines.push_back(std::move(line));
  }
  std::string text = lay_out(lines, align);
  std::vector<std::string> legend;
  for (const Status status : seen) {
    if (status != Status::kRecorded) legend.emplace_back(meaning_of(status));
  }
  if (!legend.empty()) text += "\n" + joined(legend, "   ") + "\n";
  return text;
}

}  // namespace hindsight::tools

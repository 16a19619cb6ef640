// The tables of FORMAT.md.
#pragma once

#include <array>
#include <cstdint>

namespace hindsight::store {

// Written to disk (in every checksum): never renumber, never reuse.
enum class Table : std::uint8_t {
  kCounts = 1,
  kVersions = 2,
  kVersionIds = 3,
  kBlobs = 4,
  kChunks = 5,
  kRuns = 6,
  kRunCounts = 7,
  kSeries = 8,
  kSeriesBlocks = 9,
  kLoops = 10,
  kCheckpoints = 11,
  kDigests = 12,
  kProbes = 13,
  kReplays = 14,
  kCoverage = 15
};
inline constexpr std::size_t kTableCount = 15;

struct TableInfo {
  Table table;
  const char* name;
  std::size_t key_bytes;
};
inline constexpr std::array<TableInfo, kTableCount> kTables = {{
    {Table::kCounts, "counts", 8},
    {Table::kVersions, "versions", 8},
    {Table::kVersionIds, "version_ids", 16},
    {Table::kBlobs, "blobs", 16},
    {Table::kChunks, "chunks", 16},
    {Table::kRuns, "runs", 8},
    {Table::kRunCounts, "run_counts", 8},
    {Table::kSeries, "series", 16},
    {Table::kSeriesBlocks, "series_blocks", 24},
    {Table::kLoops, "loops", 16},
    {Table::kCheckpoints, "checkpoints", 16},
    {Table::kDigests, "digests", 16},
    {Table::kProbes, "probes", 16},
    {Table::kReplays, "replays", 8},
    {Table::kCoverage, "coverage", 24},
}};

constexpr std::size_t index_of(Table table) { return static_cast<std::size_t>(table) - 1; }
constexpr const TableInfo& info_of(Table table) { return kTables[index_of(table)]; }

}  // namespace hindsight::store

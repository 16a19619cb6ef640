#include "store/series_store.h"

#include "store/base/bytes.h"
#include "store/run_store.h"
#include "store/series_block.h"

namespace hindsight::store {
namespace {

constexpr std::size_t kMaxBlockRows = 64 << 10;
constexpr std::size_t kMaxBlockBytes = 1 << 20;  // as stored; larger ones are not rewritten

struct LastBlock {
  SeriesColumns rows;
  std::size_t stored_bytes = 0;
};

Result<LastBlock> read_block(const Reader& reader, const SeriesKey& series, const std::string& key) {
  const auto named = [&](Error error) { return std::move(error).context(describe(Table::kSeriesBlocks, key)); };
  Result<std::optional<std::string_view>> value = reader.find(Table::kSeriesBlocks, key);
  if (!value) return std::move(value).error();
  if (!*value) return named(Error(ErrorKind::kCorrupt, "it is missing (I10)"));
  const std::size_t stored = (*value)->size();
  Result<Opened> opened = open_value(Table::kSeriesBlocks, key, **value);
  if (!opened) return named(std::move(opened).error());
  if (opened->form != Form::kSeriesBlock) return named(Error(ErrorKind::kCorrupt, "it is no series block (I4)"));
  std::string room;
  Result<std::string_view> payload = payload_of(*opened, room);
  if (!payload) return named(std::move(payload).error());
  Result<SeriesColumns> rows = decode_block(series, *payload);
  if (!rows) return named(std::move(rows).error());
  return LastBlock{.rows = std::move(*rows), .stored_bytes = stored};
}

SeriesColumns slice(const SeriesColumns& from, std::size_t first, std::size_t last) {
  const auto cut = [&](const auto& column) {
    using Column = std::decay_t<decltype(column)>;
    if (column.empty()) return Column();
    return Column(column.begin() + static_cast<std::ptrdiff_t>(first), column.begin() + static_cast<std::ptrdiff_t>(last));
  };
  SeriesColumns to;
  for (const auto& level : from.levels) {
    to.levels.push_back({.entry = cut(level.entry), .ordinal = cut(level.ordinal), .label = cut(level.label),
                         .has_label = cut(level.has_label)});
  }
  to.seq = cut(from.seq);
  to.order = cut(from.order);
  to.status = cut(from.status);
  to.segment = cut(from.segment);
  to.scalars = cut(from.scalars);
  to.blobs = cut(from.blobs);
  return to;
}

}  // namespace

Result<SeriesIndex::Found> SeriesIndex::find(const Reader& reader, RunId run, const RunCounts& counts,
                                             const SeriesKey& key) {
  std::vector<SeriesKey>& keys = keys_[run];
  while (keys.size() < counts.series) {
    Result<SeriesHead> head = read_record<SeriesHead>(reader, Table::kSeries, make_key(run.number, keys.size()));
    if (!head) return std::move(head).error();
    keys.push_back(std::move(head->key));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != key) continue;
    Result<SeriesHead> head = read_record<SeriesHead>(reader, Table::kSeries, make_key(run.number, i));
    if (!head) return std::move(head).error();
    return Found{.number = i, .head = std::move(*head)};
  }
  return Found{.number = keys.size(), .head = {.key = key}};
}

Result<void> append_series(Writer& writer, SeriesIndex& index, RunId run, const Series& rows) {
  if (rows.columns.size() == 0 && rows.columns.scalars.empty() && rows.columns.blobs.empty()) return {};
  if (Result<void> good = check_columns(rows.key, rows.columns); !good) return good;
  Result<RunCounts> counts = read_run_counts(writer, run);
  if (!counts) return std::move(counts).error();
  if (rows.key.replay.number != 0) {
    Result<std::optional<std::string_view>> replay = writer.find(Table::kReplays, make_key(rows.key.replay.number));
    if (!replay) return std::move(replay).error();
    if (!*replay) {
      return Error(ErrorKind::kInvalid, "series '" + rows.key.name + "' is of replay p" +
                                            std::to_string(rows.key.replay.number) + ", which is not in the store");
    }
  }
  Result<SeriesIndex::Found> found = index.find(writer, run, *counts, rows.key);
  if (!found) return std::move(found).error();
  SeriesHead& head = found->head;
  const auto block_key = [&](std::uint64_t block) { return make_key(run.number, found->number, block); };

  // A recording appends a few rows at a time. The last blocks are joined with the new rows while they are not much larger,
  // so that every row is rewritten a logarithmic number of times and blocks stay few.
  SeriesColumns joined = rows.columns;
  while (head.blocks > 0) {
    Result<LastBlock> last = read_block(writer, head.key, block_key(head.blocks - 1));
    if (!last) return std::move(last).error();
    const std::size_t size = last->rows.size();
    if (size > 2 * joined.size() || size + joined.size() > kMaxBlockRows || last->stored_bytes > kMaxBlockBytes) break;
    append_rows(last->rows, joined);
    joined = std::move(last->rows);
    if (Result<void> done = writer.remove(Table::kSeriesBlocks, block_key(--head.blocks)); !done) return done;
  }
  for (std::size_t first = 0; first < joined.size(); first += kMaxBlockRows) {
    const std::size_t end = std::min(joined.size(), first + kMaxBlockRows);
    const std::string block =
        encode_block(head.key, first == 0 && end == joined.size() ? joined : slice(joined, first, end));
    Result<void> done = writer.put(Table::kSeriesBlocks, block_key(head.blocks++), Form::kSeriesBlock, block);
    if (!done) return done;
  }
  head.rows += rows.columns.size();
  if (found->number == counts->series) {
    ++counts->series;
    if (Result<void> done = put_run_counts(writer, run, *counts); !done) return done;
  }
  return put_record(writer, Table::kSeries, make_key(run.number, found->number), head);
}

Result<std::vector<SeriesHead>> read_series_heads(const Reader& reader, RunId run) {
  Result<RunCounts> counts = read_run_counts(reader, run);
  if (!counts) return std::move(counts).error();
  std::vector<SeriesHead> heads;
  for (std::uint64_t number = 0; number < counts->series; ++number) {
    Result<SeriesHead> head = read_record<SeriesHead>(reader, Table::kSeries, make_key(run.number, number));
    if (!head) return std::move(head).error();
    heads.push_back(std::move(*head));
  }
  return heads;
}

Result<SeriesColumns> read_series_rows(const Reader& reader, RunId run, std::uint64_t number, const SeriesHead& head) {
  SeriesColumns all;
  all.levels.resize(head.key.nest.size());
  for (std::uint64_t block = 0; block < head.blocks; ++block) {
    Result<LastBlock> rows = read_block(reader, head.key, make_key(run.number, number, block));
    if (!rows) return std::move(rows).error();
    append_rows(all, rows->rows);
  }
  if (all.size() != head.rows) {
    return Error(ErrorKind::kCorrupt, describe(Table::kSeries, make_key(run.number, number)) + ": it has " +
                                          std::to_string(all.size()) + " rows of " + std::to_string(head.rows) + " (I10)");
  }
  return all;
}

}  // namespace hindsight::store

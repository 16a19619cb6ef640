#include "tools/records.h"

#include <algorithm>
#include <tuple>

#include "tools/text.h"

namespace hindsight::tools {

std::vector<Record> records_of(const store::Series& series, store::RunId run, std::uint64_t version) {
  std::vector<Record> records;
  records.reserve(series.columns.size());
  for (std::size_t row = 0; row < series.columns.size(); ++row) {
    records.push_back({.run = run,
                       .version = version,
                       .thread = series.key.thread,
                       .position = series.columns.position(row, series.key.nest),
                       .name = series.key.name,
                       .seq = series.columns.seq[row],
                       .order = series.columns.order[row],
                       .value = series.columns.value(row, series.key),
                       .status = series.columns.status[row],
                       .replay = series.key.replay,
                       .segment = series.columns.segment[row],
                       .probe = series.key.probe,
                       .site = series.key.site,
                       .is_argument = series.key.is_argument});
  }
  return records;
}

Result<std::vector<Record>> read_records(const store::Store& store, store::RunId run, std::uint64_t version,
                                         const std::function<bool(const store::SeriesKey&)>& wanted) {
  // What was drawn from outside is none of the program's values.
  const auto is_value = [&](const store::SeriesKey& key) { return !key.is_draw && wanted(key); };
  Result<std::vector<store::Series>> series = store.read_series(run, is_value);
  if (!series) return std::move(series).error().context("read the values of " + to_text(run));
  std::vector<Record> records;
  for (const store::Series& one : *series) {
    std::vector<Record> more = records_of(one, run, version);
    records.insert(records.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  std::stable_sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return std::tie(a.replay, a.segment, a.order, a.thread) < std::tie(b.replay, b.segment, b.order, b.thread);
  });
  return records;
}

std::string position_json(const store::Position& position) {
  std::vector<std::string> levels;
  for (const store::Level& level : position) {
    json::Object object;
    object.text("loop", level.loop).number("entry", level.entry).number("ordinal", level.ordinal);
    if (level.label) {
      object.signed_number("label", *level.label);
    } else {
      object.null("label");
    }
    levels.push_back(object.str());
  }
  return json::array(levels);
}

json::Object record_json(const Record& record, const store::SegmentOutcome* segment) {
  json::Object object("record");
  object.text("run", to_text(record.run))
      .text("version", version_text(record.version))
      .raw("position", position_json(record.position))
      .text("name", record.name)
      .number("seq", record.seq)
      .text("dtype", name_of(record.value.dtype))
      .raw("value", to_json(record.value))
      .text("status", name_of(record.status));
  const bool replayed = record.replay.number != 0;
  object.text_or_null("replay", replayed ? to_text(record.replay) : std::string())
      .text_or_null("site", to_text(record.site))
      .text_or_null("probe", record.probe.hash.is_zero() ? std::string() : hex(record.probe.hash))
      .number("thread", record.thread)
      .flag("argument", record.is_argument);
  if (segment == nullptr) {
    object.null("checked");
  } else {
    json::Object checked;
    checked.number("values", segment->compared_values)
        .number("bytes", segment->compared_bytes)
        .number("leaves", segment->compared_leaves)
        .text_or_null("last", segment->last_compared)
        .text_or_null("first_difference", segment->first_difference);
    object.raw("checked", checked.str());
  }
  return object;
}

}  // namespace hindsight::tools

// Series: the logged values of runs, in columnar blocks.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "store/view.h"

namespace hindsight::store {

// Finds the number of a series by its key; remembers what it has read, so one is kept as long as a batch.
class SeriesIndex {
 public:
  // The number of the series, and its head as it is now; a number equal to RunCounts::series means: it is new.
  struct Found {
    std::uint64_t number = 0;
    SeriesHead head;
  };
  Result<Found> find(const Reader& reader, RunId run, const RunCounts& counts, const SeriesKey& key);

 private:
  std::map<RunId, std::vector<SeriesKey>> keys_;
};

Result<void> append_series(Writer& writer, SeriesIndex& index, RunId run, const Series& rows);

Result<std::vector<SeriesHead>> read_series_heads(const Reader& reader, RunId run);
// All rows of series `number`, which has this head.
Result<SeriesColumns> read_series_rows(const Reader& reader, RunId run, std::uint64_t number, const SeriesHead& head);

}  // namespace hindsight::store

// Records: logged values with everything that is known of where they come from.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/base/result.h"
#include "store/store.h"
#include "store/types.h"
#include "tools/json.h"

namespace hindsight::tools {

struct Record {
  store::RunId run;
  std::uint64_t version = 0;   // its number, v2
  std::uint32_t thread = 0;
  store::Position position;
  std::string name;
  std::uint64_t seq = 0;
  std::uint64_t order = 0;     // in the run, or in the replay's segment
  store::Value value;
  store::Status status = store::Status::kRecorded;
  store::ReplayId replay;      // none: recorded
  std::uint32_t segment = 0;   // of the replay
  store::ProbeId probe;        // none: a statement of the program
  store::Site site;
  bool is_argument = false;
};

// The rows of a series as records.
std::vector<Record> records_of(const store::Series& series, store::RunId run, std::uint64_t version);

// Records of `run` whose series `wanted` accepts, in the order they were logged; replayed ones after recorded ones.
Result<std::vector<Record>> read_records(const store::Store& store, store::RunId run, std::uint64_t version,
                                         const std::function<bool(const store::SeriesKey&)>& wanted);

// The JSON record; `segment` is what the check said of the segment it came from, null for recorded values.
json::Object record_json(const Record& record, const store::SegmentOutcome* segment);

// [{"loop","entry","ordinal","label"}, ...]
std::string position_json(const store::Position& position);

}  // namespace hindsight::tools

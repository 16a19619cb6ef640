// How each value stands in its message (schema/*.capnp): put() fills a message from a value, get() makes a value from one. Both throw
// what Cap'n Proto throws, and Unknown; message.cc catches it. For the files message*.cc only.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "schema/checkpoint.capnp.h"
#include "schema/common.capnp.h"
#include "schema/probe.capnp.h"
#include "schema/run.capnp.h"
#include "schema/version.capnp.h"
#include "store/records.h"
#include "store/types.h"

namespace hindsight::store::fields {

// A number in a message that stands for something unknown; becomes kCorrupt in message.cc.
struct Unknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Enum>
Enum known(std::uint8_t number, std::uint8_t first, std::uint8_t last, const char* what) {
  if (number < first || number > last) throw Unknown(std::string(what) + " " + std::to_string(number) + " is unknown");
  return static_cast<Enum>(number);
}
DType dtype_of(std::uint8_t number);
// Throws where it is too long for a list.
unsigned count_of(std::size_t size);

inline capnp::Text::Reader text(const std::string& from) { return {from.c_str(), from.size()}; }
inline std::string text(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

// ---- parts -------------------------------------------------------------------------------------

void put(schema::Hash::Builder to, const Hash& from);
Hash get(schema::Hash::Reader from);
void put(schema::Site::Builder to, const Site& from);
Site get(schema::Site::Reader from);
void put(schema::Point::Builder to, const Point& from);
Point get(schema::Point::Reader from);
void put(schema::Level::Builder to, const Level& from);
Position get(capnp::List<schema::Level>::Reader from);
void put(schema::FileEntry::Builder to, const FileEntry& from);
Tree get(capnp::List<schema::FileEntry>::Reader from);
void put(schema::ChunkRef::Builder to, const ChunkRef& from);
std::vector<ChunkRef> get(capnp::List<schema::ChunkRef>::Reader from);
void put(schema::Pair::Builder to, const std::pair<const std::string, std::string>& from);
std::map<std::string, std::string> get(capnp::List<schema::Pair>::Reader from);
void put(schema::Count::Builder to, const std::pair<const std::string, std::uint64_t>& from);
void put(schema::Toolchain::Builder to, const Toolchain& from);
void put(schema::SmallDigest::Builder to, const SmallDigest& from);
void put(schema::SegmentOutcome::Builder to, const SegmentOutcome& from);
void put(schema::Coverage::Builder to, const Coverage& from);

template <class List, class Range>
void put_all(List to, const Range& from) {
  unsigned i = 0;
  for (const auto& item : from) put(to[i++], item);
}

template <class List, class Range>
void put_texts(List to, const Range& from) {
  unsigned i = 0;
  for (const std::string& item : from) to.set(i++, text(item));
}
std::vector<std::string> get_texts(capnp::List<capnp::Text>::Reader from);

// ---- whole messages ----------------------------------------------------------------------------

void put(schema::Counts::Builder to, const Counts& from);
Counts get(schema::Counts::Reader from);
void put(schema::Number::Builder to, const Number& from);
Number get(schema::Number::Reader from);
void put(schema::Version::Builder to, const Version& from);
Version get(schema::Version::Reader from);
void put(schema::Blob::Builder to, const Blob& from);
Blob get(schema::Blob::Reader from);
void put(schema::Run::Builder to, const Run& from);
Run get(schema::Run::Reader from);
void put(schema::RunCounts::Builder to, const RunCounts& from);
RunCounts get(schema::RunCounts::Reader from);
void put(schema::SeriesHead::Builder to, const SeriesHead& from);
SeriesHead get(schema::SeriesHead::Reader from);
void put(schema::LoopInstance::Builder to, const LoopInstance& from);
LoopInstance get(schema::LoopInstance::Reader from);
void put(schema::Manifest::Builder to, const Manifest& from);
Manifest get(schema::Manifest::Reader from);
void put(schema::Digests::Builder to, const Digests& from);
Digests get(schema::Digests::Reader from);
void put(schema::Probe::Builder to, const StoredProbe& from);
StoredProbe get(schema::Probe::Reader from);
void put(schema::Replay::Builder to, const Replay& from);
Replay get(schema::Replay::Reader from);
void put(schema::CoverageList::Builder to, const CoverageList& from);
CoverageList get(schema::CoverageList::Reader from);

}  // namespace hindsight::store::fields

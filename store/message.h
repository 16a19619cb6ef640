// Values to and from Cap'n Proto messages; message*.cc are the only users of Cap'n Proto. Its exceptions end in message.cc.
#pragma once

#include <string>
#include <string_view>

#include "store/base/result.h"
#include "store/records.h"
#include "store/types.h"

namespace hindsight::store {

// Defined for Counts, Number, Version, Blob, Run, RunCounts, SeriesHead, LoopInstance, Manifest, Digests, StoredProbe,
// Replay, CoverageList. The size is a multiple of 8. kInvalid: too large for a message.
template <class T>
Result<std::string> encode(const T& value);

// kCorrupt (I4): not a message of this kind, or with numbers that mean nothing.
template <class T>
Result<T> decode(std::string_view message);

}  // namespace hindsight::store

// The seam: what Cap'n Proto throws, and what message_fields.h throws, becomes a Result here.
#include "store/message.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <limits>

#include "store/message_fields.h"

namespace hindsight::store {
namespace {

using fields::get;
using fields::put;

template <class Schema, class T>
Result<std::string> encode_as(const T& value) {
  try {
    capnp::MallocMessageBuilder message;
    put(message.initRoot<Schema>(), value);
    const kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
    const auto bytes = words.asBytes();
    return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  } catch (const kj::Exception& exception) {
    return Error(ErrorKind::kInvalid, std::string("cannot be stored: ") + exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    return Error(ErrorKind::kInvalid, std::string("cannot be stored: ") + exception.what());
  }
}

template <class Schema, class T>
Result<T> decode_as(std::string_view message) {
  const auto corrupt = [](const std::string& what) { return Error(ErrorKind::kCorrupt, what + " (I4)"); };
  if (message.size() % sizeof(capnp::word) != 0) return corrupt("the message is not made of words");
  try {
    // The checksum has held, so a large message is one that we wrote.
    const capnp::ReaderOptions options{.traversalLimitInWords = std::numeric_limits<std::uint64_t>::max() / 16,
                                       .nestingLimit = 64};
    kj::Array<capnp::word> copy;
    kj::ArrayPtr<const capnp::word> words(reinterpret_cast<const capnp::word*>(message.data()),
                                          message.size() / sizeof(capnp::word));
    if (reinterpret_cast<std::uintptr_t>(message.data()) % alignof(std::uint64_t) != 0) {
      copy = kj::heapArray<capnp::word>(words.size());
      std::memcpy(copy.begin(), message.data(), message.size());
      words = copy;
    }
    capnp::FlatArrayMessageReader reader(words, options);
    return get(reader.getRoot<Schema>());
  } catch (const kj::Exception& exception) {
    return corrupt(std::string("not a message: ") + exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    return corrupt(exception.what());
  }
}

}  // namespace

#define HINDSIGHT_MESSAGE(Type, Schema)                                     \
  template <>                                                               \
  Result<std::string> encode(const Type& value) {                           \
    return encode_as<schema::Schema>(value);                                \
  }                                                                         \
  template <>                                                               \
  Result<Type> decode(std::string_view message) {                           \
    return decode_as<schema::Schema, Type>(message);                        \
  }
HINDSIGHT_MESSAGE(Counts, Counts)
HINDSIGHT_MESSAGE(Number, Number)
HINDSIGHT_MESSAGE(Version, Version)
HINDSIGHT_MESSAGE(Blob, Blob)
HINDSIGHT_MESSAGE(Run, Run)
HINDSIGHT_MESSAGE(RunCounts, RunCounts)
HINDSIGHT_MESSAGE(SeriesHead, SeriesHead)
HINDSIGHT_MESSAGE(LoopInstance, LoopInstance)
HINDSIGHT_MESSAGE(Manifest, Manifest)
HINDSIGHT_MESSAGE(Digests, Digests)
HINDSIGHT_MESSAGE(StoredProbe, Probe)
HINDSIGHT_MESSAGE(Replay, Replay)
HINDSIGHT_MESSAGE(CoverageList, CoverageList)
#undef HINDSIGHT_MESSAGE

}  // namespace hindsight::store

// Stores the arrays of one state after another, each as what changed since an earlier one where that is smaller.
//
// Which earlier one: counting what was stored of a chunk since it was last stored whole, number n is coded against n with its lowest set
// bit cleared (1 -> 0, 2 -> 0, 3 -> 2, 4 -> 0, 5 -> 4 ...). The distance is one for every second chunk, two for every fourth, and so
// on, and a chunk needs as many others as n has bits set: with kMaxChainDepth bits at most, four decodings reach every chunk, while only one in
// kPeriod is stored whole. (The shape of a Fenwick tree: P. Fenwick, "A new data structure for cumulative frequency tables", 1994.)
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "store/chunk_store.h"
#include "store/codec.h"

namespace hindsight::store {

// Holds one copy of what was stored last of every array. Nothing goes wrong if the store loses chunks that it knows of
// (a batch that was given up, or gc): they are then stored again. Not for two threads at once.
class StateHistory {
 public:
  // `most_bytes`: what its copies may take; what is beyond that is stored whole.
  explicit StateHistory(std::uint64_t most_bytes) : room_(most_bytes) {}

  // Stores the array `name`, as its chunks and the hash of the whole.
  Result<Chunked> put(Writer& writer, const std::string& name, Element element, std::string_view bytes);

 private:
  struct Chain {
    Hash last;
    std::uint32_t number = 0;             // since it was last stored whole
    Hash ancestors[kMaxChainDepth + 1];   // by depth: what `last` is coded against, and itself
    bool is_known = false;                // false: nothing was stored of it yet
  };
  struct Array {
    Element element = Element::kInt8;
    std::string bytes;  // as they were last stored; empty: there is no room for them
    Chunked stored;
    std::vector<Chain> chains;
    Hints hints;
  };

  Array& find_array(const std::string& name, Element element, std::size_t bytes);
  Result<Hash> put_chunk(Writer& writer, Array& array, std::size_t index, std::string_view piece, std::string_view before);

  std::uint64_t room_;
  std::map<std::string, Array> arrays_;
  ChunkEncoder encoder_;
  ChunkReader reader_;
  std::string base_;
};

}  // namespace hindsight::store

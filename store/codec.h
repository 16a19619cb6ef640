// How the bytes of a chunk are coded (FORMAT.md, "Coding 2"): as byte planes, each stored as it is, as one repeated byte, or as a zstd
// frame; either of the elements themselves or of their differences from an earlier chunk of the same size.
//
// What pays differs from one array to the next (trained weights change little between two checkpoints, a gradient's average wholly), so
// it is found out from samples. The result depends on the bytes and on `Hints` alone, never on time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/base/result.h"
#include "store/byte_planes.h"
#include "store/types.h"
#include "store/zstd.h"

namespace hindsight::store {

// How many chunks a chunk may be coded against, one behind the other: reading one decodes at most one more than that.
inline constexpr unsigned kMaxChainDepth = 3;

// An earlier chunk that another one may be coded against.
struct BaseChunk {
  Hash hash;
  unsigned depth = 0;      // what it is coded against in turn; < kMaxChainDepth
  std::string_view bytes;
};

// What was found out about the planes of one array, so that not all of it is tried again for every chunk.
struct Hints {
  std::uint8_t repeats[2][8] = {};  // per plane, of elements and of differences: 0 not known, 1 no, 2 yes
  std::uint32_t used = 0;
};

class ChunkEncoder {
 public:
  struct Coded {
    std::string_view payload;  // valid until the next call
    unsigned depth = 0;        // 0: it needs no other chunk
  };
  // nullopt: the bytes are best stored as they are. `base`: null, or of the same size; it is used where that saves something.
  std::optional<Coded> encode(Element element, std::string_view bytes, const BaseChunk* base, Hints& hints);

 private:
  std::string_view code_plane(std::string_view plane, double bits, std::uint8_t& repeats, std::uint8_t& coding);

  Compressor compressor_;
  std::string planes_, payload_, frame_;
};

// What stands in front of the planes.
struct CodedHead {
  Element element = Element::kInt8;
  unsigned depth = 0;
  std::optional<Hash> base;  // if the planes are of differences
};
// kCorrupt: it is none.
Result<CodedHead> read_coded_head(std::string_view payload);

// Puts bytes together again. Not for two threads at once.
class ChunkDecoder {
 public:
  // Where the head names a base, `bytes` holds that chunk's bytes and is overwritten. kCorrupt: it does not decode to bytes.size() bytes.
  Result<void> decode(std::string_view payload, std::span<char> bytes);

 private:
  Decompressor decompressor_;
  std::string planes_;
};

}  // namespace hindsight::store

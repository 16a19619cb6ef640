// Content-addressed chunks (FORMAT.md, "Chunks"), and the lists of them that leaves and blobs are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/view.h"

namespace hindsight::store {

struct Chunked {
  Hash whole;  // of all bytes
  std::vector<ChunkRef> chunks;
};
// Stores what is not there yet, in one pass over the bytes.
Result<Chunked> put_chunks(Writer& writer, std::string_view bytes);

// The bytes of a list of chunks, which must have hash `whole`: else kCorrupt names the chunk (I6, I7).
Result<std::string> read_chunks(const Reader& reader, const std::vector<ChunkRef>& chunks, std::uint64_t bytes,
                                const Hash& whole);

// The raw bytes of one stored chunk; its hash is not checked.
Result<std::string_view> open_chunk(std::string_view value, std::string& room);

}  // namespace hindsight::store

// Content-addressed chunks (FORMAT.md, "Chunks"), and the lists of them that leaves and blobs are.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/codec.h"
#include "store/records.h"
#include "store/view.h"

namespace hindsight::store {

struct Chunked {
  Hash whole;  // of all bytes
  std::vector<ChunkRef> chunks;
};

inline constexpr std::size_t kMaxChunkBytes = 1 << 20;

// The size of the chunks that so many bytes are cut into.
std::size_t chunk_step(std::size_t bytes);

// Stores what is not there yet, in one pass over the bytes. For anything but the arrays of a state (state_history.h).
Result<Chunked> put_chunks(Writer& writer, std::string_view bytes);

// How many other chunks a stored one is coded against, one behind the other; nullopt: it is not there, or cannot be read.
std::optional<unsigned> find_depth(const Reader& reader, const Hash& chunk);

// The size of a stored chunk's bytes; nullopt: it is not there, or cannot be read.
std::optional<std::size_t> find_size(const Reader& reader, const Hash& chunk);

// Reads chunks with one decoder. Not for two threads at once.
class ChunkReader {
 public:
  // Fills `to`, whose size must be the chunk's. Its hash is not checked. kCorrupt names the chunk.
  Result<void> read(const Reader& reader, const Hash& chunk, std::span<char> to);
  // Fills `to` from a list of chunks, whose bytes together must have hash `whole`: else kCorrupt names the chunk (I6, I7).
  Result<void> read_all(const Reader& reader, const std::vector<ChunkRef>& chunks, const Hash& whole, std::span<char> to);

 private:
  Result<void> read(const Reader& reader, const Hash& chunk, std::span<char> to, unsigned most_depth);

  ChunkDecoder decoder_;
};

// The bytes of a list of chunks, read as ChunkReader::read_all does.
Result<std::string> read_chunks(const Reader& reader, const std::vector<ChunkRef>& chunks, std::uint64_t bytes,
                                const Hash& whole);

}  // namespace hindsight::store

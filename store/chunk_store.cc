#include "store/chunk_store.h"

#include <algorithm>

#include "store/hash.h"
#include "store/store.h"

namespace hindsight::store {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::size_t kLargeChunkBytes = 1 << 20;
constexpr std::size_t kLargeFrom = 64 << 20;

// What a chunk that does not fit its hash or size is called.
Error bad_chunk(const ChunkRef& chunk, const std::string& what) {
  return Error(ErrorKind::kCorrupt, "chunk " + to_hex(chunk.hash) + ": " + what);
}

Result<void> append_chunk(const Reader& reader, const ChunkRef& chunk, std::string& to, bool check) {
  Result<std::optional<std::string_view>> value = reader.find(Table::kChunks, hash_key(chunk.hash));
  if (!value) return std::move(value).error();
  if (!*value) return bad_chunk(chunk, "it is missing (I7)");
  std::string room;
  Result<std::string_view> bytes = open_chunk(**value, room);
  if (!bytes) return bad_chunk(chunk, bytes.error().message());
  if (bytes->size() != chunk.bytes) return bad_chunk(chunk, "its size differs (I7)");
  if (check && hash_bytes(*bytes) != chunk.hash) return bad_chunk(chunk, "its bytes have another hash (I6)");
  to += *bytes;
  return {};
}

}  // namespace

Result<std::string_view> open_chunk(std::string_view value, std::string& room) {
  Result<Opened> opened = open_unchecked(value);
  if (!opened) return std::move(opened).error();
  if (opened->form != Form::kChunk) return Error(ErrorKind::kCorrupt, "it is not a chunk (I4)");
  if (opened->raw_bytes > kLargeChunkBytes) return Error(ErrorKind::kCorrupt, "it is larger than a chunk can be (I4)");
  return payload_of(*opened, room);
}

Result<Chunked> put_chunks(Writer& writer, std::string_view bytes) {
  const std::size_t step = bytes.size() > kLargeFrom ? kLargeChunkBytes : kChunkBytes;
  Chunked out;
  // Chunk by chunk, so that all that is done with one finds it in the processor's cache.
  Hasher whole;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string_view piece = bytes.substr(at, step);
    if (bytes.size() > step) whole.add(piece);
    const Hash hash = hash_bytes(piece);
    out.chunks.push_back({.hash = hash, .bytes = static_cast<std::uint32_t>(piece.size())});
    const std::string key = hash_key(hash);
    Result<std::optional<std::string_view>> there = writer.find(Table::kChunks, key);
    if (!there) return std::move(there).error();
    if (*there) continue;
    if (Result<void> put = writer.put_chunk(key, piece); !put) return std::move(put).error();
  }
  out.whole = out.chunks.size() == 1 ? out.chunks.front().hash : whole.hash();
  return out;
}

Result<std::string> read_chunks(const Reader& reader, const std::vector<ChunkRef>& chunks, std::uint64_t bytes,
                                const Hash& whole) {
  std::uint64_t sum = 0;
  for (const ChunkRef& chunk : chunks) sum += chunk.bytes;
  if (sum != bytes) return Error(ErrorKind::kCorrupt, "the sizes of its chunks do not add up (I7)");
  std::string all;
  all.reserve(bytes);
  for (const ChunkRef& chunk : chunks) {
    if (Result<void> done = append_chunk(reader, chunk, all, false); !done) return std::move(done).error();
  }
  if (hash_bytes(all) == whole) return all;
  std::string scratch;
  for (const ChunkRef& chunk : chunks) {
    scratch.clear();
    if (Result<void> done = append_chunk(reader, chunk, scratch, true); !done) return std::move(done).error();
  }
  return Error(ErrorKind::kCorrupt, "its bytes have another hash than they should (I7)");
}

}  // namespace hindsight::store

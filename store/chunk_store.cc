#include "store/chunk_store.h"

#include <algorithm>
#include <cstring>

#include "store/hash.h"
#include "store/store.h"

namespace hindsight::store {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::size_t kLargeFrom = 64 << 20;

// What a chunk that does not fit its hash or size is called.
Error bad_chunk(const Hash& chunk, const std::string& what) {
  return Error(ErrorKind::kCorrupt, "chunk " + to_hex(chunk) + ": " + what);
}

std::uint64_t sum_of(const std::vector<ChunkRef>& chunks) {
  std::uint64_t sum = 0;
  for (const ChunkRef& chunk : chunks) sum += chunk.bytes;
  return sum;
}

}  // namespace

std::size_t chunk_step(std::size_t bytes) { return bytes > kLargeFrom ? kMaxChunkBytes : kChunkBytes; }

Result<Chunked> put_chunks(Writer& writer, std::string_view bytes) {
  const std::size_t step = chunk_step(bytes.size());
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

std::optional<unsigned> find_depth(const Reader& reader, const Hash& chunk) {
  const Result<std::optional<std::string_view>> value = reader.find(Table::kChunks, hash_key(chunk));
  if (!value || !*value) return std::nullopt;
  const Result<Opened> opened = open_unchecked(**value);
  if (!opened) return std::nullopt;
  if (opened->coding != Coding::kPlanes) return 0;
  const Result<CodedHead> head = read_coded_head(opened->payload);
  if (!head) return std::nullopt;
  return head->depth;
}

std::optional<std::size_t> find_size(const Reader& reader, const Hash& chunk) {
  const Result<std::optional<std::string_view>> value = reader.find(Table::kChunks, hash_key(chunk));
  if (!value || !*value) return std::nullopt;
  const Result<Opened> opened = open_unchecked(**value);
  if (!opened || opened->raw_bytes > kMaxChunkBytes) return std::nullopt;
  return opened->raw_bytes;
}

Result<void> ChunkReader::read(const Reader& reader, const Hash& chunk, std::span<char> to) {
  return read(reader, chunk, to, kMaxChainDepth);
}

Result<void> ChunkReader::read(const Reader& reader, const Hash& chunk, std::span<char> to, unsigned most_depth) {
  const std::string key = hash_key(chunk);
  const auto open = [&]() -> Result<Opened> {
    Result<std::optional<std::string_view>> value = reader.find(Table::kChunks, key);
    if (!value) return std::move(value).error();
    if (!*value) return bad_chunk(chunk, "it is missing (I7)");
    Result<Opened> opened = open_unchecked(**value);
    if (!opened) return bad_chunk(chunk, opened.error().message());
    if (opened->form != Form::kChunk) return bad_chunk(chunk, "it is not a chunk (I4)");
    if (opened->raw_bytes != to.size()) return bad_chunk(chunk, "its size differs (I7)");
    return opened;
  };
  Result<Opened> opened = open();
  if (!opened) return std::move(opened).error();
  switch (opened->coding) {
    case Coding::kRaw:
      std::memcpy(to.data(), opened->payload.data(), to.size());
      return {};
    case Coding::kZstd: {
      std::string room;
      const Result<std::string_view> bytes = payload_of(*opened, room);
      if (!bytes) return bad_chunk(chunk, bytes.error().message());
      std::memcpy(to.data(), bytes->data(), to.size());
      return {};
    }
    case Coding::kPlanes:
      break;
  }
  const Result<CodedHead> head = read_coded_head(opened->payload);
  if (!head) return bad_chunk(chunk, head.error().message());
  if (head->depth > most_depth) return bad_chunk(chunk, "it needs more others than it states (I4)");
  if (head->base) {
    if (Result<void> base = read(reader, *head->base, to, head->depth - 1); !base) {
      return std::move(base).error().context("chunk " + to_hex(chunk) + " needs another one");
    }
    opened = open();  // reading may have moved what was found before
    if (!opened) return std::move(opened).error();
  }
  if (Result<void> decoded = decoder_.decode(opened->payload, to); !decoded) return bad_chunk(chunk, decoded.error().message());
  return {};
}

Result<void> ChunkReader::read_all(const Reader& reader, const std::vector<ChunkRef>& chunks, const Hash& whole, std::span<char> to) {
  if (sum_of(chunks) != to.size()) return Error(ErrorKind::kCorrupt, "the sizes of its chunks do not add up (I7)");
  Hasher hasher;
  std::size_t at = 0;
  for (const ChunkRef& chunk : chunks) {
    const std::span<char> piece = to.subspan(at, chunk.bytes);
    if (Result<void> done = read(reader, chunk.hash, piece); !done) return done;
    hasher.add({piece.data(), piece.size()});
    at += chunk.bytes;
  }
  if (hasher.hash() == whole) return {};
  at = 0;
  for (const ChunkRef& chunk : chunks) {  // which of them is it?
    if (hash_bytes({to.data() + at, chunk.bytes}) != chunk.hash) return bad_chunk(chunk.hash, "its bytes have another hash (I6)");
    at += chunk.bytes;
  }
  return Error(ErrorKind::kCorrupt, "its bytes have another hash than they should (I7)");
}

Result<std::string> read_chunks(const Reader& reader, const std::vector<ChunkRef>& chunks, std::uint64_t bytes,
                                const Hash& whole) {
  if (sum_of(chunks) != bytes) return Error(ErrorKind::kCorrupt, "the sizes of its chunks do not add up (I7)");
  std::string all(bytes, '\0');
  if (Result<void> done = ChunkReader().read_all(reader, chunks, whole, all); !done) return std::move(done).error();
  return all;
}

}  // namespace hindsight::store

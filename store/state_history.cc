#include "store/state_history.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "store/hash.h"
#include "store/store.h"

namespace hindsight::store {
namespace {

constexpr std::uint32_t kPeriod = 16;

// The number of the chunk after number `n`; 0: it is to be stored whole.
std::uint32_t next_number(std::uint32_t n) {
  do {
    ++n;
  } while (static_cast<unsigned>(std::popcount(n)) > kMaxChainDepth);
  return n < kPeriod ? n : 0;
}

}  // namespace

StateHistory::Array& StateHistory::find_array(const std::string& name, Element element, std::size_t bytes) {
  Array& array = arrays_[name];
  const std::size_t step = chunk_step(bytes), chunks = (bytes + step - 1) / step;
  const bool is_same = array.element == element && array.chains.size() == chunks && (array.bytes.empty() || array.bytes.size() == bytes);
  if (is_same) return array;
  room_ += array.bytes.size();
  array = {};
  array.element = element;
  array.chains.resize(chunks);
  if (bytes <= room_) {
    room_ -= bytes;
    array.bytes.resize(bytes);
  }
  return array;
}

Result<Chunked> StateHistory::put(Writer& writer, const std::string& name, Element element, std::string_view bytes) {
  Array& array = find_array(name, element, bytes.size());
  const bool has_copy = !array.bytes.empty();
  const auto is_there = [&](const ChunkRef& chunk) { return find_depth(writer, chunk.hash).has_value(); };
  if (has_copy && !array.stored.chunks.empty() && std::memcmp(array.bytes.data(), bytes.data(), bytes.size()) == 0 &&
      std::all_of(array.stored.chunks.begin(), array.stored.chunks.end(), is_there)) {
    return array.stored;
  }
  array.stored = {};  // until all of it is stored
  const std::size_t step = chunk_step(bytes.size());
  Chunked out;
  Hasher whole;
  // Chunk by chunk, so that all that is done with one finds it in the processor's cache.
  for (std::size_t at = 0, index = 0; at < bytes.size(); at += step, ++index) {
    const std::string_view piece = bytes.substr(at, step);
    if (bytes.size() > step) whole.add(piece);
    const std::string_view before = has_copy ? std::string_view(array.bytes).substr(at, step) : std::string_view();
    Result<Hash> hash = put_chunk(writer, array, index, piece, before);
    if (!hash) return std::move(hash).error();
    out.chunks.push_back({.hash = *hash, .bytes = static_cast<std::uint32_t>(piece.size())});
    if (has_copy) std::memcpy(array.bytes.data() + at, piece.data(), piece.size());
  }
  out.whole = out.chunks.size() == 1 ? out.chunks.front().hash : whole.hash();
  if (has_copy) array.stored = out;
  return out;
}

// `before`: the bytes of array.chains[index].last; empty: not kept.
Result<Hash> StateHistory::put_chunk(Writer& writer, Array& array, std::size_t index, std::string_view piece, std::string_view before) {
  Chain& chain = array.chains[index];
  const Hash hash = hash_bytes(piece);
  if (const std::optional<unsigned> depth = find_depth(writer, hash)) {
    if (chain.is_known && chain.last == hash) return hash;
    chain = {.last = hash, .number = *depth == 0 ? 0 : kPeriod - 1, .ancestors = {hash}, .is_known = true};
    return hash;
  }
  std::optional<BaseChunk> base;
  const std::uint32_t number = chain.is_known && !before.empty() ? next_number(chain.number) : 0;
  if (number != 0) {
    const Hash& ancestor = chain.ancestors[static_cast<unsigned>(std::popcount(number)) - 1];
    const std::optional<unsigned> depth = find_depth(writer, ancestor);
    if (depth && *depth < kMaxChainDepth) {
      if (ancestor == chain.last) {
        base = BaseChunk{.hash = ancestor, .depth = *depth, .bytes = before};
      } else {
        base_.resize(piece.size());
        if (reader_.read(writer, ancestor, base_)) base = BaseChunk{.hash = ancestor, .depth = *depth, .bytes = base_};
      }
    }
  }
  const std::optional<ChunkEncoder::Coded> coded = encoder_.encode(array.element, piece, base ? &*base : nullptr, array.hints);
  const std::string key = hash_key(hash);
  Result<void> put = coded ? writer.put_chunk(key, Coding::kPlanes, piece.size(), coded->payload)
                           : writer.put_chunk(key, Coding::kRaw, piece.size(), piece);
  if (!put) return std::move(put).error();
  chain.number = coded && coded->depth > 0 ? number : 0;
  chain.ancestors[static_cast<unsigned>(std::popcount(chain.number))] = hash;
  chain.last = hash;
  chain.is_known = true;
  return hash;
}

}  // namespace hindsight::store

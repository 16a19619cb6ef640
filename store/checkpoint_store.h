// Checkpoints: manifests, the bytes of leaves, and small digests.
#pragma once

#include <span>
#include <vector>

#include "store/chunk_store.h"
#include "store/state_history.h"
#include "store/store.h"
#include "store/view.h"

namespace hindsight::store {

// `history`: of the states that were stored before, each of which must have been of this store.
Result<Checkpoint> put_checkpoint(Writer& writer, RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves,
                                  StateHistory& history);
Result<void> put_digests(Writer& writer, RunId run, std::span<const SmallDigest> digests);

Result<Manifest> read_manifest(const Reader& reader, RunId run, std::uint64_t number);
Result<std::vector<Checkpoint>> read_checkpoints(const Reader& reader, RunId run);
Result<std::vector<SmallDigest>> read_digests(const Reader& reader, RunId run);

// Reads leaves, of which small ones that follow one another often lie in one chunk. Not for two threads at once.
class LeafReader {
 public:
  // Puts the bytes of leaf `index`, verified, into `to`, whose size must be the leaf's.
  Result<void> read(const Reader& reader, const Manifest& manifest, std::size_t index, std::span<char> to);

 private:
  Result<void> read_packed(const Reader& reader, const LeafContent& content, std::span<char> to);

  ChunkReader chunks_;
  Hash pack_;
  std::string pack_bytes_;  // of the chunk `pack_`; empty: of none
};

}  // namespace hindsight::store

// Checkpoints: manifests, the bytes of leaves, and small digests.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "store/store.h"
#include "store/view.h"

namespace hindsight::store {

Result<Checkpoint> put_checkpoint(Writer& writer, RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves);
Result<void> put_digests(Writer& writer, RunId run, std::span<const SmallDigest> digests);

Result<Manifest> read_manifest(const Reader& reader, RunId run, std::uint64_t number);
Result<std::vector<Checkpoint>> read_checkpoints(const Reader& reader, RunId run);
Result<std::vector<SmallDigest>> read_digests(const Reader& reader, RunId run);

// The bytes of leaf `index`, verified.
Result<std::string> read_leaf(const Reader& reader, const Manifest& manifest, std::size_t index);

}  // namespace hindsight::store

#include "store/checkpoint_store.h"

#include "store/base/bytes.h"
#include "store/chunk_store.h"
#include "store/run_store.h"

namespace hindsight::store {
namespace {

constexpr std::size_t kMaxInline = 512;

}  // namespace

Result<Checkpoint> put_checkpoint(Writer& writer, RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves) {
  Result<RunCounts> counts = read_run_counts(writer, run);
  if (!counts) return std::move(counts).error();
  checkpoint.number = counts->checkpoints++;
  checkpoint.leaves.clear();
  Manifest manifest;
  for (const LeafBytes& leaf : leaves) {
    if (leaf.dtype < DType::kBool || leaf.dtype > DType::kError) {
      return Error(ErrorKind::kInvalid, "leaf '" + leaf.path + "' has an unknown dtype");
    }
    Leaf& described = checkpoint.leaves.emplace_back(
        Leaf{.path = leaf.path, .dtype = leaf.dtype, .shape = leaf.shape, .bytes = leaf.bytes.size(), .hash = {}});
    LeafContent& content = manifest.contents.emplace_back();
    if (!checkpoint.kept || leaf.bytes.size() <= kMaxInline) {
      described.hash = hash_bytes(leaf.bytes);
      if (checkpoint.kept) content.inline_bytes = leaf.bytes;
      continue;
    }
    Result<Chunked> chunked = put_chunks(writer, leaf.bytes);
    if (!chunked) return std::move(chunked).error().context("store leaf '" + leaf.path + "'");
    described.hash = chunked->whole;
    content.chunks = std::move(chunked->chunks);
  }
  manifest.checkpoint = checkpoint;
  const std::string key = make_key(run.number, checkpoint.number);
  if (Result<void> done = put_record(writer, Table::kCheckpoints, key, manifest); !done) return std::move(done).error();
  if (Result<void> done = put_run_counts(writer, run, *counts); !done) return std::move(done).error();
  return checkpoint;
}

Result<void> put_digests(Writer& writer, RunId run, std::span<const SmallDigest> digests) {
  if (digests.empty()) return {};
  Result<RunCounts> counts = read_run_counts(writer, run);
  if (!counts) return std::move(counts).error();
  const Digests block{.digests = {digests.begin(), digests.end()}};
  Result<void> done = put_record(writer, Table::kDigests, make_key(run.number, counts->digest_blocks++), block);
  if (!done) return done;
  return put_run_counts(writer, run, *counts);
}

Result<Manifest> read_manifest(const Reader& reader, RunId run, std::uint64_t number) {
  return read_record<Manifest>(reader, Table::kCheckpoints, make_key(run.number, number));
}

Result<std::vector<Checkpoint>> read_checkpoints(const Reader& reader, RunId run) {
  Result<RunCounts> counts = read_run_counts(reader, run);
  if (!counts) return std::move(counts).error();
  std::vector<Checkpoint> checkpoints;
  for (std::uint64_t number = 0; number < counts->checkpoints; ++number) {
    Result<Manifest> manifest = read_manifest(reader, run, number);
    if (!manifest) return std::move(manifest).error();
    checkpoints.push_back(std::move(manifest->checkpoint));
  }
  return checkpoints;
}

Result<std::vector<SmallDigest>> read_digests(const Reader& reader, RunId run) {
  Result<RunCounts> counts = read_run_counts(reader, run);
  if (!counts) return std::move(counts).error();
  std::vector<SmallDigest> all;
  for (std::uint64_t block = 0; block < counts->digest_blocks; ++block) {
    Result<Digests> digests = read_record<Digests>(reader, Table::kDigests, make_key(run.number, block));
    if (!digests) return std::move(digests).error();
    for (SmallDigest& digest : digests->digests) all.push_back(std::move(digest));
  }
  return all;
}

Result<std::string> read_leaf(const Reader& reader, const Manifest& manifest, std::size_t index) {
  const Leaf& leaf = manifest.checkpoint.leaves[index];
  const LeafContent& content = manifest.contents[index];
  const std::string name = "leaf '" + leaf.path + "'";
  if (content.chunks.empty()) {
    if (content.inline_bytes.size() == leaf.bytes && hash_bytes(content.inline_bytes) == leaf.hash) {
      return content.inline_bytes;
    }
    return Error(ErrorKind::kCorrupt, name + ": its bytes have another hash than they should (I7)");
  }
  Result<std::string> bytes = read_chunks(reader, content.chunks, leaf.bytes, leaf.hash);
  if (!bytes) return std::move(bytes).error().context(name);
  return bytes;
}

}  // namespace hindsight::store

#include "store/checkpoint_store.h"

#include <algorithm>
#include <cstring>

#include "store/base/bytes.h"
#include "store/hash.h"
#include "store/run_store.h"

namespace hindsight::store {
namespace {

constexpr std::size_t kMaxInline = 512;
constexpr std::size_t kMaxPacked = 64 << 10;
constexpr std::size_t kPackBytes = 256 << 10;

// What the leaf's bytes consist of, as far as they do.
Element element_of(const LeafBytes& leaf) {
  const Element element = element_of(leaf.dtype);
  return leaf.bytes.size() % width_of(element) == 0 ? element : Element::kInt8;
}

// Small leaves that follow one another and consist of the same elements become one array: a chunk of their own would be rounded up to
// whole pages, and would be too short to code well.
class Packer {
 public:
  Packer(Writer& writer, StateHistory& history, Manifest& manifest) : writer_(writer), history_(history), manifest_(manifest) {}

  Result<void> add(std::size_t index, const LeafBytes& leaf) {
    const Element element = element_of(leaf);
    if (!members_.empty() && (element != element_ || bytes_.size() + leaf.bytes.size() > kPackBytes)) {
      if (Result<void> done = finish(); !done) return done;
    }
    if (members_.empty()) name_ = "from " + leaf.path;
    element_ = element;
    manifest_.contents[index].offset = bytes_.size();
    members_.push_back(index);
    bytes_.append(leaf.bytes);
    return {};
  }

  Result<void> finish() {
    if (members_.empty()) return {};
    Result<Chunked> chunked = history_.put(writer_, name_, element_, bytes_);
    if (!chunked) return std::move(chunked).error().context("store small leaves " + name_);
    for (const std::size_t index : members_) manifest_.contents[index].chunks = chunked->chunks;
    members_.clear();
    bytes_.clear();
    return {};
  }

 private:
  Writer& writer_;
  StateHistory& history_;
  Manifest& manifest_;
  Element element_ = Element::kInt8;
  std::string name_, bytes_;
  std::vector<std::size_t> members_;
};

}  // namespace

Result<Checkpoint> put_checkpoint(Writer& writer, RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves,
                                  StateHistory& history) {
  Result<RunCounts> counts = read_run_counts(writer, run);
  if (!counts) return std::move(counts).error();
  checkpoint.number = counts->checkpoints++;
  checkpoint.leaves.clear();
  Manifest manifest;
  manifest.contents.resize(leaves.size());
  Packer packer(writer, history, manifest);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const LeafBytes& leaf = leaves[i];
    if (leaf.dtype < DType::kBool || leaf.dtype > DType::kError) {
      return Error(ErrorKind::kInvalid, "leaf '" + leaf.path + "' has an unknown dtype");
    }
    Leaf& described = checkpoint.leaves.emplace_back(
        Leaf{.path = leaf.path, .dtype = leaf.dtype, .shape = leaf.shape, .bytes = leaf.bytes.size(), .hash = {}});
    if (!checkpoint.kept || leaf.bytes.size() < kMaxPacked) described.hash = hash_bytes(leaf.bytes);
    if (!checkpoint.kept) continue;
    if (leaf.bytes.size() <= kMaxInline) {
      manifest.contents[i].inline_bytes = leaf.bytes;
    } else if (leaf.bytes.size() < kMaxPacked) {
      if (Result<void> packed = packer.add(i, leaf); !packed) return std::move(packed).error();
    } else {
      Result<Chunked> chunked = history.put(writer, leaf.path, element_of(leaf), leaf.bytes);
      if (!chunked) return std::move(chunked).error().context("store leaf '" + leaf.path + "'");
      described.hash = chunked->whole;
      manifest.contents[i].chunks = std::move(chunked->chunks);
    }
  }
  if (Result<void> packed = packer.finish(); !packed) return std::move(packed).error();
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

Result<void> LeafReader::read(const Reader& reader, const Manifest& manifest, std::size_t index, std::span<char> to) {
  const Leaf& leaf = manifest.checkpoint.leaves[index];
  const LeafContent& content = manifest.contents[index];
  const auto named = [&](Error error) { return std::move(error).context("leaf '" + leaf.path + "'"); };
  const auto other_hash = [&] { return named(Error(ErrorKind::kCorrupt, "its bytes have another hash than they should (I7)")); };
  if (to.size() != leaf.bytes) return named(Error(ErrorKind::kInvalid, "it has " + std::to_string(leaf.bytes) + " bytes"));
  if (content.chunks.empty()) {
    if (content.inline_bytes.size() != leaf.bytes || hash_bytes(content.inline_bytes) != leaf.hash) return other_hash();
    std::copy(content.inline_bytes.begin(), content.inline_bytes.end(), to.begin());
    return {};
  }
  if (content.chunks.size() == 1 && content.chunks[0].bytes != leaf.bytes) {
    if (Result<void> done = read_packed(reader, content, to); !done) return named(std::move(done).error());
    return hash_bytes({to.data(), to.size()}) == leaf.hash ? Result<void>() : other_hash();
  }
  if (Result<void> done = chunks_.read_all(reader, content.chunks, leaf.hash, to); !done) return named(std::move(done).error());
  return {};
}

Result<void> LeafReader::read_packed(const Reader& reader, const LeafContent& content, std::span<char> to) {
  const ChunkRef& chunk = content.chunks[0];
  if (content.offset > chunk.bytes || to.size() > chunk.bytes - content.offset) {
    return Error(ErrorKind::kCorrupt, "the sizes of its chunks do not add up (I7)");
  }
  if (pack_bytes_.empty() || pack_ != chunk.hash) {
    pack_bytes_.resize(chunk.bytes);
    if (Result<void> done = chunks_.read(reader, chunk.hash, pack_bytes_); !done) {
      pack_bytes_.clear();
      return done;
    }
    pack_ = chunk.hash;
  }
  std::memcpy(to.data(), pack_bytes_.data() + content.offset, to.size());
  return {};
}

}  // namespace hindsight::store

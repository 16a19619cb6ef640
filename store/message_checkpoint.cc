// Messages of schema/checkpoint.capnp.
#include "store/message_fields.h"

namespace hindsight::store::fields {

void put(schema::Manifest::Builder to, const Manifest& from) {
  const Checkpoint& checkpoint = from.checkpoint;
  to.setNumber(checkpoint.number);
  put(to.initPoint(), checkpoint.point);
  to.setKept(checkpoint.kept);
  auto leaves = to.initLeaves(count_of(checkpoint.leaves.size()));
  for (unsigned i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = checkpoint.leaves[i];
    auto out = leaves[i];
    out.setPath(text(leaf.path));
    out.setDtype(static_cast<std::uint8_t>(leaf.dtype));
    auto shape = out.initShape(count_of(leaf.shape.size()));
    for (unsigned d = 0; d < shape.size(); ++d) shape.set(d, leaf.shape[d]);
    out.setBytes(leaf.bytes);
    put(out.initHash(), leaf.hash);
    if (i >= from.contents.size()) continue;
    const LeafContent& content = from.contents[i];
    out.setInline({reinterpret_cast<const capnp::byte*>(content.inline_bytes.data()), content.inline_bytes.size()});
    put_all(out.initChunks(count_of(content.chunks.size())), content.chunks);
    out.setOffset(content.offset);
  }
  to.setDigest(checkpoint.digest);
  to.setCapturedNs(checkpoint.captured_ns);
  to.setCaptureCostNs(checkpoint.capture_cost_ns);
}
Manifest get(schema::Manifest::Reader from) {
  Manifest manifest{.checkpoint = {.number = from.getNumber(),
                                   .point = get(from.getPoint()),
                                   .kept = from.getKept(),
                                   .leaves = {},
                                   .digest = from.getDigest(),
                                   .captured_ns = from.getCapturedNs(),
                                   .capture_cost_ns = from.getCaptureCostNs()},
                    .contents = {}};
  for (const auto leaf : from.getLeaves()) {
    Leaf out{.path = text(leaf.getPath()),
             .dtype = dtype_of(leaf.getDtype()),
             .shape = {},
             .bytes = leaf.getBytes(),
             .hash = get(leaf.getHash())};
    for (const std::uint64_t extent : leaf.getShape()) out.shape.push_back(extent);
    manifest.checkpoint.leaves.push_back(std::move(out));
    const auto bytes = leaf.getInline();
    manifest.contents.push_back({.inline_bytes = std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size()),
                                 .chunks = get(leaf.getChunks()),
                                 .offset = leaf.getOffset()});
  }
  return manifest;
}

void put(schema::SmallDigest::Builder to, const SmallDigest& from) {
  put(to.initPoint(), from.point);
  to.setDigest(from.digest);
}
void put(schema::Digests::Builder to, const Digests& from) {
  put_all(to.initDigests(count_of(from.digests.size())), from.digests);
}
Digests get(schema::Digests::Reader from) {
  Digests digests;
  for (const auto one : from.getDigests()) {
    digests.digests.push_back({.point = get(one.getPoint()), .digest = one.getDigest()});
  }
  return digests;
}

}  // namespace hindsight::store::fields

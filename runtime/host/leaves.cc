#include "runtime/host/leaves.h"

#include <cstring>
#include <string>

#include "runtime/wire.h"

namespace hindsight::host {
namespace {

constexpr std::size_t round_up(std::size_t n) {
  return (n + wire::kLeafAlignment - 1) / wire::kLeafAlignment * wire::kLeafAlignment;
}

bool is_known(std::uint8_t dtype) {
  return dtype >= static_cast<std::uint8_t>(store::DType::kBool) &&
         dtype <= static_cast<std::uint8_t>(store::DType::kError);
}

Error damaged(std::size_t leaf, const char* what) {
  return Error(ErrorKind::kCorrupt, "leaf " + std::to_string(leaf) + " of the captured state " + what);
}

}  // namespace

Result<std::vector<store::LeafBytes>> read_leaves(std::string_view slot) {
  std::vector<store::LeafBytes> leaves;
  std::size_t at = 0;
  while (at < slot.size()) {
    if (slot.size() - at < sizeof(wire::LeafHeader)) return damaged(leaves.size(), "has no room for its header");
    // Copied before it is checked: the other process could still change it.
    wire::LeafHeader header;
    std::memcpy(&header, slot.data() + at, sizeof header);
    const std::size_t begin = at + sizeof header;
    const std::size_t dims = std::size_t{header.ndim} * sizeof(std::uint64_t);
    if (slot.size() - begin < dims + header.path_bytes)
      return damaged(leaves.size(), "has a path beyond the state's end");
    const std::size_t data = round_up(begin + dims + header.path_bytes);
    if (data > slot.size() || header.data_bytes > slot.size() - data)
      return damaged(leaves.size(), "has bytes beyond the state's end");
    if (!is_known(header.dtype)) return damaged(leaves.size(), "has an unknown type");
    store::LeafBytes leaf;
    leaf.path.assign(slot.data() + begin + dims, header.path_bytes);
    leaf.dtype = static_cast<store::DType>(header.dtype);
    leaf.shape.resize(header.ndim);
    if (dims > 0) std::memcpy(leaf.shape.data(), slot.data() + begin, dims);
    leaf.bytes = slot.substr(data, header.data_bytes);
    leaves.push_back(std::move(leaf));
    at = round_up(data + header.data_bytes);
  }
  return leaves;
}

void LeafWriter::write(const void* bytes, std::size_t count) {
  if (count > 0 && size_ <= slot_.size() && count <= slot_.size() - size_)
    std::memcpy(slot_.data() + size_, bytes, count);
  size_ += count;
}

void LeafWriter::pad() {
  static constexpr char kZeros[wire::kLeafAlignment] = {};
  write(kZeros, round_up(size_) - size_);
}

bool LeafWriter::put(const store::Leaf& leaf, std::string_view bytes) {
  wire::LeafHeader header{};
  header.path_bytes = static_cast<std::uint32_t>(leaf.path.size());
  header.dtype = static_cast<std::uint8_t>(leaf.dtype);
  header.ndim = static_cast<std::uint8_t>(leaf.shape.size());
  header.data_bytes = bytes.size();
  write(&header, sizeof header);
  write(leaf.shape.data(), leaf.shape.size() * sizeof(std::uint64_t));
  write(leaf.path.data(), leaf.path.size());
  pad();
  write(bytes.data(), bytes.size());
  pad();
  return !overflowed();
}

}  // namespace hindsight::host

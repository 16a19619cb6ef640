// The layout of a captured state in a slot (wire.h): reading it with every bound checked, and writing it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "store/base/result.h"
#include "store/store.h"
#include "store/types.h"

namespace hindsight::host {

// The leaves of a state, in order; their bytes point into `slot`. kCorrupt: the slot does not hold what wire.h says.
// REQUIRES: `slot` begins at a multiple of wire::kLeafAlignment of its slot.
Result<std::vector<store::LeafBytes>> read_leaves(std::string_view slot);

// Writes leaves one after another into a slot.
class LeafWriter {
 public:
  explicit LeafWriter(std::span<char> slot) : slot_(slot) {}
  // False: there was no room; then `size` says how much would have been needed so far.
  bool put(const store::Leaf& leaf, std::string_view bytes);
  // Bytes written, or needed once a put has failed.
  std::size_t size() const { return size_; }
  bool overflowed() const { return size_ > slot_.size(); }

 private:
  void write(const void* bytes, std::size_t count);
  void pad();

  std::span<char> slot_;
  std::size_t size_ = 0;
};

}  // namespace hindsight::host

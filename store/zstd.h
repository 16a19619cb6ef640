// zstd frames; the only user of zstd.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "store/base/result.h"

namespace hindsight::store {

// Compresses many pieces with one context. Not for two threads at once.
class Compressor {
 public:
  Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;
  ~Compressor();

  // One frame, or an empty string if that would not save a tenth of `bytes`. Costs at most a look at samples where
  // `bytes` is large and does not compress.
  std::string compress_if_worth_it(std::string_view bytes);

 private:
  struct State;
  std::string compress(std::string_view bytes);
  std::unique_ptr<State> state_;
};

// The `size` bytes of one frame; kCorrupt if it holds anything else.
Result<std::string> decompress(std::string_view frame, std::size_t size);

}  // namespace hindsight::store

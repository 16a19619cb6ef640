// zstd frames; the only user of zstd.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "store/base/result.h"

namespace hindsight::store {

// What a frame is made with: zstd's level 1, or its entropy coder alone, which is faster and where nothing repeats saves more.
enum class Effort { kMatches, kEntropy };

// Compresses many pieces with the same contexts. Not for two threads at once.
class Compressor {
 public:
  Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;
  ~Compressor();

  // Puts one frame at the start of `to`, which grows if need be, and returns its size; 0 if it could not be made.
  std::size_t compress(std::string_view bytes, Effort effort, std::string& to);

  // One frame, or an empty string if that would not save a tenth of `bytes`. Costs at most a look at samples where
  // `bytes` is large and does not compress.
  std::string compress_if_worth_it(std::string_view bytes);

 private:
  struct State;
  std::string compress_if_smaller(std::string_view bytes);
  std::unique_ptr<State> state_;
};

// Reads many frames with one context. Not for two threads at once.
class Decompressor {
 public:
  Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;
  ~Decompressor();
  // Fills `to` with the bytes of one frame; kCorrupt if it holds anything else.
  Result<void> decompress(std::string_view frame, std::span<char> to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The `size` bytes of one frame; kCorrupt if it holds anything else.
Result<std::string> decompress(std::string_view frame, std::size_t size);

}  // namespace hindsight::store

#include "store/zstd.h"

#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_c_literalCompressionMode
#include <zstd.h>

#include <algorithm>
#include <new>

namespace hindsight::store {
namespace {

constexpr int kLevel = 1;  // on dense floats higher levels cost time and save nothing
constexpr std::size_t kSampleBytes = 4096;
constexpr std::size_t kSamples = 3;

bool worth_it(std::size_t compressed, std::size_t raw) { return compressed <= raw - raw / 10; }

// A context that looks for no matches: the fastest strategy, steps too long to find any, and literals that are coded all the same.
// Parameters that this zstd does not have leave a context that works, only slower.
ZSTD_CCtx* make_entropy_coder() {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (context == nullptr) return nullptr;
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_strategy, ZSTD_fast);
  ZSTD_CCtx_setParameter(context, ZSTD_c_targetLength, 131072);
  ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, 7);
  ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, 8);
  ZSTD_CCtx_setParameter(context, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  return context;
}
ZSTD_CCtx* make_matcher() {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (context != nullptr) ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  return context;
}

}  // namespace

struct Compressor::State {
  ZSTD_CCtx* matcher = make_matcher();
  ZSTD_CCtx* entropy_coder = make_entropy_coder();
  std::string buffer;
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    ZSTD_freeCCtx(matcher);
    ZSTD_freeCCtx(entropy_coder);
  }
};

Compressor::Compressor() : state_(std::make_unique<State>()) {}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

std::size_t Compressor::compress(std::string_view bytes, Effort effort, std::string& to) {
  ZSTD_CCtx* const context = effort == Effort::kMatches ? state_->matcher : state_->entropy_coder;
  if (context == nullptr) return 0;
  if (to.size() < ZSTD_compressBound(bytes.size())) to.resize(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compress2(context, to.data(), to.size(), bytes.data(), bytes.size());
  return ZSTD_isError(size) ? 0 : size;
}

std::string Compressor::compress_if_smaller(std::string_view bytes) {
  const std::size_t size = compress(bytes, Effort::kMatches, state_->buffer);
  if (size == 0 || !worth_it(size, bytes.size())) return {};
  return state_->buffer.substr(0, size);
}

std::string Compressor::compress_if_worth_it(std::string_view bytes) {
  if (bytes.size() < 64) return {};
  if (bytes.size() > 4 * kSamples * kSampleBytes) {
    // Look before leaping. The samples are compressed together, and what they have in common counts, so that repetition
    // over a distance is seen too.
    std::string sample;
    sample.reserve(kSamples * kSampleBytes);
    for (std::size_t i = 0; i < kSamples; ++i) {
      const std::size_t at = (bytes.size() - kSampleBytes) / (kSamples - 1) * i;
      sample.append(bytes.substr(at, kSampleBytes));
    }
    if (compress_if_smaller(sample).empty()) return {};
  }
  return compress_if_smaller(bytes);
}

struct Decompressor::State {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ZSTD_freeDCtx(context); }
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {}
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;
Decompressor::~Decompressor() = default;

Result<void> Decompressor::decompress(std::string_view frame, std::span<char> to) {
  if (state_->context == nullptr) return Error(ErrorKind::kIo, "not enough memory to decompress");
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != to.size()) {
    return Error(ErrorKind::kCorrupt, "the compressed bytes are not a frame of the stated size");
  }
  const std::size_t got = ZSTD_decompressDCtx(state_->context, to.data(), to.size(), frame.data(), frame.size());
  if (ZSTD_isError(got)) return Error(ErrorKind::kCorrupt, std::string("decompressing: ") + ZSTD_getErrorName(got));
  if (got != to.size()) return Error(ErrorKind::kCorrupt, "the compressed bytes end early");
  return {};
}

Result<std::string> decompress(std::string_view frame, std::size_t size) {
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != size) {  // before memory is asked for
    return Error(ErrorKind::kCorrupt, "the compressed bytes are not a frame of the stated size");
  }
  std::string bytes;
  try {
    bytes.resize(size);
  } catch (const std::exception&) {
    return Error(ErrorKind::kIo, "not enough memory for " + std::to_string(size) + " bytes");
  }
  if (Result<void> done = Decompressor().decompress(frame, bytes); !done) return std::move(done).error();
  return bytes;
}

}  // namespace hindsight::store

#include "store/zstd.h"

#include <zstd.h>

#include <algorithm>
#include <new>

namespace hindsight::store {
namespace {

constexpr int kLevel = 1;  // on dense floats higher levels cost time and save nothing
constexpr std::size_t kSampleBytes = 4096;
constexpr std::size_t kSamples = 3;

bool worth_it(std::size_t compressed, std::size_t raw) { return compressed <= raw - raw / 10; }

}  // namespace

struct Compressor::State {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::string buffer;
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ZSTD_freeCCtx(context); }
};

Compressor::Compressor() : state_(std::make_unique<State>()) {}
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;
Compressor::~Compressor() = default;

std::string Compressor::compress(std::string_view bytes) {
  std::string& buffer = state_->buffer;
  buffer.resize(std::max(buffer.size(), ZSTD_compressBound(bytes.size())));
  if (!state_->context) return {};
  const std::size_t size =
      ZSTD_compressCCtx(state_->context, buffer.data(), buffer.size(), bytes.data(), bytes.size(), kLevel);
  if (ZSTD_isError(size) || !worth_it(size, bytes.size())) return {};
  return buffer.substr(0, size);
}

std::string Compressor::compress_if_worth_it(std::string_view bytes) {
  if (bytes.size() < 64) return {};
  if (bytes.size() > 4 * kSamples * kSampleBytes) {
    // Dense floats do not compress and are most of what comes here: look before leaping. The samples are compressed
    // together, and what they have in common counts, so that repetition over a distance is seen too.
    std::string sample;
    sample.reserve(kSamples * kSampleBytes);
    for (std::size_t i = 0; i < kSamples; ++i) {
      const std::size_t at = (bytes.size() - kSampleBytes) / (kSamples - 1) * i;
      sample.append(bytes.substr(at, kSampleBytes));
    }
    if (compress(sample).empty()) return {};
  }
  return compress(bytes);
}

Result<std::string> decompress(std::string_view frame, std::size_t size) {
  const unsigned long long stated = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (stated != size) return Error(ErrorKind::kCorrupt, "the compressed bytes are not a frame of the stated size");
  std::string bytes;
  try {
    bytes.resize(size);
  } catch (const std::exception&) {
    return Error(ErrorKind::kIo, "not enough memory for " + std::to_string(size) + " bytes");
  }
  const std::size_t got = ZSTD_decompress(bytes.data(), bytes.size(), frame.data(), frame.size());
  if (ZSTD_isError(got)) return Error(ErrorKind::kCorrupt, std::string("decompressing: ") + ZSTD_getErrorName(got));
  if (got != size) return Error(ErrorKind::kCorrupt, "the compressed bytes end early");
  return bytes;
}

}  // namespace hindsight::store

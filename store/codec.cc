#include "store/codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "store/base/bytes.h"
#include "store/hash.h"

namespace hindsight::store {
namespace {

// Grammar of a payload, integers little-endian:
//   head    := element u8, depth u8, 6 zero bytes, base hash (16, zero without one)
//   payload := head, per plane: (coding u8, 3 zero bytes, size u32), the planes' bytes, the bytes beyond the last whole element
constexpr std::size_t kHead = 24;
constexpr std::size_t kPlaneHead = 8;
enum PlaneCoding : std::uint8_t { kAsItIs = 0, kRepeated = 1, kFrame = 2 };

// Samples: so many runs of so many elements, spread evenly.
constexpr std::size_t kRuns = 16;
constexpr std::size_t kRunElements = 128;
constexpr std::size_t kTrial = 16 << 10;   // bytes of a plane that both coders are tried on
constexpr std::uint32_t kTrialEvery = 16;  // chunks of one array
constexpr double kIncompressible = 7.9;    // bits per byte
// A difference costs an earlier chunk's decoding when it is read: it has to save more than this.
constexpr double kDifferencePays = 0.95;

bool saves(std::size_t coded, std::size_t plain) { return coded < plain - plain / 64; }

// n * log2(n) for the counts of a sample.
const std::array<float, kRuns * kRunElements + 1>& n_log_n() {
  static const auto table = [] {
    std::array<float, kRuns * kRunElements + 1> all{};
    for (std::size_t n = 2; n < all.size(); ++n) all[n] = static_cast<float>(static_cast<double>(n) * std::log2(static_cast<double>(n)));
    return all;
  }();
  return table;
}

// The order-0 entropy of a sample's bytes, in bits per byte.
double entropy(const char* bytes, std::size_t count) {
  std::array<std::uint32_t, 256> even{}, odd{};  // two, so that equal neighbours need not wait for each other
  const auto* const from = reinterpret_cast<const unsigned char*>(bytes);
  std::size_t i = 0;
  for (; i + 2 <= count; i += 2) {
    ++even[from[i]];
    ++odd[from[i + 1]];
  }
  if (i < count) ++even[from[i]];
  double sum = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) sum += static_cast<double>(n_log_n()[even[byte] + odd[byte]]);
  const double n = static_cast<double>(count);
  return std::max(0.0, std::log2(n) - sum / n);
}

struct Estimate {
  std::array<double, 8> bits{};  // per plane, per byte
  double sum = 0;
};

// `base` may be null.
Estimate estimate(Element element, const char* bytes, const char* base, std::size_t count) {
  const std::size_t width = width_of(element);
  char sample[kRuns * kRunElements * 8];
  char planes[kRunElements * 8];
  const std::size_t run = std::min(kRunElements, count);
  const std::size_t runs = count <= run ? 1 : std::min(kRuns, count / run);
  const std::size_t total = run * runs;
  const std::size_t step = runs > 1 ? (count - run) / (runs - 1) : 0;
  for (std::size_t r = 0; r < runs; ++r) {
    const std::size_t at = r * step * width;
    base == nullptr ? split_planes(element, bytes + at, run, planes) : split_difference(element, bytes + at, base + at, run, planes);
    for (std::size_t k = 0; k < width; ++k) std::memcpy(sample + k * total + r * run, planes + k * run, run);
  }
  Estimate all;
  for (std::size_t k = 0; k < width; ++k) {
    all.bits[k] = entropy(sample + k * total, total);
    all.sum += all.bits[k];
  }
  return all;
}

bool is_one_byte(std::string_view bytes) {
  return bytes.size() < 2 || std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

Error damaged(const char* what) { return Error(ErrorKind::kCorrupt, std::string(what) + " (I4)"); }

}  // namespace

// The plane's coded bytes; empty: as it is.
std::string_view ChunkEncoder::code_plane(std::string_view plane, double bits, std::uint8_t& repeats, std::uint8_t& coding) {
  coding = kAsItIs;
  if (bits < 0.01 && is_one_byte(plane)) {
    coding = kRepeated;
    return plane.substr(0, 1);
  }
  if (repeats == 0) {
    // What repeats is found by zstd's matches, which cost time and, where nothing repeats, room.
    const std::string_view trial = plane.substr((plane.size() - std::min(plane.size(), kTrial)) / 2, kTrial);
    const std::size_t matched = compressor_.compress(trial, Effort::kMatches, frame_);
    const std::size_t matches = matched == 0 ? trial.size() : matched;
    const std::size_t coded = bits > kIncompressible ? 0 : compressor_.compress(trial, Effort::kEntropy, frame_);
    const std::size_t plain = coded == 0 ? trial.size() : coded;
    repeats = static_cast<double>(matches) < 0.97 * static_cast<double>(plain) ? 2 : 1;
  }
  if (repeats == 1 && bits > kIncompressible) return {};
  const std::size_t size = compressor_.compress(plane, repeats == 2 ? Effort::kMatches : Effort::kEntropy, frame_);
  if (size == 0 || !saves(size, plane.size())) return {};
  coding = kFrame;
  return std::string_view(frame_).substr(0, size);
}

std::optional<ChunkEncoder::Coded> ChunkEncoder::encode(Element element, std::string_view bytes, const BaseChunk* base, Hints& hints) {
  const std::size_t width = width_of(element), count = bytes.size() / width;
  if (count == 0) return std::nullopt;
  Estimate bits = estimate(element, bytes.data(), nullptr, count);
  if (base != nullptr) {
    const Estimate differences = estimate(element, bytes.data(), base->bytes.data(), count);
    if (differences.sum < kDifferencePays * bits.sum) {
      bits = differences;
    } else {
      base = nullptr;
    }
  }
  if (hints.used++ % kTrialEvery == 0) std::memset(hints.repeats, 0, sizeof hints.repeats);
  planes_.resize(std::max(planes_.size(), count * width));
  base == nullptr ? split_planes(element, bytes.data(), count, planes_.data())
                  : split_difference(element, bytes.data(), base->bytes.data(), count, planes_.data());

  payload_.assign(kHead + width * kPlaneHead, '\0');
  payload_[0] = static_cast<char>(element);
  const unsigned depth = base == nullptr ? 0 : base->depth + 1;
  payload_[1] = static_cast<char>(depth);
  if (base != nullptr) std::memcpy(payload_.data() + 8, hash_key(base->hash).data(), 16);
  for (std::size_t k = 0; k < width; ++k) {
    const std::string_view plane(planes_.data() + k * count, count);
    std::uint8_t coding = kAsItIs;
    const std::string_view coded = code_plane(plane, bits.bits[k], hints.repeats[base == nullptr ? 0 : 1][k], coding);
    const std::string_view stored = coding == kAsItIs ? plane : coded;
    const auto size = static_cast<std::uint32_t>(stored.size());
    char* const head = payload_.data() + kHead + k * kPlaneHead;
    head[0] = static_cast<char>(coding);
    std::memcpy(head + 4, &size, sizeof size);
    payload_.append(stored);
  }
  payload_.append(bytes.substr(count * width));
  if (!saves(payload_.size(), bytes.size())) return std::nullopt;
  return Coded{payload_, depth};
}

Result<CodedHead> read_coded_head(std::string_view payload) {
  if (payload.size() < kHead) return damaged("a coded chunk is too short");
  CodedHead head;
  head.element = static_cast<Element>(payload[0]);
  head.depth = static_cast<unsigned char>(payload[1]);
  if (!is_known(head.element)) return damaged("a coded chunk is of an unknown kind of elements");
  if (head.depth > kMaxChainDepth) return damaged("a coded chunk needs too many others");
  if (payload.substr(2, 6) != std::string_view("\0\0\0\0\0\0", 6)) return damaged("a coded chunk's head is not zero where it must be");
  const Hash base = hash_from_key(payload, 8);
  if (base.is_zero() != (head.depth == 0)) return damaged("a coded chunk's base and depth do not agree");
  if (head.depth > 0) head.base = base;
  return head;
}

Result<void> ChunkDecoder::decode(std::string_view payload, std::span<char> bytes) {
  Result<CodedHead> head = read_coded_head(payload);
  if (!head) return std::move(head).error();
  const std::size_t width = width_of(head->element), count = bytes.size() / width, rest = bytes.size() % width;
  std::size_t at = kHead + width * kPlaneHead;
  if (payload.size() < at) return damaged("a coded chunk is too short");
  planes_.resize(std::max(planes_.size(), count * width));
  for (std::size_t k = 0; k < width; ++k) {
    const std::size_t plane_head = kHead + k * kPlaneHead;
    const auto coding = static_cast<std::uint8_t>(payload[plane_head]);
    const auto size = read_little<std::uint32_t>(payload, plane_head + 4);
    if (size > payload.size() - at) return damaged("a coded chunk ends early");
    const std::string_view stored = payload.substr(at, size);
    char* const plane = planes_.data() + k * count;
    at += size;
    if (coding == kAsItIs && size == count) {
      std::memcpy(plane, stored.data(), count);
    } else if (coding == kRepeated && size == 1) {
      std::memset(plane, stored[0], count);
    } else if (coding == kFrame) {
      if (Result<void> done = decompressor_.decompress(stored, {plane, count}); !done) return done;
    } else {
      return damaged("a plane of a coded chunk has an unknown coding or size");
    }
  }
  if (payload.size() - at != rest) return damaged("a coded chunk has another size than it should");
  if (head->base) {
    merge_difference(head->element, planes_.data(), bytes.data(), count, bytes.data());
  } else {
    merge_planes(head->element, planes_.data(), count, bytes.data());
  }
  if (rest > 0) std::memcpy(bytes.data() + count * width, payload.data() + at, rest);
  return {};
}

}  // namespace hindsight::store

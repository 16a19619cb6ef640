// What stands in tables beside the values of types.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/types.h"

namespace hindsight::store {

struct Counts {
  std::uint64_t versions = 0, runs = 0, replays = 0;
  std::uint64_t probes = 0;  // ever stored, removed ones included
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct RunCounts {
  std::uint64_t series = 0, loops = 0, checkpoints = 0, digest_blocks = 0;
  friend bool operator==(const RunCounts&, const RunCounts&) = default;
};

struct ChunkRef {
  Hash hash;
  std::uint32_t bytes = 0;
  friend bool operator==(const ChunkRef&, const ChunkRef&) = default;
};

struct Blob {
  std::uint64_t bytes = 0;
  std::vector<ChunkRef> chunks;
  friend bool operator==(const Blob&, const Blob&) = default;
};

struct SeriesHead {
  SeriesKey key;
  std::uint64_t rows = 0;
  std::uint64_t blocks = 0;
  friend bool operator==(const SeriesHead&, const SeriesHead&) = default;
};

// Where a leaf's bytes are.
struct LeafContent {
  std::string inline_bytes;
  std::vector<ChunkRef> chunks;
  std::uint64_t offset = 0;  // in the bytes of the only chunk, where that holds other leaves too
  friend bool operator==(const LeafContent&, const LeafContent&) = default;
};

struct Manifest {
  Checkpoint checkpoint;
  std::vector<LeafContent> contents;  // as many as checkpoint.leaves; empty ones if it is not kept
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

struct Digests {
  std::vector<SmallDigest> digests;
  friend bool operator==(const Digests&, const Digests&) = default;
};

struct StoredProbe {
  Probe probe;
  std::uint64_t number = 0;  // order of creation, from 1
  bool removed = false;      // no longer asked; kept for the values that name it
  friend bool operator==(const StoredProbe&, const StoredProbe&) = default;
};

// All that is known of one probe in one run.
struct CoverageList {
  RunId run;
  ProbeId probe;
  std::vector<Coverage> stretches;
  friend bool operator==(const CoverageList&, const CoverageList&) = default;
};

struct Number {
  std::uint64_t number = 0;
};

}  // namespace hindsight::store

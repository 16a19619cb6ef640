#include "store/gc.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "store/base/bytes.h"
#include "store/checkpoint_store.h"
#include "store/chunk_store.h"
#include "store/hash.h"
#include "store/run_store.h"

namespace hindsight::store {
namespace {

struct OfHash {
  std::size_t operator()(const Hash& hash) const { return hash.low; }
};

// The tables whose keys begin with a run's number.
constexpr Table kOfRuns[] = {Table::kSeries, Table::kSeriesBlocks, Table::kLoops, Table::kCheckpoints, Table::kDigests, Table::kCoverage};

class Collector {
 public:
  Collector(Transaction view, Writer& writer, bool only_look) : view_(std::move(view)), writer_(writer), only_look_(only_look) {}

  Result<Collected> run(const Unwanted& unwanted) {
    if (Result<void> done = take_runs(unwanted); !done) return std::move(done).error();
    if (Result<void> done = take_checkpoints(unwanted); !done) return std::move(done).error();
    if (Result<void> done = find_wanted(); !done) return std::move(done).error();
    if (Result<void> done = look_at_chunks(); !done) return std::move(done).error();
    view_.reset();
    if (Result<void> done = make_independent(); !done) return std::move(done).error();
    if (!only_look_) {
      if (Result<void> done = write(); !done) return std::move(done).error();
    }
    return collected_;
  }

 private:
  // One that stays, and needs one that goes.
  struct Dependent {
    Hash hash;
    std::uint64_t stored = 0, raw = 0;
    Element element = Element::kInt8;
  };

  Result<void> take_runs(const Unwanted& unwanted) {
    const TransactionReader reader(*view_);
    for (const RunId id : unwanted.runs) {
      Result<Run> run = read_run(reader, id);
      if (!run) return std::move(run).error();
      if (run->state == RunState::kRecording) {
        return Error(ErrorKind::kInvalid, "run r" + std::to_string(id.number) + " is being recorded");
      }
      if (run->purged) continue;
      run->purged = true;
      run->records = run->checkpoints = 0;
      gone_runs_.insert(id.number);
      runs_.push_back(*std::move(run));
      for (const Table table : kOfRuns) {
        Result<void> done = view_->scan(table, make_key(id.number, 0), [&](std::string_view key, std::string_view value) -> Result<bool> {
          if (key.size() < 8 || read_big(key) != id.number) return false;
          removed_.emplace_back(table, key);
          collected_.bytes_freed += value.size();
          return true;
        });
        if (!done) return done;
      }
    }
    collected_.runs = runs_.size();
    return {};
  }

  Result<void> take_checkpoints(const Unwanted& unwanted) {
    const TransactionReader reader(*view_);
    std::map<std::uint64_t, std::uint64_t> dropped;
    for (const auto& [run, number] : unwanted.checkpoints) {
      if (gone_runs_.contains(run.number)) continue;
      Result<Manifest> manifest = read_manifest(reader, run, number);
      if (!manifest) return std::move(manifest).error();
      if (!manifest->checkpoint.kept || !gone_checkpoints_.emplace(run.number, number).second) continue;
      manifest->checkpoint.kept = false;
      std::fill(manifest->contents.begin(), manifest->contents.end(), LeafContent());
      manifests_.emplace_back(make_key(run.number, number), *std::move(manifest));
      ++dropped[run.number];
    }
    for (const auto& [number, count] : dropped) {
      Result<Run> run = read_run(reader, RunId{number});
      if (!run) return std::move(run).error();
      run->checkpoints -= std::min(run->checkpoints, count);
      run->thinned += count;
      runs_.push_back(*std::move(run));
    }
    collected_.checkpoints = gone_checkpoints_.size();
    return {};
  }

  // All chunks that something refers to which stays.
  Result<void> find_wanted() {
    const auto want = [&](const std::vector<ChunkRef>& chunks) {
      for (const ChunkRef& chunk : chunks) wanted_.insert(chunk.hash);
    };
    Result<void> done = view_->scan(Table::kBlobs, {}, [&](std::string_view key, std::string_view value) -> Result<bool> {
      Result<Blob> blob = decode_value<Blob>(Table::kBlobs, key, value);
      if (!blob) return std::move(blob).error();
      want(blob->chunks);
      return true;
    });
    if (!done) return done;
    return view_->scan(Table::kCheckpoints, {}, [&](std::string_view key, std::string_view value) -> Result<bool> {
      if (key.size() == 16 && (gone_runs_.contains(read_big(key)) || gone_checkpoints_.contains({read_big(key), read_big(key, 8)}))) return true;
      Result<Manifest> manifest = decode_value<Manifest>(Table::kCheckpoints, key, value);
      if (!manifest) return std::move(manifest).error();
      for (const LeafContent& content : manifest->contents) want(content.chunks);
      return true;
    });
  }

  Result<void> look_at_chunks() {
    return view_->scan(Table::kChunks, {}, [&](std::string_view key, std::string_view value) -> Result<bool> {
      const Hash hash = hash_from_key(key);
      if (!wanted_.contains(hash)) {
        removed_.emplace_back(Table::kChunks, key);
        ++collected_.chunks;
        collected_.bytes_freed += value.size();
        return true;
      }
      Result<Opened> opened = open_unchecked(value);
      if (!opened) return std::move(opened).error().context(describe(Table::kChunks, key));
      if (opened->coding != Coding::kPlanes) return true;
      Result<CodedHead> head = read_coded_head(opened->payload);
      if (!head) return std::move(head).error().context(describe(Table::kChunks, key));
      if (!head->base || wanted_.contains(*head->base)) return true;
      dependent_.push_back({.hash = hash, .stored = value.size(), .raw = opened->raw_bytes, .element = head->element});
      return true;
    });
  }

  // What a chunk that stays is a difference from goes.
  Result<void> make_independent() {
    ChunkReader reader;
    ChunkEncoder encoder;
    Hints hints;
    std::string bytes;
    for (const Dependent& chunk : dependent_) {
      ++collected_.chunks_stored_anew;
      if (only_look_) {
        collected_.bytes_added += chunk.raw - std::min(chunk.raw, chunk.stored);
        continue;
      }
      bytes.resize(chunk.raw);
      if (Result<void> read = reader.read(writer_, chunk.hash, bytes); !read) return read;
      if (hash_bytes(bytes) != chunk.hash) {  // to store it anew would hide that
        return Error(ErrorKind::kCorrupt, "chunk " + to_hex(chunk.hash) + ": its bytes have another hash (I6)");
      }
      const std::optional<ChunkEncoder::Coded> coded = encoder.encode(chunk.element, bytes, nullptr, hints);
      const std::size_t size = coded ? coded->payload.size() : bytes.size();
      Result<void> put = writer_.put_chunk(hash_key(chunk.hash), coded ? Coding::kPlanes : Coding::kRaw, bytes.size(),
                                           coded ? coded->payload : std::string_view(bytes));
      if (!put) return put;
      collected_.bytes_added += size - std::min<std::size_t>(size, chunk.stored);
    }
    return {};
  }

  Result<void> write() {
    for (const auto& [key, manifest] : manifests_) {
      if (Result<void> put = put_record(writer_, Table::kCheckpoints, key, manifest); !put) return put;
    }
    for (const Run& run : runs_) {
      if (Result<RunId> put = put_run(writer_, run); !put) return std::move(put).error();
      if (!run.purged) continue;
      if (Result<void> put = put_run_counts(writer_, run.id, {}); !put) return put;
    }
    for (const auto& [table, key] : removed_) {
      if (Result<void> done = writer_.remove(table, key); !done) return done;
    }
    return {};
  }

  std::optional<Transaction> view_;
  Writer& writer_;
  const bool only_look_;
  Collected collected_;
  std::set<std::uint64_t> gone_runs_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> gone_checkpoints_;
  std::unordered_set<Hash, OfHash> wanted_;
  std::vector<Dependent> dependent_;
  std::vector<Run> runs_;
  std::vector<std::pair<std::string, Manifest>> manifests_;
  std::vector<std::pair<Table, std::string>> removed_;
};

}  // namespace

Result<Collected> collect(Transaction view, Writer& writer, const Unwanted& unwanted, bool only_look) {
  return Collector(std::move(view), writer, only_look).run(unwanted);
}

}  // namespace hindsight::store

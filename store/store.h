// A store: one LMDB environment in a project's .hindsight folder, and everything Hindsight keeps in it.
//
//   Result<Store> store = Store::open(project / ".hindsight", Store::Access::kRead);
//   for (const Run& run : *store->runs()) ...
//
// Threads: a Store may be used from any thread; a WriteBatch by the one that began it.
// Processes: many readers and writers at once; writers queue. Never use a Store after fork().
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/result.h"
#include "store/types.h"

namespace hindsight::store {

Hash hash_bytes(std::string_view bytes);
std::string to_hex(const Hash& hash);
std::optional<Hash> hash_from_hex(std::string_view text);
// The identity of a version: over its sources (path, mode, hash), its recipe and as_built.
VersionId version_id(const Version& version);

// A leaf together with its bytes, which are only borrowed.
struct LeafBytes {
  std::string path;
  DType dtype = DType::kBytes;
  std::vector<std::uint64_t> shape;
  std::string_view bytes;
};

// Everything written between begin and commit() becomes visible at once, or not at all.
// Destroying it without commit() gives everything up.
class StateHistory;  // state_history.h

class WriteBatch {
 public:
  WriteBatch(WriteBatch&&) noexcept;
  WriteBatch& operator=(WriteBatch&&) noexcept;
  ~WriteBatch();

  // Contents of source and input files, by hash. Putting what is there already costs a look-up.
  Result<Hash> put_blob(std::string_view bytes);
  // Sets number (the existing one if the id is known; then unit_reports, toolchains and build are updated), and id if it
  // is none. The contents of kept sources are to be put as blobs, before or after, in the same batch.
  Result<Version> put_version(Version version);
  // Its programs may be built and run here, although it came from elsewhere. kNotFound: it is not there.
  Result<void> trust_version(VersionId version);
  // Sets id (next free number) if it is none, else replaces that run. kInvalid: its version (if any) is not in the store.
  Result<RunId> put_run(Run run);
  // Appends rows to a series of a run. kInvalid: columns of unequal length, or a replay that is not in the store.
  Result<void> append_series(RunId run, const Series& rows);
  // Stores, or replaces by number, what is known of loop instances.
  Result<void> put_loops(RunId run, std::span<const LoopInstance> instances);
  // Stores a state: leaves' bytes are chunked, hashed, deduplicated. checkpoint.leaves is filled in from `leaves`.
  // With kept = false only the hashes are. Sets number: the next of the run. Returns the stored form.
  // `history`: kept by whoever stores several states of one program; then they are stored as what changed, where that is smaller.
  Result<Checkpoint> put_checkpoint(RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves);
  Result<Checkpoint> put_checkpoint(RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves, StateHistory& history);
  Result<void> put_digests(RunId run, std::span<const SmallDigest> digests);
  // Stores or replaces it; brings a removed one back, with its place in the order.
  Result<void> put_probe(const Probe& probe);
  // It is no longer listed; its values and coverage stay. kNotFound: it is not there.
  Result<void> remove_probe(ProbeId probe);
  // Sets id if it is none. kInvalid: its run or probes are not in the store.
  Result<ReplayId> put_replay(Replay replay);
  // kInvalid: its run, probe or replay is not in the store.
  Result<void> put_coverage(const Coverage& coverage);

  // Ends the batch, whatever comes of it. After an error nothing of it is in the store (but chunks, which nothing sees).
  Result<void> commit();

 private:
  friend class Store;
  struct State;
  explicit WriteBatch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What gc frees. Versions, manifests and the hashes of leaves stay: what is replayed is still compared with them.
struct Unwanted {
  std::vector<std::pair<RunId, std::uint64_t>> checkpoints;  // by number in their run: their bytes
  std::vector<RunId> runs;  // their values, loops and states; what is known of them as a whole stays
};
struct Collected {
  std::uint64_t runs = 0, checkpoints = 0, chunks = 0;
  std::uint64_t bytes_freed = 0;         // of values in the store
  std::uint64_t chunks_stored_anew = 0;  // since what they were differences from went
  std::uint64_t bytes_added = 0;         // by that
};

// What was copied from one store into another.
struct Carried {
  std::vector<RunId> runs;        // as they are numbered in the store they are in now
  std::vector<RunId> known;       // runs that were there already (by uid), and were left as they are
  std::uint64_t versions = 0, probes = 0, replays = 0;  // that were new
  std::vector<std::string> left_out;  // "data/train.bin (2.1 GB) of r1": contents that this store does not have, either
};

class Store {
 public:
  enum class Access { kRead, kWrite };

  // Creates an empty store in `folder`, which may exist but must not hold one.
  static Result<Store> create(const std::filesystem::path& folder);
  // kNotFound: no store there; kUnsupported: of a newer format; kCorrupt: damaged; kIo: the system said no
  // (read-only, no permission, remote file system). Damage in one table does not keep the others from being read.
  static Result<Store> open(const std::filesystem::path& folder, Access access);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& folder() const;
  std::filesystem::path journal_folder() const;  // .hindsight/journal

  // Waits until no other batch is being written, in any process. kBusy: this thread is writing one; kInvalid: opened with
  // kRead; kIo: the store is read-only; kCorrupt: it is damaged, and only read.
  Result<WriteBatch> write();

  Result<std::string> read_blob(Hash hash) const;
  Result<std::vector<Version>> versions() const;            // by number
  Result<Version> read_version(VersionId id) const;
  Result<std::vector<Run>> runs() const;                    // by id
  Result<Run> read_run(RunId id) const;
  // Series of a run that `wanted` accepts, blocks joined; rows in the order they were appended.
  Result<std::vector<Series>> read_series(RunId run,
                                          const std::function<bool(const SeriesKey&)>& wanted) const;
  Result<std::vector<SeriesKey>> series_keys(RunId run) const;
  Result<std::vector<LoopInstance>> loops(RunId run) const;        // by number
  Result<std::vector<Checkpoint>> checkpoints(RunId run) const;    // by number, kept and digests alike
  Result<std::vector<SmallDigest>> digests(RunId run) const;
  // Fills in the bytes of all leaves of a kept checkpoint, one after another in order, each verified against its hash. `room` is
  // asked once per leaf where to, and gives a span of the leaf's size. kCorrupt names the leaf.
  using LeafRoom = std::function<Result<std::span<char>>(const Leaf&)>;
  Result<void> fill_state(RunId run, const Checkpoint& checkpoint, const LeafRoom& room) const;
  // The same with memory of its own: `sink` is called once per leaf.
  Result<void> read_state(RunId run, const Checkpoint& checkpoint,
                          const std::function<Result<void>(const Leaf&, std::string_view)>& sink) const;
  Result<std::vector<Probe>> probes() const;                // by creation
  Result<std::vector<Replay>> replays() const;              // by id
  Result<std::vector<Coverage>> coverage(RunId run, ProbeId probe) const;

  // Copies runs of another store, and all that belongs to them, into this one; all of it or nothing. A run that is there already (by uid) is left as
  // it is. `are_foreign`: the other store is somebody else's: versions and probes are marked so.
  // kCorrupt: damage, or something of the same hash that is something else; kInvalid: a run that is being recorded, or is not there.
  Result<Carried> carry(const Store& from, std::span<const RunId> runs, bool are_foreign);
  // Frees what is unwanted, and all chunks that nothing refers to; all of it at once, or nothing. `only_look`: says what it would free.
  // kInvalid: a run that is being recorded; otherwise as write().
  Result<Collected> collect(const Unwanted& unwanted, bool only_look);
  // Bytes of all that is stored. What was freed is used again; compact() gives it back to the file system.
  Result<std::uint64_t> used_bytes() const;
  // kBusy: some process has the store open; kIo: there is no room on the disk for what is in use.
  static Result<void> compact(const std::filesystem::path& folder);

  // What fsck found: one sentence each, quoting FORMAT.md's invariants; empty: nothing wrong.
  struct Findings {
    std::vector<std::string> problems;
    std::uint64_t values_checked = 0;  // entries read
    std::uint64_t bytes_checked = 0;
  };
  Result<Findings> check() const;

 private:
  struct State;
  explicit Store(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// The format number that this build writes; `format` in the store's folder holds the store's.
inline constexpr int kFormat = 2;

}  // namespace hindsight::store

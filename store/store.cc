#include "store/store.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "store/base/bytes.h"
#include "store/carry.h"
#include "store/checkpoint_store.h"
#include "store/fsck.h"
#include "store/gc.h"
#include "store/lmdb.h"
#include "store/place.h"
#include "store/probe_store.h"
#include "store/run_store.h"
#include "store/series_store.h"
#include "store/source_store.h"
#include "store/state_history.h"
#include "store/view.h"

namespace hindsight::store {

struct Store::State {
  std::filesystem::path folder;
  Access access = Access::kRead;
  std::shared_ptr<Environment> environment;

  // What `read` makes of a consistent view.
  template <class Read>
  auto with_view(const Read& read) const -> decltype(read(std::declval<const Transaction&>())) {
    Result<Transaction> transaction = environment->read();
    if (!transaction) return std::move(transaction).error();
    return read(*transaction);
  }
};

// Members are given up in the order that waiting writers need: the transaction, then the locks.
struct WriteBatch::State {
  // Keeps this thread's place among the batches of this process.
  struct Turn {
    std::shared_ptr<Environment> environment;
    explicit Turn(std::shared_ptr<Environment> entered) : environment(std::move(entered)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { environment->leave_batch(); }
  };
  std::unique_ptr<Turn> turn;
  FolderLock lock;
  Writer writer;
  SeriesIndex series;
  bool ended = false;

  State(std::unique_ptr<Turn> my_turn, FolderLock folder_lock)
      : turn(std::move(my_turn)), lock(std::move(folder_lock)), writer(*turn->environment) {}
};

namespace {

Error ended_batch() { return Error(ErrorKind::kInvalid, "the batch has ended"); }

// The store's format; kUnsupported if it is newer than this program.
Result<int> check_format(const std::filesystem::path& folder) {
  Result<int> number = read_format(folder);
  if (!number) return std::move(number).error();
  if (*number > kFormat) {
    return Error(ErrorKind::kUnsupported,
                 folder.string() + " has format " + std::to_string(*number) + ", and this program knows formats up to " +
                     std::to_string(kFormat),
                 "use a newer hindsight");
  }
  return number;
}

// REQUIRES: its format is older than ours.
Result<void> raise_format(const std::filesystem::path& folder) {
  const Result<FolderLock> lock = FolderLock::take(folder);
  if (!lock) return lock.error();
  const Result<int> now = check_format(folder);  // another process may have been faster
  if (!now) return now.error();
  return *now < kFormat ? write_format(folder, kFormat) : Result<void>();
}

Error system_error(const std::filesystem::path& path, const std::error_code& code) {
  return Error(ErrorKind::kIo, path.string() + ": " + code.message());
}

}  // namespace

// ---- WriteBatch ---------------------------------------------------------------------------------

WriteBatch::WriteBatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;
WriteBatch::~WriteBatch() = default;

Result<Hash> WriteBatch::put_blob(std::string_view bytes) {
  if (!state_) return ended_batch();
  return store::put_blob(state_->writer, bytes);
}
Result<Version> WriteBatch::put_version(Version version) {
  if (!state_) return ended_batch();
  return store::put_version(state_->writer, std::move(version));
}
Result<void> WriteBatch::trust_version(VersionId version) {
  if (!state_) return ended_batch();
  return store::trust_version(state_->writer, version);
}
Result<RunId> WriteBatch::put_run(Run run) {
  if (!state_) return ended_batch();
  return store::put_run(state_->writer, std::move(run));
}
Result<void> WriteBatch::append_series(RunId run, const Series& rows) {
  if (!state_) return ended_batch();
  return store::append_series(state_->writer, state_->series, run, rows);
}
Result<void> WriteBatch::put_loops(RunId run, std::span<const LoopInstance> instances) {
  if (!state_) return ended_batch();
  return store::put_loops(state_->writer, run, instances);
}
Result<Checkpoint> WriteBatch::put_checkpoint(RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves) {
  StateHistory none(0);
  return put_checkpoint(run, std::move(checkpoint), leaves, none);
}
Result<Checkpoint> WriteBatch::put_checkpoint(RunId run, Checkpoint checkpoint, std::span<const LeafBytes> leaves,
                                              StateHistory& history) {
  if (!state_) return ended_batch();
  return store::put_checkpoint(state_->writer, run, std::move(checkpoint), leaves, history);
}
Result<void> WriteBatch::put_digests(RunId run, std::span<const SmallDigest> digests) {
  if (!state_) return ended_batch();
  return store::put_digests(state_->writer, run, digests);
}
Result<void> WriteBatch::put_probe(const Probe& probe) {
  if (!state_) return ended_batch();
  return store::put_probe(state_->writer, probe);
}
Result<void> WriteBatch::remove_probe(ProbeId probe) {
  if (!state_) return ended_batch();
  return store::remove_probe(state_->writer, probe);
}
Result<ReplayId> WriteBatch::put_replay(Replay replay) {
  if (!state_) return ended_batch();
  return store::put_replay(state_->writer, std::move(replay));
}
Result<void> WriteBatch::put_coverage(const Coverage& coverage) {
  if (!state_) return ended_batch();
  return store::put_coverage(state_->writer, coverage);
}

Result<void> WriteBatch::commit() {
  if (!state_) return ended_batch();
  Result<void> done = state_->writer.commit();
  state_.reset();
  return done;
}

// ---- Store --------------------------------------------------------------------------------------

Store::Store(std::shared_ptr<State> state) : state_(std::move(state)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::filesystem::path& folder) {
  const std::string doing = "make store " + folder.string();
  std::error_code code;
  std::filesystem::create_directories(folder / "journal", code);
  if (code) return system_error(folder, code).context(doing);
  if (Result<void> local = check_is_local(folder); !local) return std::move(local).error();
  Result<FolderLock> lock = FolderLock::take(folder);
  if (!lock) return std::move(lock).error().context(doing);
  if (std::filesystem::exists(folder / "format", code)) {
    return Error(ErrorKind::kInvalid, "there is a store in " + folder.string() + " already");
  }
  Result<std::shared_ptr<Environment>> environment = Environment::open(folder, true);
  if (!environment) return std::move(environment).error().context(doing);
  {
    // What an interrupted create() left behind is made whole; anything else is not touched.
    Writer writer(**environment);
    Result<std::optional<Counts>> counts = find_record<Counts>(writer, Table::kCounts, make_key(1));
    if (!counts) return std::move(counts).error().context(doing);
    if (*counts && **counts != Counts{}) {
      return Error(ErrorKind::kCorrupt, doing + ": data.mdb holds runs, but the file 'format' is missing (I1)");
    }
    if (Result<void> done = put_counts(writer, {}); !done) return std::move(done).error().context(doing);
    if (Result<void> done = writer.commit(); !done) return std::move(done).error().context(doing);
  }
  if (Result<void> done = write_format(folder, kFormat); !done) return std::move(done).error().context(doing);
  return Store(std::make_shared<State>(
      State{.folder = folder, .access = Access::kWrite, .environment = std::move(*environment)}));
}

Result<Store> Store::open(const std::filesystem::path& folder, Access access) {
  const std::string doing = "open store " + folder.string();
  const Result<int> format = check_format(folder);
  if (!format) return format.error();
  if (Result<void> local = check_is_local(folder); !local) return std::move(local).error();
  Result<std::shared_ptr<Environment>> environment = Environment::open(folder, false);
  if (!environment) return std::move(environment).error().context(doing);
  if (access == Access::kWrite) {
    if (std::optional<Error> why = (*environment)->refuses_writing()) return std::move(*why).context(doing);
    // What an older program could not read may be written from here on. All of what it wrote is read as it is.
    if (*format < kFormat) {
      if (Result<void> raised = raise_format(folder); !raised) return std::move(raised).error().context(doing);
    }
  }
  return Store(std::make_shared<State>(State{.folder = folder, .access = access, .environment = std::move(*environment)}));
}

const std::filesystem::path& Store::folder() const { return state_->folder; }
std::filesystem::path Store::journal_folder() const { return state_->folder / "journal"; }

Result<WriteBatch> Store::write() {
  if (state_->access != Access::kWrite) return Error(ErrorKind::kInvalid, "the store was opened for reading");
  if (std::optional<Error> why = state_->environment->refuses_writing()) return std::move(*why);
  if (Result<void> entered = state_->environment->enter_batch(); !entered) return std::move(entered).error();
  auto turn = std::make_unique<WriteBatch::State::Turn>(state_->environment);
  Result<FolderLock> lock = FolderLock::take(state_->folder);
  if (!lock) return std::move(lock).error();
  return WriteBatch(std::make_unique<WriteBatch::State>(std::move(turn), std::move(*lock)));
}

Result<std::string> Store::read_blob(Hash hash) const {
  return state_->with_view([&](const Transaction& view) { return store::read_blob(TransactionReader(view), hash); });
}
Result<std::vector<Version>> Store::versions() const {
  return state_->with_view([&](const Transaction& view) { return read_versions(TransactionReader(view)); });
}
Result<Version> Store::read_version(VersionId id) const {
  return state_->with_view([&](const Transaction& view) { return store::read_version(TransactionReader(view), id); });
}
Result<std::vector<Run>> Store::runs() const {
  return state_->with_view([&](const Transaction& view) { return read_runs(TransactionReader(view)); });
}
Result<Run> Store::read_run(RunId id) const {
  return state_->with_view([&](const Transaction& view) { return store::read_run(TransactionReader(view), id); });
}

Result<std::vector<SeriesKey>> Store::series_keys(RunId run) const {
  Result<std::vector<SeriesHead>> heads =
      state_->with_view([&](const Transaction& view) { return read_series_heads(TransactionReader(view), run); });
  if (!heads) return std::move(heads).error();
  std::vector<SeriesKey> keys;
  for (SeriesHead& head : *heads) keys.push_back(std::move(head.key));
  return keys;
}

Result<std::vector<Series>> Store::read_series(RunId run, const std::function<bool(const SeriesKey&)>& wanted) const {
  // `wanted` is the caller's code and is not called while a transaction is open: it may use the store.
  Result<std::vector<SeriesKey>> keys = series_keys(run);
  if (!keys) return std::move(keys).error();
  std::vector<bool> take;
  for (const SeriesKey& key : *keys) take.push_back(!wanted || wanted(key));
  return state_->with_view([&](const Transaction& view) -> Result<std::vector<Series>> {
    const TransactionReader reader(view);
    // Series are only ever added, at the end; those taken are read as they are now.
    Result<std::vector<SeriesHead>> heads = read_series_heads(reader, run);
    if (!heads) return std::move(heads).error();
    std::vector<Series> all;
    for (std::size_t number = 0; number < take.size(); ++number) {
      if (!take[number]) continue;
      Result<SeriesColumns> rows = read_series_rows(reader, run, number, (*heads)[number]);
      if (!rows) return std::move(rows).error().context("series '" + (*keys)[number].name + "'");
      all.push_back({.key = std::move((*keys)[number]), .columns = std::move(*rows)});
    }
    return all;
  });
}

Result<std::vector<LoopInstance>> Store::loops(RunId run) const {
  return state_->with_view([&](const Transaction& view) { return read_loops(view, run); });
}
Result<std::vector<Checkpoint>> Store::checkpoints(RunId run) const {
  return state_->with_view([&](const Transaction& view) { return read_checkpoints(TransactionReader(view), run); });
}
Result<std::vector<SmallDigest>> Store::digests(RunId run) const {
  return state_->with_view([&](const Transaction& view) { return read_digests(TransactionReader(view), run); });
}

namespace {

// `filled` is called with every leaf once its bytes are there.
template <class State>
Result<void> fill_leaves(const State& state, RunId run, const Checkpoint& checkpoint, const Store::LeafRoom& room,
                         const std::function<Result<void>(const Leaf&, std::span<const char>)>& filled) {
  const std::string name = "state of run r" + std::to_string(run.number) + " at " + to_string(checkpoint.point);
  Result<Manifest> manifest = state.with_view(
      [&](const Transaction& view) { return read_manifest(TransactionReader(view), run, checkpoint.number); });
  if (!manifest) return std::move(manifest).error().context(name);
  if (manifest->checkpoint.point != checkpoint.point) {
    return Error(ErrorKind::kInvalid, name + ": checkpoint " + std::to_string(checkpoint.number) + " of the run is another one");
  }
  if (!manifest->checkpoint.kept) return Error(ErrorKind::kInvalid, name + ": only its hashes were kept");
  LeafReader reader;
  for (std::size_t i = 0; i < manifest->checkpoint.leaves.size(); ++i) {
    const Leaf& leaf = manifest->checkpoint.leaves[i];
    Result<std::span<char>> to = room(leaf);
    if (!to) return std::move(to).error();
    // Chunks are never changed, so each leaf can have its own view; what belongs to the caller is called outside of any.
    Result<void> read =
        state.with_view([&](const Transaction& view) { return reader.read(TransactionReader(view), *manifest, i, *to); });
    if (!read) return std::move(read).error().context(name);
    if (Result<void> taken = filled(leaf, *to); !taken) return taken;
  }
  return {};
}

}  // namespace

Result<void> Store::fill_state(RunId run, const Checkpoint& checkpoint, const LeafRoom& room) const {
  return fill_leaves(*state_, run, checkpoint, room, [](const Leaf&, std::span<const char>) -> Result<void> { return {}; });
}

Result<void> Store::read_state(RunId run, const Checkpoint& checkpoint,
                               const std::function<Result<void>(const Leaf&, std::string_view)>& sink) const {
  std::string bytes;
  const LeafRoom room = [&](const Leaf& leaf) -> Result<std::span<char>> {
    if (bytes.size() < leaf.bytes) bytes.resize(leaf.bytes);
    return std::span<char>(bytes.data(), leaf.bytes);
  };
  return fill_leaves(*state_, run, checkpoint, room, [&](const Leaf& leaf, std::span<const char> filled) -> Result<void> {
    return sink(leaf, {filled.data(), filled.size()});
  });
}

Result<std::vector<Probe>> Store::probes() const {
  Result<std::vector<StoredProbe>> stored =
      state_->with_view([&](const Transaction& view) { return read_stored_probes(view); });
  if (!stored) return std::move(stored).error();
  std::vector<Probe> probes;
  for (StoredProbe& probe : *stored) {
    if (!probe.removed) probes.push_back(std::move(probe.probe));
  }
  return probes;
}
Result<std::vector<Replay>> Store::replays() const {
  return state_->with_view([&](const Transaction& view) { return read_replays(TransactionReader(view)); });
}
Result<std::vector<Coverage>> Store::coverage(RunId run, ProbeId probe) const {
  return state_->with_view([&](const Transaction& view) { return read_coverage(TransactionReader(view), run, probe); });
}

Result<Carried> Store::carry(const Store& from, std::span<const RunId> runs, bool are_foreign) {
  Result<WriteBatch> batch = write();
  if (!batch) return std::move(batch).error();
  Result<Carried> carried = from.state_->with_view([&](const Transaction& view) {
    return store::carry(view, batch->state_->writer, runs, are_foreign ? Origin::kForeign : Origin::kOurs);
  });
  if (!carried) return carried;
  if (Result<void> committed = batch->commit(); !committed) return std::move(committed).error();
  return carried;
}
Result<Collected> Store::collect(const Unwanted& unwanted, bool only_look) {
  Result<WriteBatch> batch = write();  // also to look: nobody is to change anything meanwhile
  if (!batch) return std::move(batch).error();
  Result<Transaction> view = state_->environment->read();
  if (!view) return std::move(view).error();
  Result<Collected> collected = store::collect(*std::move(view), batch->state_->writer, unwanted, only_look);
  if (!collected || only_look) return collected;
  if (Result<void> committed = batch->commit(); !committed) return std::move(committed).error();
  return collected;
}
Result<std::uint64_t> Store::used_bytes() const {
  return state_->with_view([](const Transaction& view) { return view.used_bytes(); });
}
Result<void> Store::compact(const std::filesystem::path& folder) {
  if (Result<int> format = check_format(folder); !format) return std::move(format).error();
  return Environment::compact(folder);
}

Result<Store::Findings> Store::check() const { return check_everything(*state_->environment); }

}  // namespace hindsight::store

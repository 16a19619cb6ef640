#include "store/run_store.h"

#include "store/base/bytes.h"
#include "store/hash.h"
#include "store/store.h"

namespace hindsight::store {
namespace {

std::string counts_key() { return make_key(1); }

Error no_run(RunId id) { return Error(ErrorKind::kNotFound, "no run r" + std::to_string(id.number)); }

}  // namespace

Result<Counts> read_counts(const Reader& reader) { return read_record<Counts>(reader, Table::kCounts, counts_key()); }

Result<void> put_counts(Writer& writer, const Counts& counts) {
  return put_record(writer, Table::kCounts, counts_key(), counts);
}

Result<RunId> put_run(Writer& writer, Run run) {
  if (!run.version.hash.is_zero()) {
    Result<std::optional<std::string_view>> version = writer.find(Table::kVersionIds, hash_key(run.version.hash));
    if (!version) return std::move(version).error();
    if (!*version) return Error(ErrorKind::kInvalid, "the run is of a version that is not in the store");
  }
  Result<Counts> counts = read_counts(writer);
  if (!counts) return std::move(counts).error();
  if (run.id.number > counts->runs) return no_run(run.id);
  if (run.id.number == 0) {
    run.id.number = ++counts->runs;
    if (Result<void> done = put_counts(writer, *counts); !done) return std::move(done).error();
    if (Result<void> done = put_run_counts(writer, run.id, {}); !done) return std::move(done).error();
  }
  if (Result<void> done = put_record(writer, Table::kRuns, make_key(run.id.number), run); !done) {
    return std::move(done).error();
  }
  return run.id;
}

Result<Run> read_run(const Reader& reader, RunId id) {
  Result<Counts> counts = read_counts(reader);
  if (!counts) return std::move(counts).error();
  if (id.number == 0 || id.number > counts->runs) return no_run(id);
  return read_record<Run>(reader, Table::kRuns, make_key(id.number));
}

Result<std::vector<Run>> read_runs(const Reader& reader) {
  Result<Counts> counts = read_counts(reader);
  if (!counts) return std::move(counts).error();
  std::vector<Run> runs;
  for (std::uint64_t number = 1; number <= counts->runs; ++number) {
    Result<Run> run = read_record<Run>(reader, Table::kRuns, make_key(number));
    if (!run) return std::move(run).error();
    runs.push_back(std::move(*run));
  }
  return runs;
}

Result<RunCounts> read_run_counts(const Reader& reader, RunId id) {
  Result<Counts> counts = read_counts(reader);
  if (!counts) return std::move(counts).error();
  if (id.number == 0 || id.number > counts->runs) return no_run(id);
  return read_record<RunCounts>(reader, Table::kRunCounts, make_key(id.number));
}

Result<void> put_run_counts(Writer& writer, RunId id, const RunCounts& counts) {
  return put_record(writer, Table::kRunCounts, make_key(id.number), counts);
}

Result<void> put_loops(Writer& writer, RunId run, std::span<const LoopInstance> instances) {
  Result<RunCounts> counts = read_run_counts(writer, run);
  if (!counts) return std::move(counts).error();
  const std::uint64_t before = counts->loops;
  for (const LoopInstance& instance : instances) {
    const std::string key = make_key(run.number, instance.number);
    Result<std::optional<std::string_view>> there = writer.find(Table::kLoops, key);
    if (!there) return std::move(there).error();
    if (!*there) ++counts->loops;
    if (Result<void> done = put_record(writer, Table::kLoops, key, instance); !done) return done;
  }
  if (counts->loops == before) return {};
  return put_run_counts(writer, run, *counts);
}

Result<std::vector<LoopInstance>> read_loops(const Transaction& transaction, RunId run) {
  Result<RunCounts> counts = read_run_counts(TransactionReader(transaction), run);
  if (!counts) return std::move(counts).error();
  std::vector<LoopInstance> loops;
  Result<void> done = transaction.scan(
      Table::kLoops, make_key(run.number, 0), [&](std::string_view key, std::string_view value) -> Result<bool> {
        if (key.size() != 16 || read_big(key) != run.number) return false;
        Result<LoopInstance> loop = decode_value<LoopInstance>(Table::kLoops, key, value);
        if (!loop) return std::move(loop).error();
        loops.push_back(std::move(*loop));
        return true;
      });
  if (!done) return std::move(done).error();
  if (loops.size() != counts->loops) {
    return Error(ErrorKind::kCorrupt, "run r" + std::to_string(run.number) + " has " + std::to_string(loops.size()) +
                                          " loops of " + std::to_string(counts->loops) + " (I5)");
  }
  return loops;
}

}  // namespace hindsight::store

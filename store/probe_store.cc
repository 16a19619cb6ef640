#include "store/probe_store.h"

#include <algorithm>

#include "store/base/bytes.h"
#include "store/hash.h"
#include "store/run_store.h"
#include "store/store.h"

namespace hindsight::store {
namespace {

std::string coverage_key(RunId run, ProbeId probe) { return make_key(run.number, probe.hash.high, probe.hash.low); }

Result<void> expect(const Reader& reader, Table table, const std::string& key, const std::string& what) {
  Result<std::optional<std::string_view>> there = reader.find(table, key);
  if (!there) return std::move(there).error();
  if (!*there) return Error(ErrorKind::kInvalid, what + " is not in the store");
  return {};
}

Result<void> expect_run(const Reader& reader, RunId run) {
  return expect(reader, Table::kRuns, make_key(run.number), "run r" + std::to_string(run.number));
}
Result<void> expect_probe(const Reader& reader, ProbeId probe) {
  return expect(reader, Table::kProbes, hash_key(probe.hash), "probe " + to_hex(probe.hash));
}

}  // namespace

Result<void> put_probe(Writer& writer, const Probe& probe) {
  if (probe.id.hash.is_zero()) return Error(ErrorKind::kInvalid, "a probe without an id");
  const std::string key = hash_key(probe.id.hash);
  Result<std::optional<StoredProbe>> stored = find_record<StoredProbe>(writer, Table::kProbes, key);
  if (!stored) return std::move(stored).error();
  StoredProbe record{.probe = probe};
  if (*stored) {
    record.number = (*stored)->number;
  } else {
    Result<Counts> counts = read_counts(writer);
    if (!counts) return std::move(counts).error();
    record.number = ++counts->probes;
    if (Result<void> done = put_counts(writer, *counts); !done) return done;
  }
  return put_record(writer, Table::kProbes, key, record);
}

Result<void> remove_probe(Writer& writer, ProbeId id) {
  const std::string key = hash_key(id.hash);
  Result<std::optional<StoredProbe>> stored = find_record<StoredProbe>(writer, Table::kProbes, key);
  if (!stored) return std::move(stored).error();
  if (!*stored || (*stored)->removed) return Error(ErrorKind::kNotFound, "no probe " + to_hex(id.hash));
  (*stored)->removed = true;
  return put_record(writer, Table::kProbes, key, **stored);
}

Result<std::vector<StoredProbe>> read_stored_probes(const Transaction& transaction) {
  Result<Counts> counts = read_counts(TransactionReader(transaction));
  if (!counts) return std::move(counts).error();
  std::vector<StoredProbe> probes;
  Result<void> done =
      transaction.scan(Table::kProbes, {}, [&](std::string_view key, std::string_view value) -> Result<bool> {
        Result<StoredProbe> probe = decode_value<StoredProbe>(Table::kProbes, key, value);
        if (!probe) return std::move(probe).error();
        probes.push_back(std::move(*probe));
        return true;
      });
  if (!done) return std::move(done).error();
  if (probes.size() != counts->probes) {
    return Error(ErrorKind::kCorrupt, "there are " + std::to_string(probes.size()) + " probes of " +
                                          std::to_string(counts->probes) + " (I5)");
  }
  std::sort(probes.begin(), probes.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return probes;
}

Result<ReplayId> put_replay(Writer& writer, Replay replay) {
  if (Result<void> there = expect_run(writer, replay.run); !there) return std::move(there).error();
  for (const ProbeId probe : replay.probes) {
    if (Result<void> there = expect_probe(writer, probe); !there) return std::move(there).error();
  }
  Result<Counts> counts = read_counts(writer);
  if (!counts) return std::move(counts).error();
  if (replay.id.number > counts->replays) {
    return Error(ErrorKind::kNotFound, "no replay p" + std::to_string(replay.id.number));
  }
  if (replay.id.number == 0) {
    replay.id.number = ++counts->replays;
    if (Result<void> done = put_counts(writer, *counts); !done) return std::move(done).error();
  }
  if (Result<void> done = put_record(writer, Table::kReplays, make_key(replay.id.number), replay); !done) {
    return std::move(done).error();
  }
  return replay.id;
}

Result<std::vector<Replay>> read_replays(const Reader& reader) {
  Result<Counts> counts = read_counts(reader);
  if (!counts) return std::move(counts).error();
  std::vector<Replay> replays;
  for (std::uint64_t number = 1; number <= counts->replays; ++number) {
    Result<Replay> replay = read_record<Replay>(reader, Table::kReplays, make_key(number));
    if (!replay) return std::move(replay).error();
    replays.push_back(std::move(*replay));
  }
  return replays;
}

Result<void> put_coverage(Writer& writer, const Coverage& coverage) {
  if (Result<void> there = expect_run(writer, coverage.run); !there) return there;
  if (Result<void> there = expect_probe(writer, coverage.probe); !there) return there;
  const std::string replay = "replay p" + std::to_string(coverage.replay.number);
  if (Result<void> there = expect(writer, Table::kReplays, make_key(coverage.replay.number), replay); !there) return there;
  const std::string key = coverage_key(coverage.run, coverage.probe);
  Result<std::optional<CoverageList>> list = find_record<CoverageList>(writer, Table::kCoverage, key);
  if (!list) return std::move(list).error();
  if (!*list) list->emplace(CoverageList{.run = coverage.run, .probe = coverage.probe, .stretches = {}});
  (*list)->stretches.push_back(coverage);
  return put_record(writer, Table::kCoverage, key, **list);
}

Result<std::vector<Coverage>> read_coverage(const Reader& reader, RunId run, ProbeId probe) {
  Result<RunCounts> there = read_run_counts(reader, run);
  if (!there) return std::move(there).error();
  Result<std::optional<CoverageList>> list = find_record<CoverageList>(reader, Table::kCoverage, coverage_key(run, probe));
  if (!list) return std::move(list).error();
  if (!*list) return std::vector<Coverage>();
  return std::move((*list)->stretches);
}

}  // namespace hindsight::store

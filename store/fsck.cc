#include "store/fsck.h"

#include <map>
#include <set>
#include <tuple>

#include "store/base/bytes.h"
#include "store/checkpoint_store.h"
#include "store/chunk_store.h"
#include "store/hash.h"
#include "store/run_store.h"
#include "store/series_block.h"
#include "store/view.h"

namespace hindsight::store {
namespace {

// Beyond this a list of problems tells nobody more.
constexpr std::size_t kMaxProblems = 1000;

// One pass over the tables in an order in which what is referred to is read before what refers to it.
class Fsck {
 public:
  Fsck(const Transaction& transaction, const PageFindings& pages) : transaction_(transaction), pages_(pages) {}

  Store::Findings run() {
    for (const auto& [table, what] : pages_.damaged) {
      problem((table.empty() ? std::string("the list of tables") : "table " + table) + ": " + what + " (I2)");
    }
    if (!pages_.free_list.empty()) problem("the free list: " + pages_.free_list + " (I2)");

    each<Counts>(Table::kCounts, [&](std::string_view, const Counts& counts) { counts_ = counts; ++count_records_; });
    if (readable(Table::kCounts) && count_records_ != 1) problem("counts: there are " + n(count_records_) + " (I5)");
    chunks();
    blobs();
    versions();
    runs();
    replays_and_probes();
    series();
    loops();
    checkpoints();
    digests();
    coverage();
    return std::move(findings_);
  }

 private:
  static std::string n(std::uint64_t number) { return std::to_string(number); }
  bool readable(Table table) const {
    return pages_.damaged.count("") == 0 && pages_.damaged.count(info_of(table).name) == 0;
  }
  void problem(std::string sentence) {
    if (findings_.problems.size() < kMaxProblems) {
      findings_.problems.push_back(std::move(sentence));
    } else if (findings_.problems.size() == kMaxProblems) {
      findings_.problems.push_back("and more");
    }
  }

  // Every entry whose key and value are whole.
  void scan_values(Table table, Form form, const std::function<void(std::string_view key, const Opened& value)>& visit) {
    if (!readable(table)) return;
    Result<void> done = transaction_.scan(table, {}, [&](std::string_view key, std::string_view value) -> Result<bool> {
      ++findings_.values_checked;
      findings_.bytes_checked += value.size();
      if (key.size() != info_of(table).key_bytes) {
        problem(std::string(info_of(table).name) + ": a key has " + n(key.size()) + " bytes (I5)");
        return true;
      }
      const std::string name = describe(table, key) + ": ";
      Result<Opened> opened = open_value(table, key, value);
      if (!opened) {
        problem(name + opened.error().message());
        return true;
      }
      if (opened->form != form) {
        problem(name + "it has the wrong form (I4)");
        return true;
      }
      visit(key, *opened);
      return true;
    });
    if (!done) problem(done.error().message());
  }
  // The same with what the values hold.
  void scan(Table table, Form form, const std::function<void(std::string_view key, std::string_view payload)>& visit) {
    scan_values(table, form, [&](std::string_view key, const Opened& value) {
      std::string room;
      Result<std::string_view> payload = payload_of(value, room);
      if (!payload) return problem(describe(table, key) + ": " + payload.error().message() + " (I4)");
      visit(key, *payload);
    });
  }

  template <class T, class Visit>
  void each(Table table, const Visit& visit) {
    scan(table, Form::kMessage, [&](std::string_view key, std::string_view payload) {
      Result<T> record = decode<T>(payload);
      if (record) {
        visit(key, *record);
      } else {
        problem(describe(table, key) + ": " + record.error().message());
      }
    });
  }

  void expect_count(Table table, std::uint64_t found, std::uint64_t expected, const std::string& whose) {
    if (found == expected || !readable(table) || !readable(Table::kCounts)) return;
    problem(std::string(info_of(table).name) + whose + ": there are " + n(found) + " whole ones of " + n(expected) + " (I5)");
  }

  void chunks() {
    const TransactionReader reader(transaction_);
    std::string bytes;
    scan_values(Table::kChunks, Form::kChunk, [&](std::string_view key, const Opened& value) {
      const Hash hash = hash_from_key(key);
      if (value.raw_bytes > kMaxChunkBytes) return problem(describe(Table::kChunks, key) + ": it is larger than a chunk can be (I4)");
      bytes.resize(value.raw_bytes);
      if (Result<void> read = chunk_reader_.read(reader, hash, bytes); !read) return problem(read.error().message());
      if (hash_bytes(bytes) != hash) problem(describe(Table::kChunks, key) + ": its bytes have another hash (I6)");
      chunk_sizes_[hash] = bytes.size();
    });
  }

  // Whether the chunks of a leaf or blob are there.
  bool chunks_are_there(const std::string& name, const std::vector<ChunkRef>& list) {
    const auto complain = [&](const ChunkRef& chunk, const char* what) {
      problem(name + ": chunk " + to_hex(chunk.hash) + what + " (I7)");
      return false;
    };
    for (const ChunkRef& chunk : list) {
      const auto found = chunk_sizes_.find(chunk.hash);
      if (found == chunk_sizes_.end()) return complain(chunk, " is missing or damaged");
      if (found->second != chunk.bytes) return complain(chunk, " has another size");
    }
    return true;
  }
  // Whether the bytes of a leaf or blob have yet to be put together: once for the same bytes of the same place.
  bool is_new_whole(const std::vector<ChunkRef>& list, std::uint64_t offset, std::uint64_t bytes, const Hash& whole) {
    if (list.empty()) return true;
    if (list.size() == 1 && list[0].hash == whole && list[0].bytes == bytes) return false;  // checked with the chunk
    return wholes_.insert({whole, bytes, list[0].hash, offset}).second;
  }

  void blobs() {
    each<Blob>(Table::kBlobs, [&](std::string_view key, const Blob& blob) {
      const Hash hash = hash_from_key(key);
      blobs_.insert(hash);
      const std::string name = describe(Table::kBlobs, key);
      if (chunks_are_there(name, blob.chunks) && is_new_whole(blob.chunks, 0, blob.bytes, hash)) {
        Result<std::string> all = read_chunks(TransactionReader(transaction_), blob.chunks, blob.bytes, hash);
        if (!all) problem(name + ": " + all.error().message());
      }
      if (blob.bytes == 0 && hash != hash_bytes({})) problem(describe(Table::kBlobs, key) + ": it is not that of nothing (I7)");
    });
  }

  void files(const std::string& name, const Tree& tree) {
    for (const FileEntry& file : tree) {
      if (file.kept && !file.hash.is_zero() && blobs_.count(file.hash) == 0) {
        problem(name + ": the contents of " + file.path + " are missing (I9)");
      }
    }
  }

  void versions() {
    std::uint64_t found = 0;
    each<Version>(Table::kVersions, [&](std::string_view key, const Version& version) {
      const std::string name = describe(Table::kVersions, key);
      ++found;
      version_numbers_[version.id] = version.number;
      if (version.number != read_big(key) || version.number > counts_.versions) problem(name + ": it has another number (I5)");
      files(name, version.sources);
    });
    expect_count(Table::kVersions, found, counts_.versions, "");
    std::uint64_t ids = 0;
    each<Number>(Table::kVersionIds, [&](std::string_view key, const Number& number) {
      ++ids;
      const auto version = version_numbers_.find(VersionId{hash_from_key(key)});
      if (readable(Table::kVersions) && (version == version_numbers_.end() || version->second != number.number)) {
        problem(describe(Table::kVersionIds, key) + ": version " + n(number.number) + " is missing or another one (I8)");
      }
    });
    expect_count(Table::kVersionIds, ids, counts_.versions, "");
  }

  void runs() {
    each<RunCounts>(Table::kRunCounts, [&](std::string_view key, const RunCounts& counts) { run_counts_[read_big(key)] = counts; });
    std::uint64_t found = 0;
    each<Run>(Table::kRuns, [&](std::string_view key, const Run& run) {
      const std::string name = describe(Table::kRuns, key);
      ++found;
      run_numbers_.insert(run.id.number);
      if (run.id.number != read_big(key) || run.id.number > counts_.runs) problem(name + ": it has another number (I5)");
      if (!run.version.hash.is_zero() && version_numbers_.count(run.version) == 0 && readable(Table::kVersions)) {
        problem(name + ": its version is missing (I8)");
      }
      if (run_counts_.count(run.id.number) == 0 && readable(Table::kRunCounts)) problem(name + ": its counts are missing (I5)");
      files(name, run.inputs);
    });
    expect_count(Table::kRuns, found, counts_.runs, "");
    expect_count(Table::kRunCounts, run_counts_.size(), counts_.runs, "");
  }

  void replays_and_probes() {
    std::uint64_t probes = 0;
    each<StoredProbe>(Table::kProbes, [&](std::string_view key, const StoredProbe& probe) {
      ++probes;
      probes_.insert(hash_from_key(key));
      if (probe.probe.id.hash != hash_from_key(key)) problem(describe(Table::kProbes, key) + ": it is another one (I5)");
    });
    expect_count(Table::kProbes, probes, counts_.probes, "");
    std::uint64_t found = 0;
    each<Replay>(Table::kReplays, [&](std::string_view key, const Replay& replay) {
      const std::string name = describe(Table::kReplays, key);
      ++found;
      replays_.insert(replay.id.number);
      if (replay.id.number != read_big(key) || replay.id.number > counts_.replays) problem(name + ": it has another number (I5)");
      refers_to_run(name, replay.run.number);
      for (const ProbeId probe : replay.probes) refers_to_probe(name, probe);
    });
    expect_count(Table::kReplays, found, counts_.replays, "");
  }

  void refers_to_run(const std::string& name, std::uint64_t run) {
    if (readable(Table::kRuns) && run_numbers_.count(run) == 0) problem(name + ": run r" + n(run) + " is missing (I11)");
  }
  void refers_to_probe(const std::string& name, ProbeId probe) {
    if (readable(Table::kProbes) && probes_.count(probe.hash) == 0) {
      problem(name + ": probe " + to_hex(probe.hash) + " is missing (I11)");
    }
  }
  void refers_to_replay(const std::string& name, ReplayId replay) {
    if (readable(Table::kReplays) && replays_.count(replay.number) == 0) {
      problem(name + ": replay p" + n(replay.number) + " is missing (I11)");
    }
  }

  // Counts entries per run and compares with what run_counts says.
  void expect_per_run(Table table, const std::map<std::uint64_t, std::uint64_t>& found, std::uint64_t RunCounts::*member) {
    for (const auto& [run, counts] : run_counts_) {
      const auto entries = found.find(run);
      expect_count(table, entries == found.end() ? 0 : entries->second, counts.*member, " of run r" + n(run));
    }
    for (const auto& [run, entries] : found) {
      if (run_counts_.count(run) == 0 && readable(Table::kRunCounts)) {
        problem(std::string(info_of(table).name) + ": " + n(entries) + " are of run r" + n(run) + ", which has no counts (I5)");
      }
    }
  }

  void series() {
    struct Expected {
      SeriesHead head;
      std::uint64_t rows = 0, blocks = 0;
    };
    std::map<std::pair<std::uint64_t, std::uint64_t>, Expected> heads;
    std::map<std::uint64_t, std::uint64_t> per_run;
    each<SeriesHead>(Table::kSeries, [&](std::string_view key, const SeriesHead& head) {
      const std::string name = describe(Table::kSeries, key);
      ++per_run[read_big(key)];
      if (head.key.replay.number != 0) refers_to_replay(name, head.key.replay);
      heads[{read_big(key), read_big(key, 8)}] = {.head = head};
    });
    expect_per_run(Table::kSeries, per_run, &RunCounts::series);
    scan(Table::kSeriesBlocks, Form::kSeriesBlock, [&](std::string_view key, std::string_view payload) {
      const std::string name = describe(Table::kSeriesBlocks, key);
      const auto found = heads.find({read_big(key), read_big(key, 8)});
      if (found == heads.end()) {
        if (readable(Table::kSeries)) problem(name + ": its series is missing (I10)");
        return;
      }
      Result<SeriesColumns> rows = decode_block(found->second.head.key, payload);
      if (!rows) return problem(name + ": " + rows.error().message());
      ++found->second.blocks;
      found->second.rows += rows->size();
    });
    if (!readable(Table::kSeriesBlocks)) return;
    for (const auto& [key, expected] : heads) {
      if (expected.rows == expected.head.rows && expected.blocks == expected.head.blocks) continue;
      problem(describe(Table::kSeries, make_key(key.first, key.second)) + " ('" + expected.head.key.name + "'): there are " +
              n(expected.rows) + " whole rows of " + n(expected.head.rows) + " (I10)");
    }
  }

  void loops() {
    std::map<std::uint64_t, std::uint64_t> per_run;
    each<LoopInstance>(Table::kLoops, [&](std::string_view key, const LoopInstance& loop) {
      ++per_run[read_big(key)];
      if (loop.number != read_big(key, 8)) problem(describe(Table::kLoops, key) + ": it has another number (I5)");
    });
    expect_per_run(Table::kLoops, per_run, &RunCounts::loops);
  }

  void checkpoints() {
    std::map<std::uint64_t, std::uint64_t> per_run;
    const TransactionReader reader(transaction_);
    std::string bytes;
    each<Manifest>(Table::kCheckpoints, [&](std::string_view key, const Manifest& manifest) {
      const std::string name = describe(Table::kCheckpoints, key);
      ++per_run[read_big(key)];
      if (manifest.checkpoint.number != read_big(key, 8)) problem(name + ": it has another number (I5)");
      if (!manifest.checkpoint.kept || !readable(Table::kChunks)) return;
      for (std::size_t i = 0; i < manifest.checkpoint.leaves.size(); ++i) {
        const Leaf& leaf = manifest.checkpoint.leaves[i];
        const LeafContent& content = manifest.contents[i];
        const std::string leaf_name = name + ": leaf '" + leaf.path + "'";
        if (!chunks_are_there(leaf_name, content.chunks) || !is_new_whole(content.chunks, content.offset, leaf.bytes, leaf.hash)) continue;
        std::uint64_t most = content.inline_bytes.size();
        for (const ChunkRef& chunk : content.chunks) most += chunk.bytes;
        if (leaf.bytes > most) {  // before memory is asked for
          problem(leaf_name + ": the sizes of its chunks do not add up (I7)");
          continue;
        }
        bytes.resize(leaf.bytes);
        if (Result<void> read = leaf_reader_.read(reader, manifest, i, bytes); !read) problem(name + ": " + read.error().message());
      }
    });
    expect_per_run(Table::kCheckpoints, per_run, &RunCounts::checkpoints);
  }

  void digests() {
    std::map<std::uint64_t, std::uint64_t> per_run;
    each<Digests>(Table::kDigests, [&](std::string_view key, const Digests&) { ++per_run[read_big(key)]; });
    expect_per_run(Table::kDigests, per_run, &RunCounts::digest_blocks);
  }

  void coverage() {
    each<CoverageList>(Table::kCoverage, [&](std::string_view key, const CoverageList& list) {
      const std::string name = describe(Table::kCoverage, key);
      if (list.run.number != read_big(key) || list.probe.hash != hash_from_key(key, 8)) problem(name + ": it is another one (I5)");
      refers_to_run(name, list.run.number);
      refers_to_probe(name, list.probe);
      for (const Coverage& stretch : list.stretches) refers_to_replay(name, stretch.replay);
    });
  }

  const Transaction& transaction_;
  const PageFindings& pages_;
  Store::Findings findings_;
  ChunkReader chunk_reader_;
  LeafReader leaf_reader_;
  Counts counts_;
  std::uint64_t count_records_ = 0;
  std::map<Hash, std::uint64_t> chunk_sizes_;
  std::set<std::tuple<Hash, std::uint64_t, Hash, std::uint64_t>> wholes_;
  std::set<Hash> blobs_;
  std::map<VersionId, std::uint64_t> version_numbers_;
  std::map<std::uint64_t, RunCounts> run_counts_;
  std::set<std::uint64_t> run_numbers_, replays_;
  std::set<Hash> probes_;
};

}  // namespace

Result<Store::Findings> check_everything(Environment& environment) {
  Result<PageFindings> pages = environment.look_through(PageCheckDepth::kAll);
  if (!pages) {
    if (pages.error().kind() != ErrorKind::kCorrupt) return std::move(pages).error();
    return Store::Findings{.problems = {pages.error().message()}};
  }
  environment.add_unreadable_tables(*pages);
  Result<Transaction> transaction = environment.read();
  if (!transaction) return std::move(transaction).error();
  return Fsck(*transaction, *pages).run();
}

}  // namespace hindsight::store

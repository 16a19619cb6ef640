#include "store/carry.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "store/base/bytes.h"
#include "store/checkpoint_store.h"
#include "store/chunk_store.h"
#include "store/hash.h"
#include "store/probe_store.h"
#include "store/run_store.h"
#include "store/series_store.h"
#include "store/source_store.h"

namespace hindsight::store {
namespace {

Error collision(const std::string& what) {
  return Error(ErrorKind::kCorrupt, what + " has the hash of something else that is in this store", "one of the two was forged: nothing was taken in");
}

class Carrier {
 public:
  Carrier(const Transaction& from, Writer& to, Origin origin) : view_(from), from_(from), to_(to), origin_(origin) {}

  Result<Carried> run(std::span<const RunId> runs) {
    Result<std::vector<Run>> there = read_runs(to_);
    if (!there) return std::move(there).error();
    for (const Run& run : *there) {
      if (!run.purged) uids_[run.uid] = run.id;  // what was purged can come back
    }
    Result<std::vector<Replay>> replays = read_replays(from_);
    if (!replays) return std::move(replays).error();
    replays_ = *std::move(replays);
    Result<std::vector<StoredProbe>> probes = read_stored_probes(view_);
    if (!probes) return std::move(probes).error();
    for (StoredProbe& probe : *probes) probes_.emplace(probe.probe.id, std::move(probe));
    for (const RunId id : runs) {
      if (Result<void> done = carry_run(id); !done) return std::move(done).error().context("run r" + std::to_string(id.number));
    }
    return std::move(carried_);
  }

 private:
  Result<void> carry_run(RunId id) {
    Result<Run> read = read_run(from_, id);
    if (!read) return std::move(read).error();
    Run run = *std::move(read);
    if (const auto known = uids_.find(run.uid); known != uids_.end()) {
      carried_.known.push_back(known->second);
      return {};
    }
    if (run.state == RunState::kRecording) {
      if (origin_ == Origin::kOurs) return Error(ErrorKind::kInvalid, "it is being recorded", "wait until it has ended");
      run.state = RunState::kCrashed;
    }
    Tree sources;
    if (!run.version.hash.is_zero()) {
      Result<Version> version = read_version(from_, run.version);
      if (!version) return std::move(version).error();
      sources = version->sources;
      if (Result<void> done = carry_version(*std::move(version)); !done) return done;
    }
    if (Result<void> done = carry_files(run.inputs, sources, id); !done) return done;
    run.id = {};
    const Result<RunId> put = put_run(to_, run);
    if (!put) return put.error();
    uids_[run.uid] = *put;
    for (const auto& step : {&Carrier::carry_replays, &Carrier::carry_series, &Carrier::carry_loops, &Carrier::carry_states, &Carrier::carry_coverage}) {
      if (Result<void> done = (this->*step)(id, *put); !done) return done;
    }
    carried_.runs.push_back(*put);
    return {};
  }

  Result<void> carry_version(Version version) {
    const VersionId id = version.id;
    // Else what is recorded here later under that id would be taken for it. (Ids of format 1 were spelled otherwise.)
    if (origin_ == Origin::kForeign && version_id(version) != id) return Error(ErrorKind::kCorrupt, "version " + to_hex(id.hash) + " is another one (I8)");
    Result<std::optional<std::string_view>> there = to_.find(Table::kVersionIds, hash_key(id.hash));
    if (!there) return std::move(there).error();
    if (*there) {
      const Result<Version> ours = read_version(to_, id);
      if (!ours) return ours.error();
      const auto same_files = [](const FileEntry& a, const FileEntry& b) { return a.path == b.path && a.mode == b.mode && a.hash == b.hash; };
      const bool same = ours->recipe == version.recipe && ours->as_built == version.as_built &&
                        std::equal(ours->sources.begin(), ours->sources.end(), version.sources.begin(), version.sources.end(), same_files);
      return same ? Result<void>() : collision("version " + to_hex(id.hash));
    }
    if (Result<void> done = carry_files(version.sources, {}, {}); !done) return done;
    version.foreign = origin_ == Origin::kForeign || version.foreign;
    ++carried_.versions;
    if (Result<Version> put = put_version(to_, std::move(version)); !put) return std::move(put).error();
    return {};
  }

  // The contents of files, which lie among those of `beside`; `run`: whose inputs they are.
  Result<void> carry_files(const Tree& files, const Tree& beside, RunId run) {
    if (const auto unsafe = find_unsafe_path(files, beside)) return Error(ErrorKind::kCorrupt, *unsafe, "a bundle of hindsight's own never has one: nothing was taken in");
    for (const FileEntry& file : files) {
      if (!file.kept) {
        carried_.left_out.push_back("'" + file.path + "' (" + std::to_string(file.size) + " bytes)" + (run.number == 0 ? "" : " of r" + std::to_string(run.number)));
      }
      if (!file.kept || file.hash.is_zero() || !blobs_.insert(file.hash).second) continue;
      Result<std::string> bytes = read_blob(from_, file.hash);
      if (!bytes) return std::move(bytes).error();
      Result<std::optional<std::string_view>> there = to_.find(Table::kBlobs, hash_key(file.hash));
      if (!there) return std::move(there).error();
      if (*there) {
        const Result<std::string> ours = read_blob(to_, file.hash);
        if (!ours) return ours.error();
        if (*ours != *bytes) return collision("the contents of '" + file.path + "'");
      } else if (Result<Hash> put = put_blob(to_, *bytes); !put) {
        return std::move(put).error();
      }
    }
    return {};
  }

  Result<void> carry_probe(ProbeId id) {
    const auto found = probes_.find(id);
    if (found == probes_.end()) return Error(ErrorKind::kCorrupt, "probe " + to_hex(id.hash) + " is missing (I11)");
    Result<std::optional<StoredProbe>> there = find_record<StoredProbe>(to_, Table::kProbes, hash_key(id.hash));
    if (!there) return std::move(there).error();
    if (*there) {
      const Probe &ours = (*there)->probe, &theirs = found->second.probe;
      const bool same = ours.expression == theirs.expression && ours.form == theirs.form && ours.statement == theirs.statement && ours.helper == theirs.helper;
      return same ? Result<void>() : collision("probe " + to_hex(id.hash));
    }
    Probe probe = found->second.probe;
    // It is code: it is not put into programs here before somebody has looked at it.
    probe.foreign = probe.foreign || origin_ == Origin::kForeign;
    if (Result<void> put = put_probe(to_, probe); !put) return put;
    ++carried_.probes;
    return found->second.removed ? remove_probe(to_, id) : Result<void>();
  }

  Result<void> carry_replays(RunId old_id, RunId id) {
    for (Replay replay : replays_) {
      if (replay.run != old_id) continue;
      for (const ProbeId probe : replay.probes) {
        if (Result<void> done = carry_probe(probe); !done) return done;
      }
      const std::uint64_t number = replay.id.number;
      replay.id = {};
      replay.run = id;
      const Result<ReplayId> put = put_replay(to_, std::move(replay));
      if (!put) return put.error();
      replay_ids_[number] = *put;
      ++carried_.replays;
    }
    return {};
  }
  Result<ReplayId> replay_of(ReplayId old_id) const {
    if (old_id.number == 0) return old_id;
    const auto found = replay_ids_.find(old_id.number);
    if (found == replay_ids_.end()) return Error(ErrorKind::kCorrupt, "replay p" + std::to_string(old_id.number) + " is missing (I11)");
    return found->second;
  }

  Result<void> carry_series(RunId old_id, RunId id) {
    Result<std::vector<SeriesHead>> heads = read_series_heads(from_, old_id);
    if (!heads) return std::move(heads).error();
    SeriesIndex index;
    for (std::uint64_t number = 0; number < heads->size(); ++number) {
      Result<SeriesColumns> rows = read_series_rows(from_, old_id, number, (*heads)[number]);
      if (!rows) return std::move(rows).error();
      Series series{.key = (*heads)[number].key, .columns = *std::move(rows)};
      Result<ReplayId> replay = replay_of(series.key.replay);
      if (!replay) return std::move(replay).error();
      series.key.replay = *replay;
      if (!series.key.probe.hash.is_zero()) {
        if (Result<void> done = carry_probe(series.key.probe); !done) return done;
      }
      if (Result<void> put = append_series(to_, index, id, series); !put) return put;
    }
    return {};
  }

  Result<void> carry_loops(RunId old_id, RunId id) {
    const Result<std::vector<LoopInstance>> loops = read_loops(view_, old_id);
    return loops ? put_loops(to_, id, *loops) : Result<void>(loops.error());
  }

  Result<void> carry_states(RunId old_id, RunId id) {
    const Result<RunCounts> theirs = read_run_counts(from_, old_id);
    if (!theirs) return theirs.error();
    for (std::uint64_t number = 0; number < theirs->checkpoints; ++number) {
      const Result<Manifest> manifest = read_manifest(from_, old_id, number);
      if (!manifest) return manifest.error();
      for (const LeafContent& content : manifest->contents) {
        for (const ChunkRef& chunk : content.chunks) {
          if (Result<void> done = carry_chunk(chunk.hash); !done) return done;
        }
      }
      if (Result<void> put = put_record(to_, Table::kCheckpoints, make_key(id.number, number), *manifest); !put) return put;
    }
    Result<RunCounts> counts = read_run_counts(to_, id);
    if (!counts) return std::move(counts).error();
    counts->checkpoints = theirs->checkpoints;
    if (Result<void> put = put_run_counts(to_, id, *counts); !put) return put;
    const Result<std::vector<SmallDigest>> digests = read_digests(from_, old_id);
    return digests ? put_digests(to_, id, *digests) : Result<void>(digests.error());
  }

  // With the chunks that it is a difference from.
  Result<void> carry_chunk(const Hash& hash) {
    if (!chunks_.insert(hash).second) return {};
    const std::string key = hash_key(hash);
    const Result<std::optional<std::string_view>> value = from_.find(Table::kChunks, key);
    if (!value) return value.error();
    if (!*value) return Error(ErrorKind::kCorrupt, "chunk " + to_hex(hash) + " is missing (I7)");
    const Result<Opened> opened = open_value(Table::kChunks, key, **value);
    if (!opened) return opened.error();
    if (opened->raw_bytes > kMaxChunkBytes) return Error(ErrorKind::kCorrupt, "chunk " + to_hex(hash) + " is larger than a chunk can be (I4)");
    std::string bytes(opened->raw_bytes, '\0');
    if (Result<void> read = reader_.read(from_, hash, bytes); !read) return read;
    if (hash_bytes(bytes) != hash) return Error(ErrorKind::kCorrupt, "chunk " + to_hex(hash) + ": its bytes have another hash (I6)");
    if (find_depth(to_, hash)) {
      const std::optional<std::size_t> size = find_size(to_, hash);
      std::string ours(size.value_or(0), '\0');
      if (Result<void> read = reader_.read(to_, hash, ours); !read) return read;
      return ours == bytes ? Result<void>() : collision("chunk " + to_hex(hash));
    }
    Element element = Element::kInt8;
    if (opened->coding == Coding::kPlanes) {
      const Result<CodedHead> head = read_coded_head(opened->payload);
      if (!head) return head.error();
      element = head->element;
      if (head->base) {
        if (Result<void> base = carry_chunk(*head->base); !base) return base;
      }
      // There the other chunk may be a difference itself, from more than here.
      if (!head->base || find_depth(to_, *head->base).value_or(kMaxChainDepth) < head->depth) {
        return to_.put_chunk(key, opened->coding, opened->raw_bytes, opened->payload);
      }
    }
    Hints hints;
    const std::optional<ChunkEncoder::Coded> coded = encoder_.encode(element, bytes, nullptr, hints);
    return coded ? to_.put_chunk(key, Coding::kPlanes, bytes.size(), coded->payload) : to_.put_chunk(key, Coding::kRaw, bytes.size(), bytes);
  }

  Result<void> carry_coverage(RunId old_id, RunId id) {
    for (const auto& [probe, stored] : probes_) {
      const Result<std::vector<Coverage>> stretches = read_coverage(from_, old_id, probe);
      if (!stretches) return stretches.error();
      for (Coverage stretch : *stretches) {
        const Result<ReplayId> replay = replay_of(stretch.replay);
        if (!replay) return replay.error();
        stretch.run = id;
        stretch.replay = *replay;
        if (Result<void> put = put_coverage(to_, stretch); !put) return put;
      }
    }
    return {};
  }

  const Transaction& view_;
  const TransactionReader from_;
  Writer& to_;
  const Origin origin_;
  Carried carried_;
  std::map<Hash, RunId> uids_;
  std::vector<Replay> replays_;
  std::map<ProbeId, StoredProbe> probes_;
  std::map<std::uint64_t, ReplayId> replay_ids_;
  std::set<Hash> blobs_, chunks_;
  ChunkReader reader_;
  ChunkEncoder encoder_;
};

}  // namespace

std::optional<std::string> find_unsafe_path(const Tree& files, const Tree& beside) {
  const auto says = [](const FileEntry& file, const char* what) { return "the path '" + file.path + "' of a source " + what; };
  std::set<std::string> links, seen;
  for (const Tree* tree : {&files, &beside}) {
    for (const FileEntry& file : *tree) {
      if (S_ISLNK(file.mode)) links.insert(file.path);
    }
  }
  for (const FileEntry& file : files) {
    const std::filesystem::path path(file.path);
    if (file.path.empty() || path.is_absolute() || file.path.find('\0') != std::string::npos) return says(file, "is not relative to its project");
    std::filesystem::path above;
    for (const auto& part : path) {
      if (part == "..") return says(file, "leads out of its project");
      if (links.contains(above.string())) return says(file, "leads through a symbolic link");
      above /= part;
    }
    // Spelled otherwise, or twice, it could be a link to one who looks and a file to one who writes.
    if (path.lexically_normal().string() != file.path) return says(file, "is not spelled as it would be here");
    if (!seen.insert(file.path).second || (!S_ISLNK(file.mode) && links.contains(file.path))) return says(file, "is there twice");
  }
  return std::nullopt;
}

Result<Carried> carry(const Transaction& from, Writer& to, std::span<const RunId> runs, Origin origin) {
  return Carrier(from, to, origin).run(runs);
}

}  // namespace hindsight::store

#include "tests/store/support.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "store/series_block.h"

namespace hindsight::store {

void PrintTo(const Hash& hash, std::ostream* out) { *out << to_hex(hash); }
void PrintTo(const Level& level, std::ostream* out) { *out << to_string(Position{level}); }
void PrintTo(const Point& point, std::ostream* out) { *out << to_string(point); }
void PrintTo(const SeriesKey& key, std::ostream* out) { *out << "series '" << key.name << "'"; }

}  // namespace hindsight::store

namespace hindsight::store::test {

TemporaryFolder::TemporaryFolder(bool in_memory) {
  const bool shm = in_memory && access("/dev/shm", W_OK) == 0;
  const std::filesystem::path parent = shm ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
  std::string name = (parent / "hindsight-store-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  path_ = name;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("HINDSIGHT_TEST_SEED");
    const std::uint64_t chosen = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::cout << "HINDSIGHT_TEST_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return value;
}

std::uint64_t Draw::bits() {
  const std::uint64_t all = engine_();
  return number(8) == 0 ? ~std::uint64_t{0} : all >> number(64);
}

std::string Draw::noise(std::size_t size) {
  std::string drawn(size, '\0');
  for (char& byte : drawn) byte = static_cast<char>(engine_());
  return drawn;
}

std::string Draw::bytes(std::size_t size) {
  std::string drawn(size, '\0');
  const std::uint64_t kind = number(3);
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = kind == 0 ? 0 : kind == 1 ? i : engine_();
    std::memcpy(drawn.data() + i, &word, std::min<std::size_t>(8, size - i));
  }
  return drawn;
}

std::string Draw::text() {
  static const char* const kTexts[] = {"",       "loss",        "val/acc", "src/train.cc", "a b\tc\n",
                                       "\xff\xfe", "net.0.weight", "\u00e9\u6f22", "x"};
  if (number(4) == 0) return bytes(number(40));
  return kTexts[number(std::size(kTexts))];
}

Position Draw::position(std::size_t depth) {
  Position drawn;
  for (std::size_t i = 0; i < depth; ++i) {
    drawn.push_back({.loop = text(), .entry = static_cast<std::uint32_t>(bits()), .ordinal = bits(), .label = {}});
    if (coin()) drawn.back().label = static_cast<std::int64_t>(bits());
  }
  return drawn;
}

Point Draw::point() {
  return {.enclosing = position(number(3)), .loop = text(), .entry = static_cast<std::uint32_t>(bits()), .ordinal = bits(),
          .kind = coin() ? PointKind::kHead : PointKind::kExit, .thread = static_cast<std::uint32_t>(number(3))};
}

FileEntry Draw::file() {
  return {.path = text(), .mode = static_cast<std::uint32_t>(bits()), .size = bits(), .hash = hash(),
          .mtime_ns = static_cast<std::int64_t>(bits()), .kept = false};
}

Version Draw::version() {
  Version drawn{.id = {hash()}, .number = 0, .sources = {}, .recipe = text(), .project_root = text(), .toolchains = {},
                .unit_reports = bytes(number(5000)), .build = hash(), .as_built = coin(),
                .created_ns = static_cast<std::int64_t>(bits()), .plan = bytes(number(500)), .outlines = bytes(number(500))};
  drawn.foreign = coin();
  for (std::uint64_t i = number(5); i > 0; --i) drawn.sources.push_back(file());
  for (std::uint64_t i = number(3); i > 0; --i) drawn.toolchains.push_back({text(), text(), hash()});
  return drawn;
}

Run Draw::run(VersionId of) {
  Run drawn;
  drawn.uid = hash();
  drawn.version = of;
  drawn.group = bits();
  for (std::uint64_t i = number(4); i > 0; --i) drawn.argv.push_back(text());
  drawn.program = text();
  drawn.cwd = text();
  for (std::uint64_t i = number(4); i > 0; --i) {
    drawn.environment[text()] = text();
    drawn.host[text()] = text();
    drawn.arguments[text()] = text();
    drawn.every[text()] = bits();
    drawn.inputs.push_back(file());
    drawn.notes.push_back(text());
  }
  drawn.started_ns = static_cast<std::int64_t>(bits());
  drawn.ended_ns = static_cast<std::int64_t>(bits());
  drawn.state = static_cast<RunState>(number(3));
  drawn.exit_code = static_cast<std::int32_t>(bits());
  drawn.signal = static_cast<std::int32_t>(bits());
  drawn.records = bits();
  drawn.dropped = bits();
  drawn.checkpoints = bits();
  drawn.skipped = bits();
  drawn.journal_offset = bits();
  drawn.deleted_ns = static_cast<std::int64_t>(bits());
  drawn.thinned = bits();
  drawn.purged = coin();
  for (std::uint64_t i = number(4); i > 0; --i) drawn.environment_absent.insert(text());
  for (std::uint64_t i = number(4); i > 0; --i) drawn.environment_hashes[text()] = hash();
  drawn.environment_salt = hash();
  drawn.environment_whole = coin();
  drawn.standard_input = static_cast<StandardInput>(number(6));
  return drawn;
}

SeriesKey Draw::series_key() {
  SeriesKey key{.name = text(), .nest = {}, .thread = static_cast<std::uint32_t>(bits()), .dtype = dtype(),
                .is_vector = coin(), .site = site(), .is_argument = coin(), .is_draw = coin(), .replay = {}, .probe = {}};
  for (std::uint64_t i = number(4); i > 0; --i) key.nest.push_back(text());
  if (coin()) key.probe = {hash()};
  return key;
}

SeriesColumns Draw::columns(const SeriesKey& key, std::size_t rows) {
  SeriesColumns drawn;
  for (std::size_t row = 0; row < rows; ++row) {
    Position at;
    for (const std::string& loop : key.nest) {
      at.push_back(position(1)[0]);
      at.back().loop = loop;
    }
    Value value{.dtype = key.dtype, .is_vector = key.is_vector, .bytes = {}};
    const std::size_t width = width_of(key.dtype);
    if (width == 0 || key.is_vector) {
      value.bytes = bytes(number(20) * std::max<std::size_t>(1, width));
    } else {
      const std::uint64_t low = bits(), high = bits();
      value.bytes.append(reinterpret_cast<const char*>(&low), 8).append(reinterpret_cast<const char*>(&high), 8);
      value.bytes.resize(width);
    }
    drawn.append(at, bits(), bits(), static_cast<Status>(number(6)), static_cast<std::uint32_t>(bits()), value);
  }
  return drawn;
}

LoopInstance Draw::loop(std::uint64_t which) {
  LoopInstance drawn{.number = which, .enclosing = position(number(3)), .loop = text(),
                     .entry = static_cast<std::uint32_t>(bits()), .thread = static_cast<std::uint32_t>(bits()),
                     .site = site(), .labels = {}, .started_ns = {}, .ended_ns = static_cast<std::int64_t>(bits()),
                     .end = static_cast<LoopInstance::End>(number(3))};
  for (std::uint64_t i = number(200); i > 0; --i) {
    drawn.labels.push_back(coin() ? std::optional<std::int64_t>(static_cast<std::int64_t>(bits())) : std::nullopt);
    drawn.started_ns.push_back(static_cast<std::int64_t>(bits()));
  }
  return drawn;
}

Checkpoint Draw::checkpoint() {
  return {.number = 0, .point = point(), .kept = coin(), .leaves = {}, .digest = bits(),
          .captured_ns = static_cast<std::int64_t>(bits()), .capture_cost_ns = bits()};
}

Probe Draw::probe() {
  Probe drawn{.id = {hash()}, .name = text(), .expression = text(), .form = static_cast<Probe::Form>(number(4)),
              .statement = text(), .function = text(), .file = text(), .line = static_cast<std::uint32_t>(bits()), .nest = {},
              .previous = text(), .next = text(), .helper = text(), .helper_name = text(), .foreign = coin(), .created_ns = static_cast<std::int64_t>(bits())};
  drawn.id.hash.low |= 1;
  for (std::uint64_t i = number(3); i > 0; --i) drawn.nest.push_back(text());
  return drawn;
}

Replay Draw::replay(RunId run, std::vector<ProbeId> probes) {
  Replay drawn{.id = {}, .run = run, .probes = std::move(probes), .started_ns = static_cast<std::int64_t>(bits()),
               .ended_ns = static_cast<std::int64_t>(bits()), .build = hash(), .tool_version = text(),
               .build_cpu_seconds = 0.1 * static_cast<double>(number(1000)), .cpu_seconds = 1.5, .segments = {}, .notes = {text()}};
  for (std::uint64_t i = number(4); i > 0; --i) {
    drawn.segments.push_back({.number = static_cast<std::uint32_t>(i), .compared_values = bits(), .compared_bytes = bits(),
                              .compared_leaves = bits(), .last_compared = text(), .first_difference = text(),
                              .problem = text(), .values = bits(), .cpu_seconds = 0.25});
  }
  return drawn;
}

std::vector<LeafBytes> borrow(const std::vector<OwnedLeaf>& leaves) {
  std::vector<LeafBytes> borrowed;
  for (const OwnedLeaf& leaf : leaves) {
    borrowed.push_back({.path = leaf.path, .dtype = leaf.dtype, .shape = leaf.shape, .bytes = leaf.bytes});
  }
  return borrowed;
}

std::vector<OwnedLeaf> draw_leaves(Draw& draw, std::size_t count, std::size_t largest) {
  std::vector<OwnedLeaf> leaves;
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back({.path = draw.text(), .dtype = draw.dtype(), .shape = {draw.bits(), draw.bits()},
                      .bytes = draw.bytes(draw.number(draw.coin() ? 600 : largest))});
  }
  return leaves;
}

namespace {

// Spells a value so that two differ exactly if what they hold differs.
class Spell {
 public:
  template <class T>
  Spell& add(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      text_ += std::to_string(value.size()) + ":" + value + ";";
    } else if constexpr (std::is_enum_v<T>) {
      text_ += std::to_string(static_cast<int>(value)) + ";";
    } else if constexpr (std::is_same_v<T, Hash>) {
      text_ += to_hex(value) + ";";
    } else {
      text_ += std::to_string(value) + ";";
    }
    return *this;
  }
  Spell& add(const Position& position) {
    for (const Level& level : position) add(level.loop).add(level.entry).add(level.ordinal).add(level.label.value_or(-7));
    return *this;
  }
  Spell& add(const Point& point) {
    return add(point.enclosing).add(point.loop).add(point.entry).add(point.ordinal).add(point.kind).add(point.thread);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string spell(const Version& version) {
  Spell out;
  out.add(version.id.hash).add(version.number).add(version.recipe).add(version.project_root).add(version.unit_reports);
  for (const FileEntry& file : version.sources) out.add(file.path).add(file.mode).add(file.size).add(file.hash).add(file.kept);
  for (const Toolchain& tool : version.toolchains) out.add(tool.compiler).add(tool.version).add(tool.hash);
  return out.add(version.build).add(version.as_built).add(version.created_ns).add(version.plan).add(version.outlines).take();
}

std::string spell(const Run& run) {
  Spell out;
  out.add(run.id.number).add(run.uid).add(run.version.hash).add(run.group).add(run.program).add(run.cwd);
  for (const std::string& text : run.argv) out.add(text);
  for (const auto& [name, value] : run.environment) out.add(name).add(value);
  for (const std::string& text : run.notes) out.add(text);
  return out.add(run.started_ns).add(run.ended_ns).add(run.state).add(run.exit_code).add(run.signal).add(run.records).take();
}

std::string spell(const SeriesColumns& columns, const SeriesKey& key) {
  Spell out;
  for (std::size_t row = 0; row < columns.size(); ++row) {
    out.add(columns.position(row, key.nest)).add(columns.seq[row]).add(columns.order[row]);
    out.add(columns.status[row]).add(columns.segment[row]).add(columns.value(row, key).bytes);
  }
  return out.take();
}

std::string spell(const LoopInstance& loop) {
  Spell out;
  out.add(loop.number).add(loop.enclosing).add(loop.loop).add(loop.entry).add(loop.thread).add(loop.end).add(loop.ended_ns);
  for (const auto& label : loop.labels) out.add(label.value_or(-7));
  for (const std::int64_t started : loop.started_ns) out.add(started);
  return out.take();
}

std::string spell(const Checkpoint& checkpoint) {
  Spell out;
  out.add(checkpoint.number).add(checkpoint.point).add(checkpoint.kept).add(checkpoint.digest).add(checkpoint.captured_ns);
  for (const Leaf& leaf : checkpoint.leaves) out.add(leaf.path).add(leaf.dtype).add(leaf.bytes).add(leaf.hash);
  return out.take();
}

std::string spell(const Probe& probe) {
  Spell out;
  return out.add(probe.id.hash).add(probe.name).add(probe.expression).add(probe.form).add(probe.statement).add(probe.line).take();
}

std::string spell(const Replay& replay) {
  Spell out;
  out.add(replay.id.number).add(replay.run.number).add(replay.build).add(replay.tool_version);
  for (const SegmentOutcome& segment : replay.segments) out.add(segment.number).add(segment.compared_bytes).add(segment.problem);
  return out.take();
}

}  // namespace

Contents read_contents(const Store& store) {
  Contents contents;
  const auto note = [&](const std::string& name, auto result, const auto& each) {
    if (result) {
      for (const auto& item : *result) each(item);
    } else {
      contents.errors[name] = result.error().message();
    }
  };
  note("versions", store.versions(), [&](const Version& version) {
    contents.parts["version " + std::to_string(version.number)] = spell(version);
    for (const FileEntry& file : version.sources) {
      if (!file.kept) continue;
      Result<std::string> bytes = store.read_blob(file.hash);
      const std::string name = "blob " + to_hex(file.hash);
      (bytes ? contents.parts[name] : contents.errors[name]) = bytes ? *bytes : bytes.error().message();
    }
  });
  std::vector<RunId> runs;
  note("runs", store.runs(), [&](const Run& run) {
    contents.parts["run r" + std::to_string(run.id.number)] = spell(run);
    runs.push_back(run.id);
  });
  std::vector<Probe> probes;
  note("probes", store.probes(), [&](const Probe& probe) {
    contents.parts["probe " + to_hex(probe.id.hash)] = spell(probe);
    probes.push_back(probe);
  });
  note("replays", store.replays(),
       [&](const Replay& replay) { contents.parts["replay p" + std::to_string(replay.id.number)] = spell(replay); });
  for (const RunId run : runs) {
    const std::string of = " r" + std::to_string(run.number) + "/";
    Result<std::vector<SeriesKey>> keys = store.series_keys(run);
    if (!keys) contents.errors["series" + of] = keys.error().message();
    for (std::size_t i = 0; keys && i < keys->size(); ++i) {
      const std::string name = "series" + of + std::to_string(i);
      Result<std::vector<Series>> rows = store.read_series(run, [&](const SeriesKey& key) { return key == (*keys)[i]; });
      if (rows && rows->size() == 1) {
        contents.parts[name] = spell((*rows)[0].columns, (*keys)[i]);
      } else {
        contents.errors[name] = rows ? "not there" : rows.error().message();
      }
    }
    note("loops" + of, store.loops(run), [&](const LoopInstance& loop) {
      contents.parts["loop" + of + std::to_string(loop.number)] = spell(loop);
    });
    note("checkpoints" + of, store.checkpoints(run), [&](const Checkpoint& checkpoint) {
      const std::string name = "checkpoint" + of + std::to_string(checkpoint.number);
      contents.parts[name] = spell(checkpoint);
      if (!checkpoint.kept) return;
      std::string state;
      Result<void> read = store.read_state(run, checkpoint, [&](const Leaf& leaf, std::string_view bytes) -> Result<void> {
        state.append(leaf.path).append("=").append(bytes).append(";");
        return {};
      });
      if (read) {
        contents.parts["state of " + name] = state;
      } else {
        contents.errors["state of " + name] = read.error().message();
      }
    });
    Result<std::vector<SmallDigest>> digests = store.digests(run);
    if (digests) {
      Spell all;
      for (const SmallDigest& digest : *digests) all.add(digest.point).add(digest.digest);
      contents.parts["digests" + of] = all.take();
    } else {
      contents.errors["digests" + of] = digests.error().message();
    }
    for (const Probe& probe : probes) {
      const std::string name = "coverage" + of + to_hex(probe.id.hash);
      Result<std::vector<Coverage>> coverage = store.coverage(run, probe.id);
      if (!coverage) {
        contents.errors[name] = coverage.error().message();
      } else if (!coverage->empty()) {
        Spell all;
        for (const Coverage& c : *coverage) all.add(c.loop_instance).add(c.first).add(c.last).add(c.replay.number).add(c.exact);
        contents.parts[name] = all.take();
      }
    }
  }
  return contents;
}

void fill(Store& store, std::uint64_t from) {
  Draw draw(from);
  for (int round = 0; round < 3; ++round) {
    WriteBatch batch = need(store.write(), "write");
    Version version = draw.version();
    for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{9000}, std::size_t{300000}}) {
      FileEntry file = draw.file();
      const std::string bytes = draw.bytes(size);
      file.hash = need(batch.put_blob(bytes), "blob");
      file.kept = true;
      version.sources.push_back(file);
    }
    version = need(batch.put_version(version), "version");
    const RunId run = need(batch.put_run(draw.run(version.id)), "run");
    for (int i = 0; i < 4; ++i) {
      SeriesKey key = draw.series_key();
      key.name += std::to_string(i);
      need(batch.append_series(run, {key, draw.columns(key, 1 + draw.number(300))}), "series");
    }
    std::vector<LoopInstance> loops;
    for (std::uint64_t i = 0; i < 5; ++i) loops.push_back(draw.loop(i));
    need(batch.put_loops(run, loops), "loops");
    std::vector<OwnedLeaf> leaves = draw_leaves(draw, 8, 20000);
    leaves.push_back({.path = "large", .dtype = DType::kBytes, .shape = {}, .bytes = draw.noise(300000)});
    for (int i = 0; i < 3; ++i) {
      Checkpoint checkpoint = draw.checkpoint();
      checkpoint.kept = i != 1;
      leaves[draw.number(leaves.size())].bytes += "x";
      need(batch.put_checkpoint(run, checkpoint, borrow(leaves)), "checkpoint");
    }
    std::vector<SmallDigest> digests;
    for (int i = 0; i < 20; ++i) digests.push_back({draw.point(), draw.bits()});
    need(batch.put_digests(run, digests), "digests");
    const Probe probe = draw.probe();
    need(batch.put_probe(probe), "probe");
    const ReplayId replay = need(batch.put_replay(draw.replay(run, {probe.id})), "replay");
    need(batch.put_coverage({.run = run, .probe = probe.id, .loop_instance = 0, .first = 0, .last = 5, .replay = replay, .exact = true}),
         "coverage");
    SeriesKey answered = draw.series_key();
    answered.replay = replay;
    answered.probe = probe.id;
    need(batch.append_series(run, {answered, draw.columns(answered, 10)}), "answers");
    need(batch.commit(), "commit");
  }
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("write " + file.string());
}

}  // namespace hindsight::store::test

#include "store/message.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>

#include "schema/checkpoint.capnp.h"
#include "schema/common.capnp.h"
#include "schema/probe.capnp.h"
#include "schema/run.capnp.h"
#include "schema/version.capnp.h"

namespace hindsight::store {
namespace {

// A number in a message that stands for something unknown; becomes kCorrupt at the seam below.
struct Unknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Enum>
Enum known(std::uint8_t number, std::uint8_t first, std::uint8_t last, const char* what) {
  if (number < first || number > last) throw Unknown(std::string(what) + " " + std::to_string(number) + " is unknown");
  return static_cast<Enum>(number);
}
DType dtype_of(std::uint8_t number) { return known<DType>(number, 1, 18, "dtype"); }

capnp::Text::Reader text(const std::string& from) { return {from.c_str(), from.size()}; }
std::string text(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

unsigned count_of(std::size_t size) {
  if (size > std::numeric_limits<std::int32_t>::max() / 4) throw Unknown("a list is too long");
  return static_cast<unsigned>(size);
}

void put(schema::Hash::Builder to, const Hash& from) {
  to.setHigh(from.high);
  to.setLow(from.low);
}
Hash get(schema::Hash::Reader from) { return Hash{.high = from.getHigh(), .low = from.getLow()}; }

template <class List, class Range>
void put_texts(List to, const Range& from) {
  unsigned i = 0;
  for (const std::string& item : from) to.set(i++, text(item));
}
std::vector<std::string> get_texts(capnp::List<capnp::Text>::Reader from) {
  std::vector<std::string> texts;
  texts.reserve(from.size());
  for (const auto item : from) texts.push_back(text(item));
  return texts;
}

// What lists are made of.
void put(schema::FileEntry::Builder to, const FileEntry& from);
void put(schema::Level::Builder to, const Level& from);
void put(schema::ChunkRef::Builder to, const ChunkRef& from);
void put(schema::Pair::Builder to, const std::pair<const std::string, std::string>& from);
void put(schema::Count::Builder to, const std::pair<const std::string, std::uint64_t>& from);
void put(schema::Toolchain::Builder to, const Toolchain& from);
void put(schema::SmallDigest::Builder to, const SmallDigest& from);
void put(schema::SegmentOutcome::Builder to, const SegmentOutcome& from);
void put(schema::Coverage::Builder to, const Coverage& from);

template <class List, class Range>
void put_all(List to, const Range& from) {
  unsigned i = 0;
  for (const auto& item : from) put(to[i++], item);
}

void put(schema::FileEntry::Builder to, const FileEntry& from) {
  to.setPath(text(from.path));
  to.setMode(from.mode);
  to.setSize(from.size);
  put(to.initHash(), from.hash);
  to.setMtimeNs(from.mtime_ns);
  to.setKept(from.kept);
}
Tree get(capnp::List<schema::FileEntry>::Reader from) {
  Tree tree;
  tree.reserve(from.size());
  for (const auto file : from) {
    tree.push_back({.path = text(file.getPath()),
                    .mode = file.getMode(),
                    .size = file.getSize(),
                    .hash = get(file.getHash()),
                    .mtime_ns = file.getMtimeNs(),
                    .kept = file.getKept()});
  }
  return tree;
}

void put(schema::Level::Builder to, const Level& from) {
  to.setLoop(text(from.loop));
  to.setEntry(from.entry);
  to.setOrdinal(from.ordinal);
  to.setLabel(from.label.value_or(0));
  to.setHasLabel(from.label.has_value());
}
Position get(capnp::List<schema::Level>::Reader from) {
  Position position;
  position.reserve(from.size());
  for (const auto level : from) {
    position.push_back({.loop = text(level.getLoop()), .entry = level.getEntry(), .ordinal = level.getOrdinal(), .label = {}});
    if (level.getHasLabel()) position.back().label = level.getLabel();
  }
  return position;
}

void put(schema::Point::Builder to, const Point& from) {
  put_all(to.initEnclosing(count_of(from.enclosing.size())), from.enclosing);
  to.setLoop(text(from.loop));
  to.setEntry(from.entry);
  to.setOrdinal(from.ordinal);
  to.setKind(static_cast<std::uint8_t>(from.kind));
  to.setThread(from.thread);
}
Point get(schema::Point::Reader from) {
  return {.enclosing = get(from.getEnclosing()),
          .loop = text(from.getLoop()),
          .entry = from.getEntry(),
          .ordinal = from.getOrdinal(),
          .kind = known<PointKind>(from.getKind(), 0, 1, "kind of point"),
          .thread = from.getThread()};
}

void put(schema::Site::Builder to, const Site& from) {
  to.setFile(text(from.file));
  to.setLine(from.line);
}
Site get(schema::Site::Reader from) { return {.file = text(from.getFile()), .line = from.getLine()}; }

void put(schema::ChunkRef::Builder to, const ChunkRef& from) {
  put(to.initHash(), from.hash);
  to.setBytes(from.bytes);
}
std::vector<ChunkRef> get(capnp::List<schema::ChunkRef>::Reader from) {
  std::vector<ChunkRef> chunks;
  chunks.reserve(from.size());
  for (const auto chunk : from) chunks.push_back({.hash = get(chunk.getHash()), .bytes = chunk.getBytes()});
  return chunks;
}

void put(schema::Pair::Builder to, const std::pair<const std::string, std::string>& from) {
  to.setName(text(from.first));
  to.setValue(text(from.second));
}
void put(schema::Count::Builder to, const std::pair<const std::string, std::uint64_t>& from) {
  to.setName(text(from.first));
  to.setValue(from.second);
}
std::map<std::string, std::string> get(capnp::List<schema::Pair>::Reader from) {
  std::map<std::string, std::string> pairs;
  for (const auto pair : from) pairs[text(pair.getName())] = text(pair.getValue());
  return pairs;
}

// ---- whole messages: put() and get() per type ---------------------------------------------------

void put(schema::Counts::Builder to, const Counts& from) {
  to.setVersions(from.versions);
  to.setRuns(from.runs);
  to.setReplays(from.replays);
  to.setProbes(from.probes);
}
Counts get(schema::Counts::Reader from) {
  return {.versions = from.getVersions(), .runs = from.getRuns(), .replays = from.getReplays(), .probes = from.getProbes()};
}

void put(schema::Number::Builder to, const Number& from) { to.setNumber(from.number); }
Number get(schema::Number::Reader from) { return {.number = from.getNumber()}; }

void put(schema::Toolchain::Builder to, const Toolchain& from) {
  to.setCompiler(text(from.compiler));
  to.setVersion(text(from.version));
  put(to.initHash(), from.hash);
}

void put(schema::Version::Builder to, const Version& from) {
  put(to.initId(), from.id.hash);
  to.setNumber(from.number);
  put_all(to.initSources(count_of(from.sources.size())), from.sources);
  to.setRecipe(text(from.recipe));
  to.setProjectRoot(text(from.project_root));
  put_all(to.initToolchains(count_of(from.toolchains.size())), from.toolchains);
  to.setUnitReports(text(from.unit_reports));
  put(to.initBuild(), from.build);
  to.setAsBuilt(from.as_built);
  to.setCreatedNs(from.created_ns);
}
Version get(schema::Version::Reader from) {
  Version version{.id = {get(from.getId())},
                  .number = from.getNumber(),
                  .sources = get(from.getSources()),
                  .recipe = text(from.getRecipe()),
                  .project_root = text(from.getProjectRoot()),
                  .toolchains = {},
                  .unit_reports = text(from.getUnitReports()),
                  .build = get(from.getBuild()),
                  .as_built = from.getAsBuilt(),
                  .created_ns = from.getCreatedNs()};
  for (const auto one : from.getToolchains()) {
    version.toolchains.push_back(
        {.compiler = text(one.getCompiler()), .version = text(one.getVersion()), .hash = get(one.getHash())});
  }
  return version;
}

void put(schema::Blob::Builder to, const Blob& from) {
  to.setBytes(from.bytes);
  put_all(to.initChunks(count_of(from.chunks.size())), from.chunks);
}
Blob get(schema::Blob::Reader from) { return {.bytes = from.getBytes(), .chunks = get(from.getChunks())}; }

void put(schema::Run::Builder to, const Run& from) {
  to.setNumber(from.id.number);
  put(to.initUid(), from.uid);
  put(to.initVersion(), from.version.hash);
  to.setGroup(from.group);
  put_texts(to.initArgv(count_of(from.argv.size())), from.argv);
  to.setProgram(text(from.program));
  to.setCwd(text(from.cwd));
  put_all(to.initEnvironment(count_of(from.environment.size())), from.environment);
  put_all(to.initHost(count_of(from.host.size())), from.host);
  put_all(to.initArguments(count_of(from.arguments.size())), from.arguments);
  put_all(to.initEvery(count_of(from.every.size())), from.every);
  put_all(to.initInputs(count_of(from.inputs.size())), from.inputs);
  to.setStartedNs(from.started_ns);
  to.setEndedNs(from.ended_ns);
  to.setState(static_cast<std::uint8_t>(from.state));
  to.setExitCode(from.exit_code);
  to.setSignal(from.signal);
  to.setRecords(from.records);
  to.setDropped(from.dropped);
  to.setCheckpoints(from.checkpoints);
  to.setSkipped(from.skipped);
  put_texts(to.initNotes(count_of(from.notes.size())), from.notes);
  to.setJournalOffset(from.journal_offset);
}
Run get(schema::Run::Reader from) {
  Run run{.id = {from.getNumber()},
          .uid = get(from.getUid()),
          .version = {get(from.getVersion())},
          .group = from.getGroup(),
          .argv = get_texts(from.getArgv()),
          .program = text(from.getProgram()),
          .cwd = text(from.getCwd()),
          .environment = get(from.getEnvironment()),
          .host = get(from.getHost()),
          .arguments = get(from.getArguments()),
          .every = {},
          .inputs = get(from.getInputs()),
          .started_ns = from.getStartedNs(),
          .ended_ns = from.getEndedNs(),
          .state = known<RunState>(from.getState(), 0, 2, "state of a run"),
          .exit_code = from.getExitCode(),
          .signal = from.getSignal(),
          .records = from.getRecords(),
          .dropped = from.getDropped(),
          .checkpoints = from.getCheckpoints(),
          .skipped = from.getSkipped(),
          .notes = get_texts(from.getNotes()),
          .journal_offset = from.getJournalOffset()};
  for (const auto every : from.getEvery()) run.every[text(every.getName())] = every.getValue();
  return run;
}

void put(schema::RunCounts::Builder to, const RunCounts& from) {
  to.setSeries(from.series);
  to.setLoops(from.loops);
  to.setCheckpoints(from.checkpoints);
  to.setDigestBlocks(from.digest_blocks);
}
RunCounts get(schema::RunCounts::Reader from) {
  return {.series = from.getSeries(),
          .loops = from.getLoops(),
          .checkpoints = from.getCheckpoints(),
          .digest_blocks = from.getDigestBlocks()};
}

void put(schema::SeriesHead::Builder to, const SeriesHead& from) {
  to.setName(text(from.key.name));
  put_texts(to.initNest(count_of(from.key.nest.size())), from.key.nest);
  to.setThread(from.key.thread);
  to.setDtype(static_cast<std::uint8_t>(from.key.dtype));
  to.setIsVector(from.key.is_vector);
  put(to.initSite(), from.key.site);
  to.setIsArgument(from.key.is_argument);
  to.setReplay(from.key.replay.number);
  put(to.initProbe(), from.key.probe.hash);
  to.setRows(from.rows);
  to.setBlocks(from.blocks);
}
SeriesHead get(schema::SeriesHead::Reader from) {
  return {.key = {.name = text(from.getName()),
                  .nest = get_texts(from.getNest()),
                  .thread = from.getThread(),
                  .dtype = dtype_of(from.getDtype()),
                  .is_vector = from.getIsVector(),
                  .site = get(from.getSite()),
                  .is_argument = from.getIsArgument(),
                  .replay = {from.getReplay()},
                  .probe = {get(from.getProbe())}},
          .rows = from.getRows(),
          .blocks = from.getBlocks()};
}

void put(schema::LoopInstance::Builder to, const LoopInstance& from) {
  to.setNumber(from.number);
  put_all(to.initEnclosing(count_of(from.enclosing.size())), from.enclosing);
  to.setLoop(text(from.loop));
  to.setEntry(from.entry);
  to.setThread(from.thread);
  put(to.initSite(), from.site);
  const unsigned labels = count_of(from.labels.size());
  auto label = to.initLabels(labels);
  auto has_label = to.initHasLabels(labels);
  for (unsigned i = 0; i < labels; ++i) {
    label.set(i, from.labels[i].value_or(0));
    has_label.set(i, from.labels[i].has_value());
  }
  auto started = to.initStartedNs(count_of(from.started_ns.size()));
  for (unsigned i = 0; i < started.size(); ++i) started.set(i, from.started_ns[i]);
  to.setEndedNs(from.ended_ns);
  to.setEnd(static_cast<std::uint8_t>(from.end));
}
LoopInstance get(schema::LoopInstance::Reader from) {
  LoopInstance loop{.number = from.getNumber(),
                    .enclosing = get(from.getEnclosing()),
                    .loop = text(from.getLoop()),
                    .entry = from.getEntry(),
                    .thread = from.getThread(),
                    .site = get(from.getSite()),
                    .labels = {},
                    .started_ns = {},
                    .ended_ns = from.getEndedNs(),
                    .end = known<LoopInstance::End>(from.getEnd(), 0, 2, "end of a loop")};
  const auto labels = from.getLabels();
  const auto has_labels = from.getHasLabels();
  if (labels.size() != has_labels.size()) throw Unknown("a loop has labels of two counts");
  loop.labels.resize(labels.size());
  for (unsigned i = 0; i < labels.size(); ++i) {
    if (has_labels[i]) loop.labels[i] = labels[i];
  }
  for (const std::int64_t started : from.getStartedNs()) loop.started_ns.push_back(started);
  return loop;
}

void put(schema::Manifest::Builder to, const Manifest& from) {
  const Checkpoint& checkpoint = from.checkpoint;
  to.setNumber(checkpoint.number);
  put(to.initPoint(), checkpoint.point);
  to.setKept(checkpoint.kept);
  auto leaves = to.initLeaves(count_of(checkpoint.leaves.size()));
  for (unsigned i = 0; i < leaves.size(); ++i) {
    const Leaf& leaf = checkpoint.leaves[i];
    auto out = leaves[i];
    out.setPath(text(leaf.path));
    out.setDtype(static_cast<std::uint8_t>(leaf.dtype));
    auto shape = out.initShape(count_of(leaf.shape.size()));
    for (unsigned d = 0; d < shape.size(); ++d) shape.set(d, leaf.shape[d]);
    out.setBytes(leaf.bytes);
    put(out.initHash(), leaf.hash);
    if (i >= from.contents.size()) continue;
    const LeafContent& content = from.contents[i];
    out.setInline({reinterpret_cast<const capnp::byte*>(content.inline_bytes.data()), content.inline_bytes.size()});
    put_all(out.initChunks(count_of(content.chunks.size())), content.chunks);
  }
  to.setDigest(checkpoint.digest);
  to.setCapturedNs(checkpoint.captured_ns);
  to.setCaptureCostNs(checkpoint.capture_cost_ns);
}
Manifest get(schema::Manifest::Reader from) {
  Manifest manifest{.checkpoint = {.number = from.getNumber(),
                                   .point = get(from.getPoint()),
                                   .kept = from.getKept(),
                                   .leaves = {},
                                   .digest = from.getDigest(),
                                   .captured_ns = from.getCapturedNs(),
                                   .capture_cost_ns = from.getCaptureCostNs()},
                    .contents = {}};
  for (const auto leaf : from.getLeaves()) {
    Leaf out{.path = text(leaf.getPath()),
             .dtype = dtype_of(leaf.getDtype()),
             .shape = {},
             .bytes = leaf.getBytes(),
             .hash = get(leaf.getHash())};
    for (const std::uint64_t extent : leaf.getShape()) out.shape.push_back(extent);
    manifest.checkpoint.leaves.push_back(std::move(out));
    const auto bytes = leaf.getInline();
    manifest.contents.push_back({.inline_bytes = std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size()),
                                 .chunks = get(leaf.getChunks())});
  }
  return manifest;
}

void put(schema::SmallDigest::Builder to, const SmallDigest& from) {
  put(to.initPoint(), from.point);
  to.setDigest(from.digest);
}
void put(schema::Digests::Builder to, const Digests& from) {
  put_all(to.initDigests(count_of(from.digests.size())), from.digests);
}
Digests get(schema::Digests::Reader from) {
  Digests digests;
  for (const auto one : from.getDigests()) {
    digests.digests.push_back({.point = get(one.getPoint()), .digest = one.getDigest()});
  }
  return digests;
}

void put(schema::Probe::Builder to, const StoredProbe& from) {
  const Probe& probe = from.probe;
  put(to.initId(), probe.id.hash);
  to.setName(text(probe.name));
  to.setExpression(text(probe.expression));
  to.setForm(static_cast<std::uint8_t>(probe.form));
  to.setStatement(text(probe.statement));
  to.setFunction(text(probe.function));
  to.setFile(text(probe.file));
  to.setLine(probe.line);
  put_texts(to.initNest(count_of(probe.nest.size())), probe.nest);
  to.setPrevious(text(probe.previous));
  to.setNext(text(probe.next));
  to.setCreatedNs(probe.created_ns);
  to.setNumber(from.number);
  to.setRemoved(from.removed);
}
StoredProbe get(schema::Probe::Reader from) {
  return {.probe = {.id = {get(from.getId())},
                    .name = text(from.getName()),
                    .expression = text(from.getExpression()),
                    .form = known<Probe::Form>(from.getForm(), 0, 3, "form of a probe"),
                    .statement = text(from.getStatement()),
                    .function = text(from.getFunction()),
                    .file = text(from.getFile()),
                    .line = from.getLine(),
                    .nest = get_texts(from.getNest()),
                    .previous = text(from.getPrevious()),
                    .next = text(from.getNext()),
                    .created_ns = from.getCreatedNs()},
          .number = from.getNumber(),
          .removed = from.getRemoved()};
}

void put(schema::SegmentOutcome::Builder to, const SegmentOutcome& from) {
  to.setNumber(from.number);
  to.setComparedValues(from.compared_values);
  to.setComparedBytes(from.compared_bytes);
  to.setComparedLeaves(from.compared_leaves);
  to.setLastCompared(text(from.last_compared));
  to.setFirstDifference(text(from.first_difference));
  to.setProblem(text(from.problem));
  to.setValues(from.values);
  to.setCpuSeconds(from.cpu_seconds);
}
void put(schema::Replay::Builder to, const Replay& from) {
  to.setNumber(from.id.number);
  to.setRun(from.run.number);
  auto probes = to.initProbes(count_of(from.probes.size()));
  for (unsigned i = 0; i < probes.size(); ++i) put(probes[i], from.probes[i].hash);
  to.setStartedNs(from.started_ns);
  to.setEndedNs(from.ended_ns);
  put(to.initBuild(), from.build);
  to.setToolVersion(text(from.tool_version));
  to.setBuildCpuSeconds(from.build_cpu_seconds);
  to.setCpuSeconds(from.cpu_seconds);
  put_all(to.initSegments(count_of(from.segments.size())), from.segments);
  put_texts(to.initNotes(count_of(from.notes.size())), from.notes);
}
Replay get(schema::Replay::Reader from) {
  Replay replay{.id = {from.getNumber()},
                .run = {from.getRun()},
                .probes = {},
                .started_ns = from.getStartedNs(),
                .ended_ns = from.getEndedNs(),
                .build = get(from.getBuild()),
                .tool_version = text(from.getToolVersion()),
                .build_cpu_seconds = from.getBuildCpuSeconds(),
                .cpu_seconds = from.getCpuSeconds(),
                .segments = {},
                .notes = get_texts(from.getNotes())};
  for (const auto probe : from.getProbes()) replay.probes.push_back({get(probe)});
  for (const auto segment : from.getSegments()) {
    replay.segments.push_back({.number = segment.getNumber(),
                               .compared_values = segment.getComparedValues(),
                               .compared_bytes = segment.getComparedBytes(),
                               .compared_leaves = segment.getComparedLeaves(),
                               .last_compared = text(segment.getLastCompared()),
                               .first_difference = text(segment.getFirstDifference()),
                               .problem = text(segment.getProblem()),
                               .values = segment.getValues(),
                               .cpu_seconds = segment.getCpuSeconds()});
  }
  return replay;
}

void put(schema::Coverage::Builder to, const Coverage& from) {
  to.setLoopInstance(from.loop_instance);
  to.setFirst(from.first);
  to.setLast(from.last);
  to.setReplay(from.replay.number);
  to.setExact(from.exact);
}
void put(schema::CoverageList::Builder to, const CoverageList& from) {
  to.setRun(from.run.number);
  put(to.initProbe(), from.probe.hash);
  put_all(to.initStretches(count_of(from.stretches.size())), from.stretches);
}
CoverageList get(schema::CoverageList::Reader from) {
  CoverageList list{.run = {from.getRun()}, .probe = {get(from.getProbe())}, .stretches = {}};
  for (const auto one : from.getStretches()) {
    list.stretches.push_back({.run = list.run,
                              .probe = list.probe,
                              .loop_instance = one.getLoopInstance(),
                              .first = one.getFirst(),
                              .last = one.getLast(),
                              .replay = {one.getReplay()},
                              .exact = one.getExact()});
  }
  return list;
}

template <class Schema, class T>
Result<std::string> encode_as(const T& value) {
  try {
    capnp::MallocMessageBuilder message;
    put(message.initRoot<Schema>(), value);
    const kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
    const auto bytes = words.asBytes();
    return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  } catch (const kj::Exception& exception) {
    return Error(ErrorKind::kInvalid, std::string("cannot be stored: ") + exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    return Error(ErrorKind::kInvalid, std::string("cannot be stored: ") + exception.what());
  }
}

template <class Schema, class T>
Result<T> decode_as(std::string_view message) {
  const auto corrupt = [](const std::string& what) { return Error(ErrorKind::kCorrupt, what + " (I4)"); };
  if (message.size() % sizeof(capnp::word) != 0) return corrupt("the message is not made of words");
  try {
    // The checksum has held, so a large message is one that we wrote.
    const capnp::ReaderOptions options{.traversalLimitInWords = std::numeric_limits<std::uint64_t>::max() / 16,
                                       .nestingLimit = 64};
    kj::Array<capnp::word> copy;
    kj::ArrayPtr<const capnp::word> words(reinterpret_cast<const capnp::word*>(message.data()),
                                          message.size() / sizeof(capnp::word));
    if (reinterpret_cast<std::uintptr_t>(message.data()) % alignof(std::uint64_t) != 0) {
      copy = kj::heapArray<capnp::word>(words.size());
      std::memcpy(copy.begin(), message.data(), message.size());
      words = copy;
    }
    capnp::FlatArrayMessageReader reader(words, options);
    return get(reader.getRoot<Schema>());
  } catch (const kj::Exception& exception) {
    return corrupt(std::string("not a message: ") + exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    return corrupt(exception.what());
  }
}

}  // namespace

#define HINDSIGHT_MESSAGE(Type, Schema)                                     \
  template <>                                                               \
  Result<std::string> encode(const Type& value) {                           \
    return encode_as<schema::Schema>(value);                                \
  }                                                                         \
  template <>                                                               \
  Result<Type> decode(std::string_view message) {                           \
    return decode_as<schema::Schema, Type>(message);                        \
  }
HINDSIGHT_MESSAGE(Counts, Counts)
HINDSIGHT_MESSAGE(Number, Number)
HINDSIGHT_MESSAGE(Version, Version)
HINDSIGHT_MESSAGE(Blob, Blob)
HINDSIGHT_MESSAGE(Run, Run)
HINDSIGHT_MESSAGE(RunCounts, RunCounts)
HINDSIGHT_MESSAGE(SeriesHead, SeriesHead)
HINDSIGHT_MESSAGE(LoopInstance, LoopInstance)
HINDSIGHT_MESSAGE(Manifest, Manifest)
HINDSIGHT_MESSAGE(Digests, Digests)
HINDSIGHT_MESSAGE(StoredProbe, Probe)
HINDSIGHT_MESSAGE(Replay, Replay)
HINDSIGHT_MESSAGE(CoverageList, CoverageList)
#undef HINDSIGHT_MESSAGE

}  // namespace hindsight::store

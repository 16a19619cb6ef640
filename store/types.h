// The values that a store holds, as plain structs; DESIGN words, no behaviour, no disk.
// What is written where, byte by byte, is in FORMAT.md.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hindsight::store {

// A 128-bit content hash (XXH3-128 of the uncompressed bytes).
struct Hash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const Hash&, const Hash&) = default;
  bool is_zero() const { return high == 0 && low == 0; }
};

// Store-local numbers, counted from 1 in the order of creation; shown as r3 and p2. 0 means none.
struct RunId {
  std::uint64_t number = 0;
  friend auto operator<=>(const RunId&, const RunId&) = default;
};
struct ReplayId {
  std::uint64_t number = 0;
  friend auto operator<=>(const ReplayId&, const ReplayId&) = default;
};
// Content-addressed: the hash of sources and recipe, or of a probe's expression, placement and helpers.
struct VersionId {
  Hash hash;
  friend auto operator<=>(const VersionId&, const VersionId&) = default;
};
struct ProbeId {
  Hash hash;
  friend auto operator<=>(const ProbeId&, const ProbeId&) = default;
};

// Element types of values and leaves. Written to disk and to the wire (runtime/wire.h has the same
// numbers): never renumber, never reuse.
enum class DType : std::uint8_t {
  kBool = 1, kI8 = 2, kI16 = 3, kI32 = 4, kI64 = 5, kU8 = 6, kU16 = 7, kU32 = 8, kU64 = 9,
  kF16 = 10, kBF16 = 11, kF32 = 12, kF64 = 13, kC64 = 14, kC128 = 15,
  kText = 16,   // UTF-8 treated as bytes
  kBytes = 17,  // opaque
  kError = 18,  // the text of what a probe threw
};

// ---- sources ----------------------------------------------------------------------------------

struct FileEntry {
  std::string path;       // relative to the project root, '/' between parts
  std::uint32_t mode = 0; // permission bits and file type, as st_mode
  std::uint64_t size = 0;
  Hash hash;              // of the content; of the target for a symbolic link
  std::int64_t mtime_ns = 0;  // not part of any identity
  bool kept = true;       // false: too large for [store] max_file, only the hash is known
  friend bool operator==(const FileEntry&, const FileEntry&) = default;
};
using Tree = std::vector<FileEntry>;  // sorted by path, no duplicates

// Which compiler built a version.
struct Toolchain {
  std::string compiler;  // the path that was run
  std::string version;   // first line of --version
  Hash hash;             // of the compiler's driver binary
  friend bool operator==(const Toolchain&, const Toolchain&) = default;
};

struct Version {
  VersionId id;                   // hash over `sources` (path, mode, hash), recipe and as_built
  std::uint64_t number = 0;       // store-local, from 1; shown as v2
  Tree sources;
  std::string recipe;             // hindsight.toml as it was
  std::string project_root;       // absolute path at recording time
  std::vector<Toolchain> toolchains;
  std::string unit_reports;       // JSON array of hindsight-cc's unit reports (instrument/README.md); empty: none
  Hash build;                     // over the recorded build's outputs; zero for as_built
  bool as_built = false;
  std::int64_t created_ns = 0;
  std::string plan;               // JSON array of what was put into its sources (instrument/README.md); empty: it calls hindsight itself
  bool foreign = false;           // it came in a bundle, and nobody has said yet that its programs may run here
  std::string outlines;           // JSON array of its units' outlines (instrument/README.md), by which probes of other versions find their place in it; empty: none
  friend bool operator==(const Version&, const Version&) = default;
};

// ---- runs -------------------------------------------------------------------------------------

// Written to disk: never renumber, never reuse.
enum class RunState : std::uint8_t { kRecording = 0, kFinished = 1, kCrashed = 2 };
// What standard input was. Likewise.
enum class StandardInput : std::uint8_t { kUnknown = 0, kNothing = 1, kTerminal = 2, kPipe = 3, kFile = 4, kOther = 5 };

struct Run {
  RunId id;
  Hash uid;                        // random; the run's identity outside this store
  VersionId version;
  std::uint64_t group = 0;         // runs of one `record` share it
  std::vector<std::string> argv;
  std::string program;             // the file that was executed
  std::string cwd;
  std::map<std::string, std::string> environment;  // allow-listed names, and those that the program reads
  std::map<std::string, std::string> host;         // name, cpu, cores, kernel, libraries...
  std::map<std::string, std::string> arguments;    // record --set
  std::map<std::string, std::uint64_t> every;      // record --every
  Tree inputs;                     // other files of the project, as they were at the start
  std::int64_t started_ns = 0;     // UTC, since the epoch
  std::int64_t ended_ns = 0;
  RunState state = RunState::kRecording;
  std::int32_t exit_code = 0;      // valid if finished and signal is 0
  std::int32_t signal = 0;         // the signal that ended it, else 0
  std::uint64_t records = 0;       // values kept
  std::uint64_t dropped = 0;       // values lost, by count
  std::uint64_t checkpoints = 0;   // states kept
  std::uint64_t skipped = 0;       // states that should have been taken and were not
  std::vector<std::string> notes;  // what could not be kept and why, one sentence each
  std::uint64_t journal_offset = 0;  // journal bytes already taken in
  std::set<std::string> environment_absent;        // names that the program reads and that were not set
  // Of other names that the program reads, or may: XXH3-128 of salt (two u64, little-endian, low half first), name, `=`, value.
  std::map<std::string, Hash> environment_hashes;
  Hash environment_salt;                           // random
  bool environment_whole = false;  // the program may read any variable: all that were set are in one of these
  StandardInput standard_input = StandardInput::kUnknown;
  std::int64_t deleted_ns = 0;     // when somebody took it out of all lists; 0: nobody did
  std::uint64_t thinned = 0;       // states whose bytes were given up since
  bool purged = false;             // that is for good: its values, loops and states are gone
  bool draws_kept = false;         // what its own code drew from outside was recorded where that was seen (SeriesKey::is_draw)
  friend bool operator==(const Run&, const Run&) = default;
};

// ---- positions --------------------------------------------------------------------------------

// One level of a position. (loop, entry, ordinal) is the identity; the label is what is shown.
struct Level {
  std::string loop;
  std::uint32_t entry = 0;
  std::uint64_t ordinal = 0;
  std::optional<std::int64_t> label;  // the loop variable's value where integral
  friend bool operator==(const Level& a, const Level& b) {
    return a.loop == b.loop && a.entry == b.entry && a.ordinal == b.ordinal;
  }
  friend auto operator<=>(const Level& a, const Level& b) {
    if (auto c = a.loop <=> b.loop; c != 0) return c;
    if (auto c = a.entry <=> b.entry; c != 0) return c;
    return a.ordinal <=> b.ordinal;
  }
};
using Position = std::vector<Level>;  // outermost first; empty: outside every loop
std::string to_string(const Position& position);  // "epoch=3/step@1=120"

// ---- values -----------------------------------------------------------------------------------

// One logged value: a scalar, a vector of scalars, or text.
struct Value {
  DType dtype = DType::kF64;
  bool is_vector = false;
  std::string bytes;  // little-endian elements, or the text itself
  friend bool operator==(const Value&, const Value&) = default;  // bit equality
};

struct Site {
  std::string file;  // relative to the project root where it lies inside it
  std::uint32_t line = 0;
  friend auto operator<=>(const Site&, const Site&) = default;
};

// Written to disk: never renumber, never reuse. DESIGN.md section 9.
enum class Status : std::uint8_t {
  kRecorded = 0, kExact = 1, kClose = 2, kUnverified = 3, kDiverged = 4, kError = 5
};

// What the values of one series have in common.
struct SeriesKey {
  std::string name;
  std::vector<std::string> nest;  // loop names, outermost first
  std::uint32_t thread = 0;       // 0: the main thread; else order of first use
  DType dtype = DType::kF64;
  bool is_vector = false;
  Site site;
  bool is_argument = false;       // from hindsight::arg
  bool is_draw = false;           // what the program took from outside: the name is the function that gave it
  ReplayId replay;                // none: recorded by the training itself
  ProbeId probe;                  // none: a statement of the program
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

// Values of one series, in columns of equal length. `levels` has one entry per loop of the nest.
struct SeriesColumns {
  struct LevelColumn {
    std::vector<std::uint32_t> entry;
    std::vector<std::uint64_t> ordinal;
    std::vector<std::int64_t> label;
    std::vector<std::uint8_t> has_label;
    friend bool operator==(const LevelColumn&, const LevelColumn&) = default;
  };
  std::vector<LevelColumn> levels;
  std::vector<std::uint64_t> seq;      // sequence number within (name, position, thread)
  std::vector<std::uint64_t> order;    // order in the whole run (or replay segment)
  std::vector<Status> status;
  std::vector<std::uint32_t> segment;  // of the replay; 0 for recorded values
  std::vector<std::uint64_t> scalars;  // bit patterns, zero-extended; empty for vectors and text
  std::vector<std::string> blobs;      // for vectors and text; empty for scalars
  std::size_t size() const { return seq.size(); }
  Position position(std::size_t row, const std::vector<std::string>& nest) const;
  Value value(std::size_t row, const SeriesKey& key) const;
  void append(const Position& position, std::uint64_t seq, std::uint64_t order, Status status,
              std::uint32_t segment, const Value& value);
  friend bool operator==(const SeriesColumns&, const SeriesColumns&) = default;
};
struct Series {
  SeriesKey key;
  SeriesColumns columns;
};

// ---- loops and checkpoints --------------------------------------------------------------------

// One entry into a loop that has state: where, how often it went round, how long that took.
struct LoopInstance {
  std::uint64_t number = 0;      // order of entry in the run, from 0
  Position enclosing;            // the position that the loop was entered at
  std::string loop;
  std::uint32_t entry = 0;
  std::uint32_t thread = 0;
  Site site;
  // Per iteration begun, in order (ordinal 0, 1, ...): label and start time.
  std::vector<std::optional<std::int64_t>> labels;
  std::vector<std::int64_t> started_ns;
  std::int64_t ended_ns = 0;     // 0: never seen to end
  enum class End : std::uint8_t { kRunning = 0, kFinished = 1, kAbandoned = 2 };  // on disk
  End end = End::kRunning;       // abandoned: left by return, throw or an unmarked break
  friend bool operator==(const LoopInstance&, const LoopInstance&) = default;
};

// Written to disk: never renumber, never reuse.
// kReads: what a loop's iterations only read from outside, at its first head; only digests are of that kind.
enum class PointKind : std::uint8_t { kHead = 0, kExit = 1, kReads = 2 };

// A place in a run at which state can be captured: before iteration `ordinal` of a loop instance,
// or after its end (then `ordinal` is the number of iterations).
struct Point {
  Position enclosing;
  std::string loop;
  std::uint32_t entry = 0;
  std::uint64_t ordinal = 0;
  PointKind kind = PointKind::kHead;
  std::uint32_t thread = 0;
  friend auto operator<=>(const Point&, const Point&) = default;
};
std::string to_string(const Point& point);  // "head of epoch=3"

// What a named leaf of a state is, without its bytes.
struct Leaf {
  std::string path;  // net.conv1.weight
  DType dtype = DType::kBytes;
  std::vector<std::uint64_t> shape;
  std::uint64_t bytes = 0;
  Hash hash;         // of the bytes
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

struct Checkpoint {
  std::uint64_t number = 0;  // order of capture in the run, from 0
  Point point;
  bool kept = true;          // false: a digest, only the leaves' hashes are known
  std::vector<Leaf> leaves;  // in the order in which the state is visited
  std::uint64_t digest = 0;  // of RNGs and scalars, computed in the training process
  std::int64_t captured_ns = 0;
  std::uint64_t capture_cost_ns = 0;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A digest of RNGs and scalars alone, taken where no state was.
struct SmallDigest {
  Point point;
  std::uint64_t digest = 0;
  friend bool operator==(const SmallDigest&, const SmallDigest&) = default;
};

// ---- probes and replays -----------------------------------------------------------------------

struct Probe {
  ProbeId id;
  std::string name;        // a label, not part of the identity
  std::string expression;
  // Where: exactly one form. Written to disk: never renumber, never reuse.
  // The last three are patterns: they go to every place that fits.
  enum class Form : std::uint8_t { kAfter = 0, kBefore = 1, kAt = 2, kEdit = 3, kOnCall = 4, kOnAssign = 5, kEachLoop = 6 };
  Form form = Form::kAfter;
  std::string statement;   // kAfter, kBefore: the statement's text; kAt: that of the line; patterns: the call, the variable, the loop's name
  std::string function;    // restricts to this function; kEdit: the function it was written in
  std::string file;        // kAt, kEdit: relative to the project root
  std::uint32_t line = 0;  // kAt: the line it is put before
  // kEdit: the heads of the loops around it, outermost first; kAt: the lines above it. Both: its neighbouring statements or lines.
  std::vector<std::string> nest;
  std::string previous;
  std::string next;
  std::string helper = {};       // text that the expression needs in front of the code: that of a header, as it was when the probe was made
  std::string helper_name = {};  // that header's name; a label
  bool foreign = false;    // it came in a bundle: its values are shown, and it is put into no program until somebody here asks it
  std::int64_t created_ns = 0;
  friend bool operator==(const Probe&, const Probe&) = default;
};

// What one worker did and how the check judged it.
struct SegmentOutcome {
  std::uint32_t number = 0;            // from 1 within the replay
  std::uint64_t compared_values = 0;
  std::uint64_t compared_bytes = 0;
  std::uint64_t compared_leaves = 0;
  std::string last_compared;           // "head of epoch=4"
  std::string first_difference;        // empty: none
  std::string problem;                 // why it gave no answer; empty: it did
  std::uint64_t values = 0;            // probe values that came out
  double cpu_seconds = 0;
  friend bool operator==(const SegmentOutcome&, const SegmentOutcome&) = default;
};

// A stretch of a run for which probes have been answered.
struct Coverage {
  RunId run;
  ProbeId probe;
  // Iterations [first, last) of main-loop instance `loop_instance`, where the one after the last is what runs between its end
  // and the next main loop; kNoLoop with first = 0 is what runs before the first main loop, with first = 1 what runs after
  // the last one.
  static constexpr std::uint64_t kNoLoop = ~std::uint64_t{0};
  std::uint64_t loop_instance = kNoLoop;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  ReplayId replay;
  bool exact = false;  // every value of it is exact (or there was none); only then it is reused unasked
  friend bool operator==(const Coverage&, const Coverage&) = default;
};

struct Replay {
  ReplayId id;
  RunId run;
  std::vector<ProbeId> probes;
  std::int64_t started_ns = 0;
  std::int64_t ended_ns = 0;
  Hash build;                // of the replayed program's outputs
  std::string tool_version;
  double build_cpu_seconds = 0;
  double cpu_seconds = 0;    // of the workers and of serving them
  std::vector<SegmentOutcome> segments;
  std::vector<std::string> notes;
  friend bool operator==(const Replay&, const Replay&) = default;
};

}  // namespace hindsight::store

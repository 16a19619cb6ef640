// What the training process and the host agree on, byte by byte. Both sides include this file and nothing else of
// each other. Little-endian, natural alignment, no pointers, no padding left undefined.
//
// How a process attaches
//   The host passes one end of a SOCK_SEQPACKET socket pair, the *front door*, as an inherited descriptor; its number is
//   in the environment variable HINDSIGHT_HOST. A process that is linked with the client, when its image starts:
//     1. makes a socket pair of its own (the *session*), and sends Hello with one end of it (SCM_RIGHTS) to the front door;
//     2. receives Welcome on the session, with two descriptors (SCM_RIGHTS): the journal (a real file) and the pool (a memfd);
//     3. maps both. From then on it is *active*. Its end of the session closing is the end of the process.
//   Several processes may attach through one front door, each gets its own session. A forked child closes its copies and is
//   inert until it execs. Named sockets and shared memory objects are not used: they do not pass the sandbox.
//
// What is said where
//   Everything that happens is a record in the journal, in order; the session carries only doorbells (recording) and
//   questions with their answers (replay). State travels in slots of the pool; a kCapture record says which slot.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hindsight::wire {

inline constexpr std::uint32_t kVersion = 3;
inline constexpr char kHostVariable[] = "HINDSIGHT_HOST";  // decimal descriptor number

// ---- session messages (SOCK_SEQPACKET, one struct a packet, `type` first) ---------------------------------------

enum class MessageType : std::uint32_t {
  kHello = 1,     // client -> host, front door, with the session descriptor
  kWelcome = 2,   // host -> client, with journal and pool descriptors
  kRing = 3,      // client -> host: there is something new in the journal (recording; never waited for)
  kAsk = 4,       // client -> host: at a loop's head or exit, waiting for a Directive (replay)
  kDirective = 5  // host -> client: the answer to kAsk
};

struct Hello {
  MessageType type = MessageType::kHello;
  std::uint32_t version = kVersion;
  std::int32_t pid = 0;  // in the client's own pid namespace
  std::uint32_t keeps_draws = 0;  // 1: it is linked so that what its own code draws is seen
};

enum class Mode : std::uint32_t { kRecord = 1, kReplay = 2 };

// Followed by `settings_bytes` of text: lines "every LOOP N", "overhead loops PPM", "arg NAME VALUE" (VALUE to the end of the line) and, of
// a replay, "added LOOP VARIABLE 1" for what changed in the recording although it was no state.
struct Welcome {
  MessageType type = MessageType::kWelcome;
  std::uint32_t version = kVersion;
  Mode mode = Mode::kRecord;
  std::uint32_t settings_bytes = 0;
  std::uint64_t pool_limit = 0;  // the pool may be grown to this many bytes; 0: no state is captured
  // Replay: 1 where probes declare something, so that lambdas, and what functions declare, may have other symbols than in the recording.
  std::uint32_t names_shift = 0;
  std::uint32_t guard_probes = 0;  // replay: 1 where a probe may change ambient state, which is put back behind every one then
  std::uint64_t draws_bytes = 0; // replay: a third descriptor follows, a memfd of this size with what the recorded process drew; 0: none does
};
inline constexpr std::size_t kMaxSettings = 60 * 1024;

struct Ring {
  MessageType type = MessageType::kRing;
  std::uint32_t reserved = 0;
};

// Asked with the live state captured in a slot (a kCapture record with purpose kLive precedes it in the journal).
struct Ask {
  MessageType type = MessageType::kAsk;
  std::uint32_t reserved = 0;
  std::uint64_t journal_offset = 0;  // the journal is complete up to here
};

enum class Action : std::uint32_t {
  kGoOn = 1,       // run the iteration (head), or leave the loop (exit)
  kRestore = 2,    // head: restore the state in `slot`, whose head is `ordinal`, then run that iteration
  kSkip = 3,       // head: restore the state in `slot`, which is the loop's exit, and leave the loop
  kStop = 4        // the segment is done: flush nothing, run nothing, _exit(0)
};
// `next_ask`: the next head at which to ask again, as an ordinal (kNever: only at the exit).
struct Directive {
  MessageType type = MessageType::kDirective;
  Action action = Action::kGoOn;
  std::uint32_t slot = 0;
  std::uint32_t reserved = 0;
  std::uint64_t slot_bytes = 0;
  std::uint64_t ordinal = 0;   // kRestore: of the head restored; kSkip: the loop's number of iterations
  std::uint64_t next_ask = 0;
};
inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

// ---- draws: what the program's own code takes from outside ------------------------------------------------------

// A number that the main thread draws is a value in the journal (SiteKind::kDraw, kU64, named as below), and given back in order on
// replay, source by source. The numbers are never written to disk, the names are.
enum class Draw : std::uint32_t {
  kRandomDevice, kGetrandom, kGetentropy, kTorchSeed,  // random
  kTime, kClock, kClockGettime, kGettimeofday, kTimespecGet, kGetpid, kGetppid, kSystemClock, kSteadyClock, kOmpWtime  // clocks, and what counts as one
};
inline constexpr std::size_t kDraws = 14;
inline constexpr std::size_t kRandomDraws = 4;  // those in front are not clocks
inline constexpr const char* kDrawNames[kDraws] = {
    "std::random_device", "getrandom", "getentropy", "torch::default_seed",
    "time", "clock", "clock_gettime", "gettimeofday", "timespec_get", "getpid", "getppid", "std::chrono::system_clock::now",
    "std::chrono::steady_clock::now", "omp_get_wtime"};
constexpr bool is_clock(Draw draw) { return static_cast<std::size_t>(draw) >= kRandomDraws; }
// Of one source, in one process; those that follow are neither recorded nor given back.
inline constexpr std::uint64_t kMostDraws = std::uint64_t{1} << 20;
// The memfd of Welcome: kDraws u64 counts, then the numbers of the first source in order, of the second, ...

// What is below one of these in a state is restored, and is no anchor: what depends on a clock (and errno, which calls that ask about the outside set),
// and bytes of closures, between whose captures lies whatever was in memory (where those differ, nothing is exact).
inline constexpr char kClock[] = "(clock)", kClosure[] = "(bytes)";
// What is below this one was no state before it was seen to change; the run has a note of it: loop, then variable, between these.
inline constexpr char kAdded[] = "(added)";
inline constexpr char kAddedLoop[] = "not in the state of loop '", kAddedVariable[] = "', but changed while it ran, and is part of it from there on: '";

// ---- the pool (memfd) ------------------------------------------------------------------------------------------

// The memfd begins with a PoolHeader page; slots follow. Slots are made by the client (record: it appends, allocating with
// fallocate before use, up to Welcome.pool_limit) or, in replay, by either side through the same table. A slot never moves.
enum class SlotState : std::uint32_t {
  kFree = 0,     // may be taken by the client
  kWriting = 1,  // being filled by the side that took it
  kFull = 2,     // filled by the client, to be read by the host, which then sets kFree
  kAnswer = 3    // filled by the host (replay), to be read by the client, which then sets kFree
};
struct Slot {
  std::uint32_t state;     // SlotState, accessed with atomic acquire/release
  std::uint32_t reserved;
  std::uint64_t offset;    // from the start of the memfd, multiple of 4096
  std::uint64_t capacity;  // bytes
};
inline constexpr std::uint32_t kMaxSlots = 64;
struct PoolHeader {
  std::uint64_t size;        // bytes allocated so far, header included
  std::uint32_t slot_count;  // atomic; slots below it are valid
  std::uint32_t reserved;
  Slot slots[kMaxSlots];
  std::uint64_t host_cost;   // atomic; written by the host: the CPU time, in nanoseconds, that it needed to store a state, as last measured
};
inline constexpr std::size_t kPoolHeaderBytes = 4096;
static_assert(sizeof(PoolHeader) <= kPoolHeaderBytes);

// A captured state: leaves one after another in visiting order, each a LeafHeader, `ndim` u64 dimensions, the path, zeros
// up to a multiple of 64 from the slot's start, the data, zeros up to a multiple of 64.
struct LeafHeader {
  std::uint32_t path_bytes;
  std::uint8_t dtype;   // DType
  std::uint8_t ndim;
  std::uint8_t small;   // 1: part of the small digest (RNG states and scalars)
  std::uint8_t reserved;
  std::uint64_t data_bytes;
};
inline constexpr std::size_t kLeafAlignment = 64;

// Element types: the numbers of store::DType.
enum class DType : std::uint8_t {
  kBool = 1, kI8 = 2, kI16 = 3, kI32 = 4, kI64 = 5, kU8 = 6, kU16 = 7, kU32 = 8, kU64 = 9,
  kF16 = 10, kBF16 = 11, kF32 = 12, kF64 = 13, kC64 = 14, kC128 = 15, kText = 16, kBytes = 17, kError = 18
};

// ---- the journal -----------------------------------------------------------------------------------------------

// The file begins with a JournalHeader page written by the host; records follow from kJournalStart. The client allocates
// room ahead in steps (fallocate), so that a full disk is an error and never a SIGBUS. `end` is raised after a record is
// complete, but readers trust the checksums, not `end`: what survived a kill is every record whose checksum holds.
struct JournalHeader {
  char magic[8];            // "HSJRNL1\n"
  std::uint32_t version;    // kVersion
  std::uint32_t mode;       // Mode
  std::uint64_t run;        // store::RunId.number, 0 while replaying
  std::uint64_t salt;       // random, folded into every checksum: records of a recycled file do not pass
  std::uint64_t end;        // atomic; first byte after the last complete record
  std::uint64_t dropped;    // atomic; values lost since there was no room
  std::uint64_t allocated;  // bytes of the file that are allocated
  std::uint64_t closed;     // atomic; 1: the process ended in order and everything is in the journal
};
inline constexpr char kJournalMagic[8] = {'H', 'S', 'J', 'R', 'N', 'L', '1', '\n'};
inline constexpr std::size_t kJournalStart = 4096;

// Written to disk: never renumber, never reuse.
enum class RecordKind : std::uint8_t {
  kSite = 1,       // names a place in the program
  kPosition = 2,   // an iteration began (written before the first record that needs it; always for loops with state)
  kValue = 3,
  kCapture = 4,    // a state lies in a slot of the pool
  kDigest = 5,     // the small digest at a point whose state was not captured
  kSkipped = 6,    // a state that should have been captured was not, and why
  kLoopEnd = 7,    // a loop with state was left
  kJump = 8,       // replay: a restore happened; records after it come from the restored state
  kNote = 9,       // a sentence for the run's notes
  kEnd = 10,       // the process ended in order (exit, return from main)
  kPad = 11,       // nothing: room up to the end of an allocated step
  kNext = 12       // a kPosition in short: the next iteration of a loop without state
};

// Every record: this header, then the kind's struct, then its bytes; zero-padded to a multiple of 16.
// crc: CRC-32C of (salt, offset of the record in the file, everything after the crc field up to `size`).
struct RecordHeader {
  std::uint32_t crc;
  std::uint32_t size_and_kind;  // size in bytes / 16 in the upper 24 bits (so at most 256 MiB), kind in the lower 8
};
constexpr std::uint32_t pack(std::uint32_t size, RecordKind kind) {
  return (size / 16) << 8 | static_cast<std::uint32_t>(kind);
}
constexpr std::uint32_t size_of(const RecordHeader& h) { return (h.size_and_kind >> 8) * 16; }
constexpr RecordKind kind_of(const RecordHeader& h) { return static_cast<RecordKind>(h.size_and_kind & 0xff); }

enum class SiteKind : std::uint32_t { kLog = 1, kArgument = 2, kLoop = 3, kProbe = 4, kDraw = 5 };
struct SiteRecord {  // then name, file, probe id in hex (32 characters, probes only)
  RecordHeader header;
  std::uint32_t site;  // from 1, in order of first use
  SiteKind kind;
  std::uint32_t line;
  std::uint16_t name_bytes;
  std::uint16_t file_bytes;
};

// Position 0 is outside every loop (of that thread: `thread` of a value says which).
struct PositionRecord {
  RecordHeader header;
  std::uint64_t position;  // new id, from 1, rising
  std::uint64_t parent;    // position that encloses it
  std::uint64_t ordinal;
  std::int64_t label;      // valid if has_label
  std::uint32_t site;      // of the loop
  std::uint32_t entry;     // of (loop name) under `parent` and thread
  std::uint32_t thread;
  std::uint8_t has_label;
  std::uint8_t has_state;  // the loop has state of its own
  std::uint16_t reserved;
  std::int64_t clock_ns;   // CLOCK_REALTIME for loops with state, else 0
};

// The position with the next id: that of `previous`, but for its ordinal and its label, which are one more. `previous` is the last
// position of the same entry into the same loop, in `thread`; the loop has no state of its own.
struct NextRecord {
  RecordHeader header;
  std::uint32_t back;  // id of this position - id of previous, from 1
  std::uint32_t thread;
};
static_assert(sizeof(NextRecord) == 16);

struct ValueRecord {  // scalars: exactly this; else then `count` elements or bytes
  RecordHeader header;
  std::uint64_t position;
  std::uint32_t site;
  std::uint16_t thread;
  std::uint8_t dtype;    // DType
  std::uint8_t vector;   // 1: `bits_or_count` is a number of elements that follow; text and errors: a number of bytes
  std::uint64_t bits_or_count;
};
static_assert(sizeof(ValueRecord) == 32);

// kReads: what a loop's iterations only read from outside, at its first head; digests alone have it.
enum class PointKind : std::uint8_t { kHead = 0, kExit = 1, kReads = 2 };
// Which point: (enclosing position, loop name by site, entry, ordinal, kind).
struct PointFields {
  std::uint64_t enclosing;
  std::uint64_t ordinal;
  std::uint32_t site;
  std::uint32_t entry;
  std::uint32_t thread;
  PointKind kind;
  std::uint8_t reserved[3];
};

enum class Purpose : std::uint32_t {
  kCheckpoint = 1,  // to be kept
  kHashes = 2,      // to be hashed, bytes not kept
  kLive = 3         // replay: to be compared, an Ask follows
};
struct CaptureRecord {
  RecordHeader header;
  PointFields point;
  Purpose purpose;
  std::uint32_t slot;
  std::uint64_t bytes;
  std::uint64_t digest;     // small digest of this state
  std::int64_t clock_ns;
  std::uint64_t cost_ns;    // what the capture took
};
struct DigestRecord {
  RecordHeader header;
  PointFields point;
  std::uint64_t digest;
};
struct SkippedRecord {  // then the reason
  RecordHeader header;
  PointFields point;
  std::uint32_t reason_bytes;
  std::uint32_t reserved;
};
enum class LoopEndKind : std::uint32_t { kFinished = 1, kAbandoned = 2, kSkipped = 3 };
struct LoopEndRecord {
  RecordHeader header;
  PointFields point;  // kind kExit, ordinal: iterations begun
  LoopEndKind how;
  std::uint32_t reserved;
  std::int64_t clock_ns;
};
struct JumpRecord {
  RecordHeader header;
  PointFields point;          // the point whose state was restored
  std::uint64_t from_ordinal; // the head at which it was restored
  std::uint64_t bytes;
  std::uint32_t failed;       // 1: the state did not fit the program; the reason follows, and the process ends
  std::uint32_t reason_bytes;
};
struct NoteRecord {  // then the text
  RecordHeader header;
  std::uint32_t text_bytes;
  std::uint32_t reserved;
};
struct EndRecord {
  RecordHeader header;
  std::uint64_t values;
  std::uint64_t dropped;
  std::uint64_t reserved;
};

}  // namespace hindsight::wire

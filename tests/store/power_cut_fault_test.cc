// What is left of a store when the power fails: everything that was synced, and of what was only written an arbitrary part, in units that a disk writes at
// once. LMDB's system calls are seen here on their way to the system (this program exports them), noted, and played back with losses.
#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "store/retention.h"
#include "store/state_history.h"
#include "store/store.h"
#include "tests/store/support.h"

namespace hindsight::store {
namespace {

struct Note {
  enum class Kind { kWrite, kSync, kPromise } kind = Kind::kWrite;
  std::uint64_t at = 0;   // kWrite: in the file; kPromise: how many rounds are committed
  std::string bytes = {};
  bool synced = false;    // by itself
};

// One file's writes and syncs, in order.
struct Log {
  std::mutex mutex;
  bool active = false;
  dev_t device = 0;
  ino_t inode = 0;
  std::vector<Note> notes;
};
Log& the_log() {
  static Log* const log = new Log;
  return *log;
}

bool is_watched(int fd) {
  Log& log = the_log();
  struct stat status {};
  return log.active && ::fstat(fd, &status) == 0 && status.st_dev == log.device && status.st_ino == log.inode;
}
void note_write(int fd, std::uint64_t at, std::string_view bytes) {
  if (!is_watched(fd)) return;
  const bool synced = (::fcntl(fd, F_GETFL) & O_DSYNC) != 0;
  const std::lock_guard lock(the_log().mutex);
  the_log().notes.push_back({.kind = Note::Kind::kWrite, .at = at, .bytes = std::string(bytes), .synced = synced});
}
void note_sync(int fd) {
  if (!is_watched(fd)) return;
  const std::lock_guard lock(the_log().mutex);
  the_log().notes.push_back({.kind = Note::Kind::kSync});
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace
}  // namespace hindsight::store

using hindsight::store::note_sync;
using hindsight::store::note_write;
using hindsight::store::real;

extern "C" {

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  const ssize_t done = call(fd, bytes, size, at);
  if (done > 0) note_write(fd, static_cast<std::uint64_t>(at), {static_cast<const char*>(bytes), static_cast<std::size_t>(done)});
  return done;
}
ssize_t pwritev(int fd, const iovec* parts, int count, off_t at) {
  static const auto call = real<ssize_t (*)(int, const iovec*, int, off_t)>("pwritev");
  const ssize_t done = call(fd, parts, count, at);
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  if (done > 0) note_write(fd, static_cast<std::uint64_t>(at), std::string_view(bytes).substr(0, static_cast<std::size_t>(done)));
  return done;
}
ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto call = real<ssize_t (*)(int, const iovec*, int)>("writev");
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  const ssize_t done = call(fd, parts, count);
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  if (done > 0) note_write(fd, static_cast<std::uint64_t>(at), std::string_view(bytes).substr(0, static_cast<std::size_t>(done)));
  return done;
}
ssize_t write(int fd, const void* bytes, size_t size) {
  static const auto call = real<ssize_t (*)(int, const void*, size_t)>("write");
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  const ssize_t done = call(fd, bytes, size);
  if (done > 0) note_write(fd, static_cast<std::uint64_t>(at), {static_cast<const char*>(bytes), static_cast<std::size_t>(done)});
  return done;
}
int fdatasync(int fd) {
  static const auto call = real<int (*)(int)>("fdatasync");
  const int done = call(fd);
  if (done == 0) note_sync(fd);
  return done;
}
int fsync(int fd) {
  static const auto call = real<int (*)(int)>("fsync");
  const int done = call(fd);
  if (done == 0) note_sync(fd);
  return done;
}

}  // extern "C"

namespace hindsight::store {
namespace {

using test::Draw;
using test::need;

constexpr int kRounds = 25;

class PowerCut : public ::testing::Test {
 protected:
  // A run per round, with states that hang together; now and then old ones are thinned, and a run is purged.
  void record_rounds() {
    Store store = need(Store::create(folder_ / "store"));
    Log& log = the_log();
    struct stat status {};
    ASSERT_EQ(::stat((folder_ / "store" / "data.mdb").c_str(), &status), 0);
    log.device = status.st_dev;
    log.inode = status.st_ino;
    log.notes = {{.kind = Note::Kind::kWrite, .at = 0, .bytes = test::read_file(folder_ / "store" / "data.mdb"), .synced = true}};
    log.active = true;
    std::string weights = draw_.noise(300'000);
    for (std::size_t i = 0; i < weights.size(); i += 4) weights[i + 3] = '\x3c';
    StateHistory history(1 << 24);
    for (std::uint64_t round = 1; round <= kRounds; ++round) {
      WriteBatch batch = need(store.write());
      store::Run run;
      run.state = RunState::kFinished;
      run.argv = {std::to_string(round)};
      const RunId id = need(batch.put_run(run));
      for (std::uint64_t i = 0; i < 4; ++i) {
        Checkpoint checkpoint;
        checkpoint.point.loop = "epoch";
        checkpoint.point.ordinal = i;
        need(batch.put_checkpoint(id, checkpoint, std::vector<LeafBytes>{{.path = "w", .dtype = DType::kF32, .shape = {}, .bytes = weights}}, history));
        for (std::size_t at = 0; at < weights.size(); at += 4) weights[at] = static_cast<char>(weights[at] + static_cast<char>(draw_.number(3)));
      }
      need(batch.commit());
      promise(round);
      if (round % 5 == 0) {
        Unwanted unwanted;
        for (const std::uint64_t number : find_thinned(need(store.checkpoints(id)), {}, Thinning::kEnds)) unwanted.checkpoints.emplace_back(id, number);
        unwanted.runs = {RunId{round - 3}};
        need(store.collect(unwanted, false));
      }
    }
    log.active = false;
  }
  void promise(std::uint64_t rounds) {
    const std::lock_guard lock(the_log().mutex);
    the_log().notes.push_back({.kind = Note::Kind::kPromise, .at = rounds});
  }

  // The file as it may be found when the power failed before note `end`, and how many rounds had been promised.
  std::pair<std::string, std::uint64_t> image_at(std::size_t end, std::size_t unit) {
    const std::vector<Note>& notes = the_log().notes;
    std::size_t synced = 0;
    std::uint64_t promised = 0;
    for (std::size_t i = 0; i < end; ++i) {
      if (notes[i].kind == Note::Kind::kSync) synced = i;
      if (notes[i].kind == Note::Kind::kPromise) promised = notes[i].at;
    }
    std::string image;
    const auto apply = [&](std::uint64_t at, std::string_view bytes) {
      if (image.size() < at + bytes.size()) image.resize(at + bytes.size(), '\0');
      std::memcpy(image.data() + at, bytes.data(), bytes.size());
    };
    for (std::size_t i = 0; i < end; ++i) {
      const Note& note = notes[i];
      if (note.kind != Note::Kind::kWrite) continue;
      if (note.synced || i < synced) {
        apply(note.at, note.bytes);
        continue;
      }
      for (std::size_t part = 0; part < note.bytes.size(); part += unit) {
        if (draw_.coin()) apply(note.at + part, std::string_view(note.bytes).substr(part, unit));
      }
    }
    return {std::move(image), promised};
  }

  test::TemporaryFolder folder_{true};
  Draw draw_{test::seed()};
};

TEST_F(PowerCut, NothingThatWasPromisedIsLostAndTheStoreIsWhole) {
  record_rounds();
  const std::size_t notes = the_log().notes.size();
  ASSERT_GT(notes, 100U) << "the system calls were not seen";
  const char* const night = std::getenv("HINDSIGHT_NIGHT");
  const int cuts = night != nullptr ? 20'000 : 400;
  for (int cut = 0; cut < cuts; ++cut) {
    const std::filesystem::path folder = folder_ / "after";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    const std::size_t end = 1 + draw_.number(notes);
    const auto [image, promised] = image_at(end, draw_.coin() ? 512 : 4096);
    test::write_file(folder / "data.mdb", image);
    test::write_file(folder / "format", std::to_string(kFormat) + "\n");
    const Store store = need(Store::open(folder, Store::Access::kWrite));
    const std::vector<store::Run> runs = need(store.runs());
    EXPECT_GE(runs.size(), promised) << "cut before note " << end << " of " << notes;
    for (std::size_t i = 0; i < runs.size(); ++i) EXPECT_EQ(runs[i].argv, std::vector<std::string>{std::to_string(i + 1)});
    EXPECT_EQ(need(store.check()).problems, std::vector<std::string>()) << "cut before note " << end << " of " << notes;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace hindsight::store

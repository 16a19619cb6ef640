// What other processes, the system and the disk can do to a store.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "store/place.h"
#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Runs `body` in a child; its status: 0 if body returned true, 3 if false, 4 with the sentence on stderr if it threw.
class Child {
 public:
  explicit Child(const std::function<bool()>& body) {
    pid_ = fork();
    if (pid_ != 0) return;
    int status = 4;
    try {
      status = body() ? 0 : 3;
    } catch (const std::exception& exception) {
      fprintf(stderr, "child: %s\n", exception.what());
    }
    _exit(status);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    kill(SIGKILL);
    wait();
  }
  void kill(int signal) const { ::kill(pid_, signal); }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  }
  ~Pipe() { close(0), close(1); }
  void close(int end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  void put(std::uint32_t number) { (void)!write(ends[1], &number, sizeof number); }
  std::optional<std::uint32_t> get() {
    std::uint32_t number = 0;
    return read(ends[0], &number, sizeof number) == sizeof number ? std::optional(number) : std::nullopt;
  }
};

SeriesKey loss_key() {
  return {.name = "loss", .nest = {"step"}, .thread = 0, .dtype = DType::kF64, .is_vector = false, .site = {},
          .is_argument = false, .is_draw = false, .replay = {}, .probe = {}};
}

// What a recording does: round n appends row n, a state of which the leaf "n" is n, and says so in the run.
void record_round(Store& store, RunId run, std::uint64_t n) {
  WriteBatch batch = need(store.write());
  store::Run stored = need(store.read_run(run));
  stored.records = n;
  need(batch.put_run(stored));
  SeriesColumns rows;
  rows.append({{"step", 0, n, {}}}, 0, n, Status::kRecorded, 0,
              {.dtype = DType::kF64, .is_vector = false, .bytes = std::string(reinterpret_cast<const char*>(&n), 8)});
  need(batch.append_series(run, {loss_key(), rows}));
  Draw draw(n);
  std::vector<OwnedLeaf> leaves = {{.path = "n", .dtype = DType::kU64, .shape = {}, .bytes = std::to_string(n)},
                                   {.path = "w", .dtype = DType::kF32, .shape = {}, .bytes = draw.bytes(draw.number(400000))}};
  need(batch.put_checkpoint(run, {}, borrow(leaves)));
  need(batch.commit());
}

// The rounds of `run` that are there, all of them whole: else the test fails. Where somebody writes meanwhile, what is read later may have more of
// them: each of the three reads sees one moment, and these follow one another.
enum class Writer { kGone, kAtWork };
std::uint64_t whole_rounds(const Store& store, RunId run, Writer writer = Writer::kGone) {
  const std::uint64_t rounds = need(store.read_run(run)).records;
  const std::vector<Series> series = need(store.read_series(run, nullptr));
  const std::vector<std::uint64_t> rows = series.empty() ? std::vector<std::uint64_t>() : series[0].columns.scalars;
  const auto follows = [&](std::uint64_t now, std::uint64_t before) { return writer == Writer::kGone ? now == before : now >= before; };
  EXPECT_TRUE(follows(rows.size(), rounds)) << rows.size() << " rows, " << rounds << " rounds";
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], i + 1);
  const std::vector<Checkpoint> checkpoints = need(store.checkpoints(run));
  EXPECT_TRUE(follows(checkpoints.size(), rows.size())) << checkpoints.size() << " checkpoints, " << rows.size() << " rows";
  for (const Checkpoint& checkpoint : checkpoints) {
    std::vector<std::string> leaves;
    need(store.read_state(run, checkpoint, [&](const Leaf&, std::string_view bytes) -> Result<void> {
      leaves.emplace_back(bytes);
      return {};
    }));
    EXPECT_EQ(leaves.at(0), std::to_string(checkpoint.number + 1));
    Draw draw(checkpoint.number + 1);
    EXPECT_TRUE(leaves.at(1) == draw.bytes(draw.number(400000)));
  }
  return rounds;
}

RunId new_run(Store& store) {
  WriteBatch batch = need(store.write());
  const RunId run = need(batch.put_run({}));
  need(batch.commit());
  return run;
}

class ProcessFault : public testing::Test {
 protected:
  std::filesystem::path store_folder() const { return folder_ / "s"; }
  void make_store() { need(Store::create(store_folder())); }
  Store open(Store::Access access = Store::Access::kWrite) const { return need(Store::open(store_folder(), access)); }
  void expect_clean() const {
    const Store store = open(Store::Access::kRead);
    EXPECT_THAT(need(store.check()).problems, IsEmpty());
  }
  // Runs `body` with file systems of its own, in a child; skips aloud where that is not permitted.
  int in_own_mounts(const std::function<bool()>& body) {
    constexpr int kNotPermitted = 77;
    Child child([&] {
      if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) _exit(kNotPermitted);
      return body();
    });
    const int status = child.wait();
    not_permitted_ = status == kNotPermitted;
    return status;
  }
  TemporaryFolder folder_;
  bool not_permitted_ = false;
};

TEST_F(ProcessFault, NothingCommittedIsLostWhenTheWriterIsKilled) {
  make_store();
  RunId run;
  {
    Store store = open();
    run = new_run(store);
  }
  Draw draw(seed());
  std::uint64_t rounds = 0;
  for (int kills = 0; kills < 40 && !HasFailure(); ++kills) {
    SCOPED_TRACE(kills);
    Pipe acks;
    Child writer([&] {
      acks.close(0);
      Store store = open();
      for (std::uint64_t n = rounds + 1;; ++n) {
        record_round(store, run, n);
        acks.put(static_cast<std::uint32_t>(n));
      }
      return true;
    });
    acks.close(1);
    std::uint64_t acked = rounds;
    for (std::uint64_t wait_for = draw.number(3); wait_for > 0; --wait_for) acked = acks.get().value();
    // Somewhere within the next round: this many turns of work rather than a time.
    volatile std::uint64_t turns = draw.number(20'000'000);
    while (turns > 0) turns = turns - 1;
    writer.kill(SIGKILL);
    ASSERT_EQ(writer.wait(), 256 + SIGKILL);
    while (const std::optional<std::uint32_t> n = acks.get()) acked = *n;
    const Store store = open(Store::Access::kRead);
    const std::uint64_t there = whole_rounds(store, run);
    EXPECT_GE(there, acked);
    EXPECT_LE(there, acked + 1);
    EXPECT_THAT(need(store.check()).problems, IsEmpty());
    rounds = there;
  }
  EXPECT_GT(rounds, 10u);
}

TEST_F(ProcessFault, AKilledCreationCanBeDoneAgain) {
  Draw draw(seed());
  for (int kills = 0; kills < 30 && !HasFailure(); ++kills) {
    SCOPED_TRACE(kills);
    Pipe started;
    Child maker([&] {
      started.put(1);
      make_store();
      return true;
    });
    started.get();
    volatile std::uint64_t turns = draw.number(8'000'000);
    while (turns > 0) turns = turns - 1;
    maker.kill(SIGKILL);
    const bool made = maker.wait() == 0;
    if (!made && !std::filesystem::exists(store_folder() / "format")) {
      const Result<Store> again = Store::create(store_folder());
      // LMDB's first two pages may be cut in half, which looks like any other damage.
      EXPECT_TRUE(again || again.error().kind() == ErrorKind::kCorrupt) << again.error().message();
    } else {
      expect_clean();
    }
    std::filesystem::remove_all(store_folder());
  }
}

TEST_F(ProcessFault, TwoProcessesWritingAtOnceBothComplete) {
  make_store();
  const auto record = [this] {
    Store store = open();
    const RunId run = new_run(store);
    for (std::uint64_t n = 1; n <= 30; ++n) record_round(store, run, n);
    return true;
  };
  Child first(record), second(record);
  // A reader in between sees whole states only.
  for (int i = 0; i < 10; ++i) {
    const Store store = open(Store::Access::kRead);
    for (const store::Run& run : need(store.runs())) whole_rounds(store, run.id, Writer::kAtWork);
  }
  EXPECT_EQ(first.wait(), 0);
  EXPECT_EQ(second.wait(), 0);
  const Store store = open(Store::Access::kRead);
  EXPECT_EQ(whole_rounds(store, RunId{1}), 30u);
  EXPECT_EQ(whole_rounds(store, RunId{2}), 30u);
  expect_clean();
}

TEST_F(ProcessFault, AForkedChildIsRefusedAndCannotHarmTheStore) {
  make_store();
  Store store = open();
  const RunId run = new_run(store);
  record_round(store, run, 1);
  Child child([&] {
    const bool refused = store.runs().error().kind() == ErrorKind::kInvalid && store.write().error().kind() == ErrorKind::kInvalid;
    Store own = open();
    record_round(own, run, 2);
    return refused;
  });
  EXPECT_EQ(child.wait(), 0);
  record_round(store, run, 3);
  EXPECT_EQ(whole_rounds(store, run), 3u);
}

TEST_F(ProcessFault, AStoreOfANewerFormatIsNamedWithBothNumbers) {
  make_store();
  write_file(store_folder() / "format", "7\n");
  const Result<Store> store = Store::open(store_folder(), Store::Access::kRead);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind(), ErrorKind::kUnsupported);
  EXPECT_THAT(store.error().message(), HasSubstr("format 7"));
  EXPECT_THAT(store.error().message(), HasSubstr("up to " + std::to_string(kFormat)));
  EXPECT_FALSE(store.error().hint().empty());
}

TEST_F(ProcessFault, AnOlderStoreIsReadAsItIsAndGetsOurNumberBeforeItIsWritten) {
  make_store();
  write_file(store_folder() / "format", "1\n");
  const int before = 1;
  EXPECT_EQ(need(need(Store::open(store_folder(), Store::Access::kRead)).check()).problems, std::vector<std::string>());
  EXPECT_EQ(need(read_format(store_folder())), before);
  Store store = need(Store::open(store_folder(), Store::Access::kWrite));
  EXPECT_EQ(need(read_format(store_folder())), kFormat);
  need(need(store.write()).commit());
}

TEST_F(ProcessFault, AFormatFileThatHoldsNoNumberIsCorrupt) {
  make_store();
  for (const char* text : {"", "1", "one\n", "-1\n", "0\n", "1\n\n", " 1\n", "1 \n", "99999999999999999999\n"}) {
    write_file(store_folder() / "format", text);
    const Result<Store> store = Store::open(store_folder(), Store::Access::kRead);
    ASSERT_FALSE(store) << text;
    EXPECT_EQ(store.error().kind(), ErrorKind::kCorrupt) << text;
    EXPECT_THAT(store.error().message(), HasSubstr("(I1)"));
  }
}

TEST_F(ProcessFault, AFolderWithoutAStoreIsNotFound) {
  for (const std::filesystem::path& folder : {folder_.path(), folder_ / "nothing"}) {
    const Result<Store> store = Store::open(folder, Store::Access::kRead);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind(), ErrorKind::kNotFound);
  }
  make_store();
  EXPECT_EQ(Store::create(store_folder()).error().kind(), ErrorKind::kInvalid);
  std::filesystem::remove(store_folder() / "format");
  EXPECT_EQ(Store::open(store_folder(), Store::Access::kRead).error().kind(), ErrorKind::kCorrupt);
  EXPECT_TRUE(Store::create(store_folder()));
}

TEST_F(ProcessFault, CreatingOverRunsThatHaveLostTheirFormatFileIsRefused) {
  make_store();
  {
    Store store = open();
    new_run(store);
  }
  std::filesystem::remove(store_folder() / "format");
  EXPECT_EQ(Store::create(store_folder()).error().kind(), ErrorKind::kCorrupt);
  write_file(store_folder() / "format", "2\n");
  EXPECT_EQ(need(open().runs()).size(), 1u);
}

TEST_F(ProcessFault, AReadOnlyStoreIsReadAndNotWritten) {
  make_store();
  {
    Store store = open();
    record_round(store, new_run(store), 1);
  }
  const std::string path = folder_.path().string();
  for (const bool with_lock_file : {true, false}) {
    if (!with_lock_file) std::filesystem::remove(store_folder() / "lock.mdb");
    const int status = in_own_mounts([&] {
      if (mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) != 0 ||
          mount("none", path.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
        _exit(77);
      }
      const Result<Store> writing = Store::open(store_folder(), Store::Access::kWrite);
      if (writing || writing.error().kind() != ErrorKind::kIo) return false;
      if (writing.error().message().find("read-only") == std::string::npos) return false;
      const Store store = open(Store::Access::kRead);
      return whole_rounds(store, RunId{1}) == 1 && need(store.check()).problems.empty() && !HasFailure();
    });
    if (not_permitted_) GTEST_SKIP() << "SKIP: mounting is not permitted here";
    EXPECT_EQ(status, 0) << with_lock_file;
  }
}

TEST_F(ProcessFault, AFullDiskLosesNothingAndWritingGoesOnOnceThereIsRoom) {
  const std::string disk = (folder_ / "disk").string();
  std::filesystem::create_directory(disk);
  const int status = in_own_mounts([&] {
    if (mount("none", disk.c_str(), "tmpfs", 0, "size=8m") != 0) _exit(77);
    const std::string ballast = disk + "/ballast";
    write_file(ballast, std::string(1 << 20, 'b'));
    Store store = need(Store::create(disk + "/s"));
    const RunId run = new_run(store);
    std::uint64_t n = 1;
    std::string sentence;
    for (; sentence.empty() && n < 200; ++n) {
      try {
        record_round(store, run, n);
      } catch (const std::exception& full) {
        sentence = full.what();
      }
    }
    n -= 2;  // the last that succeeded
    if (sentence.find("the disk is full") == std::string::npos) throw std::runtime_error("said: " + sentence);
    if (n < 3 || whole_rounds(store, run) != n || !need(store.check()).problems.empty()) return false;
    // What is needed to go on is little, since the room of the failed batch is used again.
    std::filesystem::remove(ballast);
    SeriesColumns rows;
    rows.append({{"step", 0, 1, {}}}, 0, 1, Status::kRecorded, 0, {.dtype = DType::kF64, .is_vector = false, .bytes = "12345678"});
    SeriesKey other = loss_key();
    other.name = "after";
    WriteBatch batch = need(store.write(), "write again");
    need(batch.append_series(run, {other, rows}), "append again");
    need(batch.commit(), "commit again");
    return need(store.check()).problems.empty() && need(store.series_keys(run)).size() == 2 && !HasFailure();
  });
  if (not_permitted_) GTEST_SKIP() << "SKIP: mounting is not permitted here";
  EXPECT_EQ(status, 0);
}

// Address space for a map of 128 MiB and not for the next size.
bool limit_address_space() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages;
  const rlimit limit{pages * 4096 + (600u << 20), RLIM_INFINITY};
  return pages > 0 && setrlimit(RLIMIT_AS, &limit) == 0;
#endif
}

// Pseudo-random, so that it is stored as it is.
std::vector<OwnedLeaf> dense_leaves(std::uint64_t from, std::size_t megabytes) {
  std::mt19937_64 engine(from);
  std::string bytes(megabytes << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = engine();
    std::memcpy(bytes.data() + i, &word, 8);
  }
  return {{.path = "dense", .dtype = DType::kU64, .shape = {}, .bytes = std::move(bytes)}};
}

TEST_F(ProcessFault, WhereAddressSpaceIsShortTheMapGrowsUnseen) {
  make_store();
  Pipe to_child, to_parent;
  Child limited([&] {
    if (!limit_address_space()) _exit(77);
    Store store = open();
    const RunId run = new_run(store);
    for (std::uint64_t i = 0; i < 4; ++i) {
      WriteBatch batch = need(store.write());
      need(batch.put_checkpoint(run, {}, borrow(dense_leaves(i, 40))));
      need(batch.commit());
    }
    to_parent.put(1);
    to_child.get();
    // Another process, with more room, has written past our map.
    return need(store.checkpoints(run)).size() == 6 && need(store.check()).problems.empty();
  });
  to_parent.close(1);
  if (to_parent.get()) {
    Store store = open();
    for (std::uint64_t i = 4; i < 6; ++i) {
      WriteBatch batch = need(store.write());
      need(batch.put_checkpoint(RunId{1}, {}, borrow(dense_leaves(i, 40))));
      need(batch.commit());
    }
    to_child.put(1);
  }
  const int status = limited.wait();
  if (status == 77) GTEST_SKIP() << "SKIP: address space cannot be limited under a sanitizer";
  EXPECT_EQ(status, 0);
}

TEST_F(ProcessFault, ABatchLargerThanMemoryAllowsIsSplitAndStillAllOrNothing) {
  make_store();
  Store store = open();
  const RunId run = new_run(store);
  {
    WriteBatch batch = need(store.write());
    for (std::uint64_t i = 0; i < 3; ++i) need(batch.put_checkpoint(run, {}, borrow(dense_leaves(i, 40))));
    EXPECT_THAT(need(store.checkpoints(run)), IsEmpty());
  }
  EXPECT_THAT(need(store.checkpoints(run)), IsEmpty());
  EXPECT_THAT(need(store.check()).problems, IsEmpty());
  const std::uintmax_t before = std::filesystem::file_size(store_folder() / "data.mdb");
  EXPECT_GT(before, 40u << 20) << "the batch was not split";
  WriteBatch batch = need(store.write());
  for (std::uint64_t i = 0; i < 3; ++i) need(batch.put_checkpoint(run, {}, borrow(dense_leaves(i, 40))));
  need(batch.commit());
  EXPECT_EQ(need(store.checkpoints(run)).size(), 3u);
  EXPECT_LT(std::filesystem::file_size(store_folder() / "data.mdb"), std::uintmax_t{130} << 20) << "chunks left behind were not used";
  expect_clean();
}

}  // namespace
}  // namespace hindsight::store::test

#include "runtime/host/recorder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "runtime/host/outcome.h"
#include "runtime/host/recording.h"
#include "tests/host/support/journal_builder.h"

namespace hindsight::host::testing {
namespace {

using Lines = std::vector<std::string>;

double number(const store::Value& value) {
  double result = -1;
  if (value.bytes.size() == sizeof result) std::memcpy(&result, value.bytes.data(), sizeof result);
  return result;
}

struct RecorderTest : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("hindsight-recorder-" + std::to_string(::getpid()));
  std::filesystem::path store_folder = folder / ".hindsight";
  std::optional<store::Store> store;
  store::Run about;
  HostOptions options;
  std::function<void(const Event&)> on_event;
  bool ended = false;  // end_runs worked

  RecorderTest() {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    about.group = 5;
  }
  ~RecorderTest() override {
    store.reset();
    std::filesystem::remove_all(folder);
  }
  void SetUp() override {
    auto created = store::Store::create(store_folder);
    ASSERT_TRUE(created) << created.error().message();
    store.emplace(std::move(*created));
    options.journal_folder = store->journal_folder();
    options.pool_limit = 64 << 20;
  }

  // Also tells on_event.
  class Watching : public Listener {
   public:
    Watching(std::unique_ptr<Listener> inner, const RecorderTest& test) : inner_(std::move(inner)), test_(test) {}
    void on_event(const Event& event, std::uint64_t offset) override {
      inner_->on_event(event, offset);
      if (test_.on_event) test_.on_event(event);
    }
    Answer on_ask(const store::Point& point) override { return inner_->on_ask(point); }
    void on_idle() override { inner_->on_idle(); }
    void on_end(const SessionEnd& end) override { inner_->on_end(end); }
    std::string unsaved() const override { return inner_->unsaved(); }

   private:
    std::unique_ptr<Listener> inner_;
    const RecorderTest& test_;
  };

  Result<ProcessExit> record(const Lines& commands) {
    Launch launch;
    launch.program = HOST_FAKE_PROGRAM;
    launch.argv = {HOST_FAKE_PROGRAM};
    launch.argv.insert(launch.argv.end(), commands.begin(), commands.end());
    auto exit = serve(launch, options, [this](const Attached& who) -> Result<Session> {
      Result<Session> session = begin_run(*store, about, who);
      if (session) session->listener = std::make_unique<Watching>(std::move(session->listener), *this);
      return session;
    });
    EXPECT_TRUE(exit);
    if (exit) ended = end_runs(*store, about.group, *exit).has_value();
    return exit;
  }

  store::Run run(std::uint64_t number = 1) const {
    auto found = store->read_run(store::RunId{number});
    EXPECT_TRUE(found);
    return found ? *found : store::Run{};
  }
  std::vector<store::Series> series(std::uint64_t number = 1) const {
    auto found = store->read_series(store::RunId{number}, [](const store::SeriesKey&) { return true; });
    EXPECT_TRUE(found);
    return found ? *found : std::vector<store::Series>{};
  }
  // Of the one series of that run: "epoch=3 #0 o3 = 0.5", in the order of logging.
  Lines values(std::uint64_t run_number = 1) const {
    std::map<std::uint64_t, std::string> lines;
    for (const store::Series& one : series(run_number)) {
      for (std::size_t row = 0; row < one.columns.size(); ++row) {
        const store::Position position = one.columns.position(row, one.key.nest);
        const std::string line = one.key.name + " " + to_string(position) + " #" +
                                 std::to_string(one.columns.seq[row]) + " = " +
                                 std::to_string(number(one.columns.value(row, one.key)));
        EXPECT_TRUE(lines.emplace(one.columns.order[row], line).second)
            << "two values have the order " << one.columns.order[row];
      }
    }
    Lines result;
    for (auto& [order, line] : lines) result.push_back(line);
    return result;
  }
  std::size_t journals() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(store->journal_folder()))
      count += entry.path().extension() == ".journal" ? 1 : 0;
    return count;
  }
};

TEST_F(RecorderTest, PutsValuesIntoTheStore) {
  about.argv = {"./train", "--epochs", "3"};
  ASSERT_TRUE(record({"values:3", "end"}));
  EXPECT_EQ(values().size(), 3u);
  EXPECT_EQ(values()[2], "loss epoch=2 #0 = 2.000000");
  ASSERT_EQ(series().size(), 1u);
  const store::SeriesKey key = series()[0].key;
  EXPECT_EQ(key.name, "loss");
  EXPECT_EQ(key.nest, Lines{"epoch"});
  EXPECT_EQ(key.site, (store::Site{"train.cc", 1}));
  EXPECT_EQ(key.dtype, store::DType::kF64);
  const store::Run recorded = run();
  EXPECT_EQ(recorded.state, store::RunState::kFinished);
  EXPECT_EQ(recorded.exit_code, 0);
  EXPECT_EQ(recorded.records, 3u);
  EXPECT_EQ(recorded.argv, about.argv);
  EXPECT_EQ(recorded.program, std::filesystem::canonical(HOST_FAKE_PROGRAM));
  EXPECT_GT(recorded.started_ns, 0);
  EXPECT_GE(recorded.ended_ns, recorded.started_ns);
  EXPECT_FALSE(recorded.uid.is_zero());
  EXPECT_EQ(recorded.notes, Lines{});
  EXPECT_EQ(journals(), 0u);
}

TEST_F(RecorderTest, KeepsTheExitStatusAndWhatKilledTheProgram) {
  ASSERT_TRUE(record({"values:2", "exit:3"}));
  EXPECT_EQ(run(1).state, store::RunState::kFinished);
  EXPECT_EQ(run(1).exit_code, 3);
  about.group = 6;
  ASSERT_TRUE(record({"values:2", "die:11"}));
  EXPECT_EQ(run(2).state, store::RunState::kCrashed);
  EXPECT_EQ(run(2).signal, 11);
  EXPECT_EQ(values(2).size(), 2u);
}

TEST_F(RecorderTest, EveryProcessThatAttachesIsARunOfTheGroup) {
  ASSERT_TRUE(record({"values:1", "child:values:2", "end"}));
  ASSERT_EQ(store->runs()->size(), 2u);
  EXPECT_EQ(run(1).group, run(2).group);
  EXPECT_NE(run(1).uid, run(2).uid);
  EXPECT_EQ(values(1).size(), 1u);
  EXPECT_EQ(values(2).size(), 2u);
}

TEST_F(RecorderTest, PutsStatesIntoTheStoreBitForBit) {
  ASSERT_TRUE(record({"capture:", "capture:"}));
  const auto checkpoints = store->checkpoints(store::RunId{1});
  ASSERT_TRUE(checkpoints);
  ASSERT_EQ(checkpoints->size(), 2u);
  EXPECT_EQ((*checkpoints)[1].number, 1u);
  EXPECT_EQ((*checkpoints)[0].digest, 77u);
  EXPECT_EQ((*checkpoints)[0].point.loop, "epoch");
  EXPECT_EQ(run().checkpoints, 2u);
  Lines leaves;
  ASSERT_TRUE(store->read_state(store::RunId{1}, (*checkpoints)[0],
                                [&](const store::Leaf& leaf, std::string_view bytes) -> Result<void> {
                                  leaves.push_back(leaf.path + " " + std::string(bytes));
                                  return {};
                                }));
  EXPECT_EQ(leaves, (Lines{"w 0123456789abcdef", "i 12345678"}));
}

TEST_F(RecorderTest, StatesThatCouldNotBeTakenAreCountedWithTheirReason) {
  ASSERT_TRUE(record({"capture:torn", "capture:torn", "values:1"}));
  EXPECT_EQ(run().skipped, 2u);
  EXPECT_EQ(run().checkpoints, 0u);
  ASSERT_FALSE(run().notes.empty());
  EXPECT_TRUE(run().notes[0].starts_with("2 states were not captured")) << run().notes[0];
  EXPECT_EQ(values().size(), 1u);
}

TEST_F(RecorderTest, ManyValuesArriveInBoundedBatches) {
  ASSERT_TRUE(record({"values:60000"}));
  EXPECT_EQ(run().records, 60000u);
  const Lines lines = values();
  ASSERT_EQ(lines.size(), 60000u);
  EXPECT_EQ(lines[59999], "loss epoch=59999 #0 = 59999.000000");
}

TEST_F(RecorderTest, SitesInsideTheProjectAreStoredRelativeToIt) {
  store::Version version;
  version.id.hash = {1, 2};
  version.project_root = "/home/me/project";
  auto batch = store->write();
  ASSERT_TRUE(batch);
  ASSERT_TRUE(batch->put_version(version));
  ASSERT_TRUE(batch->commit());
  about.version = version.id;
  ASSERT_TRUE(record({"log-at:/home/me/project/src/train.cc", "log-at:/usr/include/lib.h"}));
  std::vector<std::string> files;
  for (const store::Series& one : series()) files.push_back(one.key.site.file);
  std::sort(files.begin(), files.end());
  EXPECT_EQ(files, (Lines{"/usr/include/lib.h", "src/train.cc"}));
}

// ---- two at once ---------------------------------------------------------------------------------------------------

pid_t start(const Lines& arguments) {
  std::vector<char*> argv;
  Lines copy = arguments;
  for (std::string& argument : copy) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  return ::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) == 0 ? pid : -1;
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

TEST_F(RecorderTest, TwoRecordingsAtOnceIntoOneStoreBothComplete) {
  const Lines arguments = {
      HOST_RECORD_PROGRAM, store_folder, HOST_FAKE_PROGRAM, "values:20000", "capture:", "values:20000", "end"};
  const pid_t first = start(arguments);
  const pid_t second = start(arguments);
  EXPECT_EQ(wait_for(first), 0);
  EXPECT_EQ(wait_for(second), 0);
  ASSERT_EQ(store->runs()->size(), 2u);
  for (const std::uint64_t number : {1u, 2u}) {
    EXPECT_EQ(run(number).state, store::RunState::kFinished);
    EXPECT_EQ(run(number).records, 40000u);
    EXPECT_EQ(run(number).checkpoints, 1u);
    EXPECT_EQ(values(number).size(), 40000u);
  }
}

TEST_F(RecorderTest, ARecordingThatGoesOnIsLeftAlone) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  ::fcntl(pipe[1], F_SETFD, FD_CLOEXEC);
  bool asked = false;
  on_event = [&](const Event& event) {
    if (asked || !std::holds_alternative<ValueEvent>(event)) return;
    asked = true;
    std::thread([&] {  // as another process would
      const auto recovered = recover_journals(*store);
      EXPECT_TRUE(recovered);
      EXPECT_EQ(recovered ? *recovered : 99, 0u);
      EXPECT_EQ(run().state, store::RunState::kRecording);
      ::close(pipe[1]);
    })
        .join();
  };
  ASSERT_TRUE(record({"values:1", "wait-byte:" + std::to_string(pipe[0]), "values:2"}));
  EXPECT_TRUE(asked);
  EXPECT_EQ(values().size(), 3u);
  ::close(pipe[0]);
}

// ---- journals left behind ------------------------------------------------------------------------------------------

struct RecoverFault : RecorderTest {
  // A run as begin_run leaves it, and its journal's file.
  std::uint64_t begin(const JournalBuilder& journal) {
    const auto session = begin_run(*store, about, Attached{});
    EXPECT_TRUE(session);
    std::filesystem::create_directories(store->journal_folder());
    write(journal_file(journal, session->run));
    return session->run;
  }
  void write(const std::string& file) {
    std::filesystem::remove(path());
    std::ofstream(path(), std::ios::binary) << file;
  }
  std::filesystem::path path() const { return store->journal_folder() / "left.journal"; }

  static JournalBuilder some(std::size_t records = 1000) {
    JournalBuilder journal(99);
    const auto put = [&](const std::function<void()>& record) {
      if (records == 0) return;
      --records;
      record();
    };
    std::uint32_t loss = 1, epoch = 2;
    put([&] { journal.site(wire::SiteKind::kLog, "loss"); });
    put([&] { journal.site(wire::SiteKind::kLoop, "epoch"); });
    for (std::uint64_t i = 0; i < 3; ++i) {
      put([&] { journal.position(0, epoch, i, {.has_state = true, .clock_ns = static_cast<std::int64_t>(i + 1)}); });
      put([&] { journal.value(i + 1, loss, static_cast<double>(i)); });
      put([&] { journal.value(i + 1, loss, 100); });
      put([&] { journal.digest(JournalBuilder::point(0, epoch, i + 1), i); });
      put([&] { journal.skipped(JournalBuilder::point(0, epoch, i + 1), "pool full"); });
    }
    put([&] {
      journal.loop_end(JournalBuilder::point(0, epoch, 3, wire::PointKind::kExit), wire::LoopEndKind::kFinished, 9);
    });
    put([&] { journal.note("a note"); });
    return journal;
  }
  static constexpr std::size_t kRecords = 2 + 3 * 5 + 2;

  // Everything of the run but what says when it was taken in.
  std::string contents(std::uint64_t number) const {
    std::string text;
    for (const std::string& line : values(number)) text += line + "\n";
    const auto loops = store->loops(store::RunId{number});
    for (const store::LoopInstance& loop : *loops) {
      text += "loop " + loop.loop + " x" + std::to_string(loop.labels.size()) + " ended " +
              std::to_string(loop.ended_ns) + "\n";
    }
    const auto digests = store->digests(store::RunId{number});
    for (const store::SmallDigest& digest : *digests)
      text += to_string(digest.point) + " " + std::to_string(digest.digest) + "\n";
    const store::Run known = run(number);
    text += std::to_string(known.records) + " values, " + std::to_string(known.skipped) + " skipped\n";
    for (const std::string& note : known.notes) {
      if (note.find("pool full") != std::string::npos || note.starts_with("a note")) text += note + "\n";
    }
    return text;
  }
};

TEST_F(RecoverFault, AJournalLeftBehindIsTakenInAndItsRunMarkedCrashed) {
  const std::uint64_t number = begin(some());
  const auto recovered = recover_journals(*store);
  ASSERT_TRUE(recovered) << recovered.error().message();
  EXPECT_EQ(*recovered, 1u);
  EXPECT_EQ(journals(), 0u);
  EXPECT_EQ(run(number).state, store::RunState::kCrashed);
  EXPECT_EQ(values(number),
            (Lines{"loss epoch=0 #0 = 0.000000", "loss epoch=0 #1 = 100.000000", "loss epoch=1 #0 = 1.000000",
                   "loss epoch=1 #1 = 100.000000", "loss epoch=2 #0 = 2.000000", "loss epoch=2 #1 = 100.000000"}));
  EXPECT_EQ(*recover_journals(*store), 0u);
}

TEST_F(RecoverFault, TakenInPieceByPieceOrAtOnceItIsTheSame) {
  const std::uint64_t whole = begin(some());
  ASSERT_TRUE(recover_journals(*store));
  const std::string expected = contents(whole);
  for (std::size_t first = 0; first <= kRecords; ++first) {
    SCOPED_TRACE(first);
    const std::uint64_t number = begin(some(first));
    ASSERT_EQ(*recover_journals(*store), 1u);
    // The rest of the same journal turns up, as after a kill between two commits.
    write(journal_file(some(), number));
    ASSERT_EQ(*recover_journals(*store), 1u);
    EXPECT_EQ(contents(number), expected);
    // And again, as after a kill between the commit and the removal of the file.
    write(journal_file(some(), number));
    ASSERT_EQ(*recover_journals(*store), 1u);
    EXPECT_EQ(contents(number), expected);
  }
}

TEST_F(RecoverFault, ARunWithoutAJournalThatNobodyRecordsIsMarkedCrashed) {
  const auto session = begin_run(*store, about, Attached{});
  ASSERT_TRUE(session);
  EXPECT_EQ(*recover_journals(*store), 0u);
  EXPECT_EQ(run(session->run).state, store::RunState::kCrashed);
}

TEST_F(RecoverFault, AJournalThatCannotBeReadIsNamedAndDoesNotKeepOthersFromBeingTakenIn) {
  const std::uint64_t number = begin(some());
  std::ofstream(store->journal_folder() / "a.journal") << "no journal";
  const auto recovered = recover_journals(*store);
  ASSERT_FALSE(recovered);
  EXPECT_NE(recovered.error().message().find("a.journal"), std::string::npos);
  EXPECT_EQ(values(number).size(), 6u);
  EXPECT_TRUE(std::filesystem::exists(store->journal_folder() / "a.journal"));
}

TEST_F(RecoverFault, ATornTailIsLeftOutAndSaid) {
  std::string file;
  const std::uint64_t number = begin(some());
  file = journal_file(some(), number);
  write(file.substr(0, file.size() - 5));
  ASSERT_TRUE(recover_journals(*store));
  EXPECT_EQ(values(number).size(), 6u);
  bool said = false;
  for (const std::string& note : run(number).notes) said = said || note.find("middle of a record") != std::string::npos;
  EXPECT_TRUE(said);
}

TEST_F(RecoverFault, NothingAcknowledgedIsLostWhenHostAndProgramAreKilledAtAnyMoment) {
  const char* chosen = std::getenv("HINDSIGHT_TEST_SEED");
  const auto seed =
      chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : static_cast<unsigned long long>(std::random_device{}());
  std::cout << "HINDSIGHT_TEST_SEED=" << seed << "\n";
  std::mt19937_64 random(seed);
  store.reset();
  std::size_t total = 0;
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    ::fcntl(pipe[0], F_SETFD, FD_CLOEXEC);
    const pid_t host = start({HOST_RECORD_PROGRAM, store_folder, HOST_FAKE_PROGRAM, "acks:" + std::to_string(pipe[1])});
    ASSERT_GT(host, 0);
    ::close(pipe[1]);
    const bool host_first = random() % 2 == 0;
    const std::size_t until = 1 + random() % 20000;
    std::size_t acknowledged = 0;
    char bytes[4096];
    const auto read_some = [&](std::size_t most) {
      const ssize_t got = ::read(pipe[0], bytes, std::min(sizeof bytes, most));
      if (got > 0) acknowledged += static_cast<std::size_t>(got);
      return got > 0;
    };
    while (acknowledged < until && read_some(until - acknowledged)) {
    }
    // The host alone; then the program finds its pipe closed and ends. Or first the program, through its pipe.
    if (host_first) {
      ::kill(host, SIGKILL);
      wait_for(host);
      for (std::size_t more = random() % 2000; more > 0 && read_some(more); more -= std::min<std::size_t>(more, 100)) {
      }
    }
    ::close(pipe[0]);
    if (!host_first) {
      ::kill(host, SIGKILL);
      wait_for(host);
    }
    // The program may live for a moment; its journal is live as long.
    auto opened = store::Store::open(store_folder, store::Store::Access::kWrite);
    ASSERT_TRUE(opened);
    store.emplace(std::move(*opened));
    do {
      const auto recovered = recover_journals(*store);
      ASSERT_TRUE(recovered) << recovered.error().message();
    } while (journals() > 0);
    const auto runs = store->runs();
    ASSERT_TRUE(runs);
    ASSERT_EQ(runs->size(), static_cast<std::size_t>(round) + 1);
    const std::uint64_t number = runs->back().id.number;
    EXPECT_EQ(runs->back().state, store::RunState::kCrashed);
    const Lines lines = values(number);
    ASSERT_GE(lines.size(), acknowledged);
    EXPECT_EQ(run(number).records, lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      ASSERT_EQ(lines[i], "loss " + to_string(store::Position{}) + " #" + std::to_string(i) + " = " +
                              std::to_string(static_cast<double>(i)));
    }
    total += lines.size();
    store.reset();
  }
  std::cout << total << " values recovered\n";
}

TEST_F(RecoverFault, AFullDiskDoesNotHurtTheTrainingAndIsMadeUpForLater) {
  store.reset();
  std::filesystem::remove_all(store_folder);
  std::filesystem::create_directories(store_folder);
  if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", store_folder.c_str(), "tmpfs", 0, "size=24m") != 0) {
    GTEST_SKIP() << "SKIP: mounting a small file system is not permitted here";
  }
  auto created = store::Store::create(store_folder);
  ASSERT_TRUE(created) << created.error().message();
  store.emplace(std::move(*created));
  options.journal_folder = store->journal_folder();
  on_event = [&](const Event& event) {
    if (!std::holds_alternative<ValueEvent>(event) || std::filesystem::exists(store_folder / "filler")) return;
    std::ofstream filler(store_folder / "filler");
    const std::string block(1 << 16, 'x');
    while (filler << block << std::flush) {
    }
  };
  const auto exit = record({"values:20000", "capture:", "values:20000", "exit:6"});
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 6);
  ASSERT_EQ(exit->problems.size(), 1u);
  EXPECT_EQ(journals(), 1u);
  std::filesystem::remove(store_folder / "filler");
  const auto recovered = recover_journals(*store);
  ASSERT_TRUE(recovered) << recovered.error().message();
  EXPECT_EQ(*recovered, 1u);
  EXPECT_EQ(values().size(), 40000u);
  EXPECT_EQ(run().skipped, 1u);
  store.reset();
  ::umount2(store_folder.c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace hindsight::host::testing

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

#include "runtime/host/host.h"
#include "runtime/host/journal_file.h"
#include "runtime/host/leaves.h"
#include "tests/host/support/collector.h"
#include "tests/host/support/journal_builder.h"

namespace hindsight::host::testing {
namespace {

using Lines = std::vector<std::string>;

// Serves programs and keeps what they said, one Heard per attached process, in the order of attaching.
struct ServeTest : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("hindsight-serve-" + std::to_string(::getpid()));
  HostOptions options;
  Launch launch;
  std::vector<std::unique_ptr<Heard>> heard;
  std::vector<Attached> attached;
  std::function<Answer(const store::Point&)> answer;
  std::function<void(const Attached&)> on_attach;
  std::function<void(const Event&)> on_event;
  std::function<void()> on_idle;
  bool refuse = false;

  ServeTest() {
    std::filesystem::create_directories(folder);
    options.journal_folder = folder / "journal";
    options.pool_limit = 64 << 20;
  }
  ~ServeTest() override { std::filesystem::remove_all(folder); }

  class Watching : public Collector {
   public:
    Watching(Heard& heard, const ServeTest& test) : Collector(heard), test_(test) { answer = test.answer; }
    void on_event(const Event& event, std::uint64_t offset) override {
      Collector::on_event(event, offset);
      if (test_.on_event) test_.on_event(event);
    }
    void on_idle() override {
      Collector::on_idle();
      if (test_.on_idle) test_.on_idle();
    }

   private:
    const ServeTest& test_;
  };

  SessionFactory factory() {
    return [this](const Attached& who) -> Result<Session> {
      attached.push_back(who);
      if (refuse) return Error(ErrorKind::kIo, "the disk is full");
      heard.push_back(std::make_unique<Heard>());
      if (on_attach) on_attach(who);
      return Session{std::make_unique<Watching>(*heard.back(), *this), heard.size()};
    };
  }

  Result<ProcessExit> run(const Lines& commands) {
    heard.clear();
    attached.clear();
    launch.program = HOST_FAKE_PROGRAM;
    launch.argv = {HOST_FAKE_PROGRAM};
    launch.argv.insert(launch.argv.end(), commands.begin(), commands.end());
    return serve(launch, options, factory());
  }
  std::size_t journals() const {
    std::size_t count = 0;
    if (!std::filesystem::exists(options.journal_folder)) return 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(options.journal_folder)) ++count;
    return count;
  }
};

TEST_F(ServeTest, HandsOverEverythingInOrderBeforeItReturns) {
  const auto exit = run({"values:3", "end"});
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 0);
  EXPECT_EQ(exit->attached, 1u);
  EXPECT_EQ(exit->problems, Lines{});
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0]->events, (Lines{"value loss at epoch=#0 #0 = 0", "value loss at epoch=#1 #0 = 1",
                                     "value loss at epoch=#2 #0 = 2", "end 3"}));
  EXPECT_TRUE(heard[0]->ended);
  EXPECT_TRUE(heard[0]->end.in_order);
  EXPECT_EQ(heard[0]->end.problem, "");
  EXPECT_EQ(journals(), 0u);
}

TEST_F(ServeTest, OffsetsRiseSoThatWhatWasHandedOverIsKnown) {
  ASSERT_TRUE(run({"values:50"}));
  ASSERT_EQ(heard[0]->offsets.size(), 50u);
  for (std::size_t i = 1; i < 50; ++i) EXPECT_GT(heard[0]->offsets[i], heard[0]->offsets[i - 1]);
}

TEST_F(ServeTest, KnowsWhoAttached) {
  ASSERT_TRUE(run({"values:1", "end"}));
  ASSERT_EQ(attached.size(), 1u);
  EXPECT_EQ(attached[0].executable, std::filesystem::canonical(HOST_FAKE_PROGRAM));
  EXPECT_EQ(attached[0].argv, (Lines{HOST_FAKE_PROGRAM, "values:1", "end"}));
  EXPECT_EQ(attached[0].cwd, std::filesystem::current_path());
  EXPECT_GT(attached[0].pid, 0);
}

TEST_F(ServeTest, SendsSettings) {
  options.every = {{"epoch", 5}};
  options.arguments = {{"lr", "0.1"}, {"name", "a b"}};
  ASSERT_TRUE(run({"settings", "mode"}));
  EXPECT_EQ(heard[0]->events, (Lines{"note every epoch 5\narg lr 0.1\narg name a b\n", "note mode 1 limit 67108864"}));
}

TEST_F(ServeTest, RefusesSettingsThatCannotBeSent) {
  options.arguments = {{"lr", "0.1\nevery epoch 1"}};
  EXPECT_EQ(run({}).error().kind(), ErrorKind::kInvalid);
  options.arguments = {{"a name", "1"}};
  EXPECT_EQ(run({}).error().kind(), ErrorKind::kInvalid);
  options.arguments = {{"x", std::string(100'000, 'x')}};
  EXPECT_EQ(run({}).error().kind(), ErrorKind::kInvalid);
}

TEST_F(ServeTest, StartsTheProgramInItsFolderWithItsEnvironment) {
  ::setenv("HINDSIGHT_TEST_GONE", "1", 1);
  launch.cwd = folder;
  launch.environment = {{"HINDSIGHT_TEST_SET", "yes"}};
  launch.unset = {"HINDSIGHT_TEST_GONE"};
  ASSERT_TRUE(run({"cwd", "variable:HINDSIGHT_TEST_SET", "variable:HINDSIGHT_TEST_GONE"}));
  EXPECT_EQ(heard[0]->events, (Lines{"note " + std::filesystem::canonical(folder).string(), "note yes", "note unset"}));
}

TEST_F(ServeTest, AQuietProgramsOutputGoesToAFile) {
  launch.quiet = true;
  launch.output = folder / "output";
  ASSERT_TRUE(run({"print:hello"}));
  std::ifstream in(launch.output);
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "hello");
}

TEST_F(ServeTest, ReportsHowTheProgramEnded) {
  const auto code = run({"values:2", "exit:3"});
  EXPECT_EQ(code->exit_code, 3);
  EXPECT_EQ(code->signal, 0);
  EXPECT_EQ(heard[0]->values().size(), 2u);
  EXPECT_FALSE(heard[0]->end.in_order);
  for (const int signal : {SIGKILL, SIGSEGV, SIGABRT, SIGTERM}) {
    SCOPED_TRACE(signal);
    const auto killed = run({"values:2", "die:" + std::to_string(signal)});
    EXPECT_EQ(killed->signal, signal);
    EXPECT_EQ(heard[0]->values().size(), 2u);
    EXPECT_FALSE(heard[0]->end.in_order);
    EXPECT_EQ(heard[0]->end.torn, 0u);
  }
}

TEST_F(ServeTest, SaysWhyAProgramCannotBeStarted) {
  const auto start = [&](const std::string& program) {
    launch.program = program;
    launch.argv = {program};
    return serve(launch, options, factory());
  };
  EXPECT_EQ(start("/no/such/program").error().kind(), ErrorKind::kNotFound);
  EXPECT_NE(start("/no/such/program").error().message().find("/no/such/program"), std::string::npos);
  std::ofstream(folder / "text") << "words";
  EXPECT_EQ(start(folder / "text").error().kind(), ErrorKind::kIo);
  ::chmod((folder / "text").c_str(), 0755);
  EXPECT_EQ(start(folder / "text").error().kind(), ErrorKind::kInvalid);
  std::ofstream(folder / "script") << "#!/no/such/shell\n";
  ::chmod((folder / "script").c_str(), 0755);
  EXPECT_NE(start(folder / "script").error().message().find("interpreter"), std::string::npos);
  EXPECT_EQ(start(folder).error().kind(), ErrorKind::kIo);
  EXPECT_EQ(start("").error().kind(), ErrorKind::kInvalid);
  launch.cwd = folder / "nowhere";
  EXPECT_EQ(start("/bin/true").error().kind(), ErrorKind::kNotFound);
}

TEST_F(ServeTest, AProgramThatAttachesNothingJustRuns) {
  launch.program = "/bin/sh";
  launch.argv = {"sh", "-c", "exit 4"};
  const auto exit = serve(launch, options, factory());
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 4);
  EXPECT_EQ(exit->attached, 0u);
}

TEST_F(ServeTest, EveryProcessImageIsASessionOfItsOwn) {
  ASSERT_TRUE(run({"values:1", "child:values:2", "values:3", "exec:values:4"}));
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard[0]->values().size(), 4u);
  EXPECT_EQ(heard[1]->values().size(), 2u);
  EXPECT_EQ(heard[2]->values().size(), 4u);
  EXPECT_NE(attached[0].pid, attached[1].pid);
  EXPECT_EQ(attached[0].pid, attached[2].pid);
}

TEST_F(ServeTest, DoesNotWaitForAChildThatAttachedToNothing) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  ::fcntl(pipe[1], F_SETFD, FD_CLOEXEC);
  const auto exit = run({"unattached", "orphan:" + std::to_string(pipe[0])});
  EXPECT_TRUE(exit);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_F(ServeTest, GoesOnTakingValuesOfAProgramThatClosesItsDescriptors) {
  int pipe[2];
  bool heard_all = false;
  int idles = 0;
  ASSERT_EQ(::pipe(pipe), 0);
  ::fcntl(pipe[1], F_SETFD, FD_CLOEXEC);
  on_event = [&](const Event& event) {
    heard_all = heard_all || to_text(event) == "value loss at epoch=#4 #0 = 4";
  };
  // The program must still run when the host looks after it, which is at once after the first time.
  on_idle = [&] {
    if (heard_all && idles++ == 1) ::close(pipe[1]);
  };
  ASSERT_TRUE(run({"close-descriptors", "values:5", "wait-byte:" + std::to_string(pipe[0]), "values:7"}));
  EXPECT_EQ(heard[0]->values().size(), 12u);
  EXPECT_NE(heard[0]->end.problem, "");
  ::close(pipe[0]);
}

TEST_F(ServeTest, AProgramThatCannotBeRecordedIsNotHurt) {
  refuse = true;
  const auto exit = run({"unattached", "knock:version", "knock:garbage", "exit:0"});
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 0);
  ASSERT_EQ(exit->problems.size(), 2u);
  EXPECT_NE(exit->problems[0].find("999"), std::string::npos);
  // The client of a refused process finds its session closed.
  const auto refused = run({"values:1"});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->exit_code, 120);
  ASSERT_EQ(refused->problems.size(), 1u);
  EXPECT_NE(refused->problems[0].find("the disk is full"), std::string::npos);
  EXPECT_EQ(journals(), 0u);
}

TEST_F(ServeTest, WhereNoJournalCanBeMadeThatIsSaid) {
  std::ofstream(folder / "file") << "in the way";
  options.journal_folder = folder / "file";
  const auto exit = run({"values:1"});
  ASSERT_TRUE(exit);
  ASSERT_EQ(exit->problems.size(), 1u);
  EXPECT_NE(exit->problems[0].find((folder / "file").string()), std::string::npos) << exit->problems[0];
}

TEST_F(ServeTest, KeepsJournalsOnRequest) {
  options.keep_journals = true;
  ASSERT_TRUE(run({"values:3"}));
  ASSERT_EQ(journals(), 1u);
  Heard again;
  Collector collector(again);
  for (const auto& entry : std::filesystem::directory_iterator(options.journal_folder))
    ASSERT_TRUE(read_journal(entry.path(), collector));
  EXPECT_EQ(again.events, heard[0]->events);
}

// ---- states --------------------------------------------------------------------------------------------------------

TEST_F(ServeTest, HandsOverLeavesAndFreesTheirSlot) {
  ASSERT_TRUE(run({"capture:", "wait-free:0", "capture:", "wait-free:1", "values:1"}));
  EXPECT_EQ(heard[0]->events, (Lines{"capture head of epoch=#0: w[16] 3031323334353637 i[8] 3132333435363738",
                                     "capture head of epoch=#0: w[16] 3031323334353637 i[8] 3132333435363738",
                                     "value loss at epoch=#0 #0 = 0"}));
}

struct DamagedSlotFault : ServeTest, ::testing::WithParamInterface<const char*> {};

TEST_P(DamagedSlotFault, IsSkippedWithAReasonAndTheRestGoesOn) {
  ASSERT_TRUE(run({std::string("capture:") + GetParam(), "values:1"}));
  ASSERT_EQ(heard[0]->events.size(), 2u);
  EXPECT_TRUE(heard[0]->events[0].starts_with("skipped head of epoch=#0: ")) << heard[0]->events[0];
  EXPECT_EQ(heard[0]->events[1], "value loss at epoch=#0 #0 = 0");
}

INSTANTIATE_TEST_SUITE_P(Ways, DamagedSlotFault,
                         ::testing::Values("torn", "no-slot", "huge-slot", "not-full", "outside", "wrapped", "crooked",
                                           "header", "wide", "long"),
                         [](const auto& way) {
                           std::string name = way.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(ServeTest, ASlotCountBeyondTheTableIsNotFollowed) {
  ASSERT_TRUE(run({"capture:count", "values:1"}));
  EXPECT_EQ(heard[0]->events.size(), 2u);
}

TEST_F(ServeTest, ThePoolCannotBeMadeSmallerUnderTheHost) {
  const auto exit = run({"capture:shrunk", "values:1"});
  EXPECT_EQ(exit->exit_code, 0);
  EXPECT_TRUE(heard[0]->events[0].starts_with("capture ")) << heard[0]->events[0];
}

// ---- replay --------------------------------------------------------------------------------------------------------

Answer restore(wire::Action action, std::uint64_t ordinal) {
  Answer answer;
  answer.action = action;
  answer.ordinal = ordinal;
  answer.next_ask = 9;
  answer.state_bytes = 24;
  answer.leaf_count = 2;
  answer.state = [](const Answer::PutLeaf& put) -> Result<void> {
    if (Result<void> first =
            put({.path = "w", .dtype = store::DType::kF32, .shape = {16}, .bytes = 16, .hash = {}}, "0123456789abcdef");
        !first)
      return first;
    return put({.path = "i", .dtype = store::DType::kI64, .shape = {8}, .bytes = 8, .hash = {}}, "12345678");
  };
  return answer;
}

struct ReplayTest : ServeTest {
  ReplayTest() { options.mode = wire::Mode::kReplay; }
};

TEST_F(ReplayTest, AsksTheListenerAfterTheLiveStateAndSendsItsAnswer) {
  answer = [](const store::Point& point) {
    if (point.ordinal == 0) return restore(wire::Action::kRestore, 4);
    if (point.ordinal == 4) return restore(wire::Action::kSkip, 10);
    Answer go_on;
    if (point.ordinal == 6) go_on.action = wire::Action::kStop;
    return go_on;
  };
  const auto exit = run({"ask:0", "ask:4", "ask:5", "ask:6", "exit:9"});
  EXPECT_EQ(exit->exit_code, 0);
  const std::string state = ": w[16] 3031323334353637 i[8] 3132333435363738";
  EXPECT_EQ(heard[0]->events,
            (Lines{"capture head of epoch=#0" + state, "ask head of epoch=#0", "jump head of epoch=#0",
                   "note action 2 ordinal 4 next 9 same state", "capture head of epoch=#4" + state,
                   "ask head of epoch=#4", "jump head of epoch=#4", "note action 3 ordinal 10 next 9 same state",
                   "capture head of epoch=#5" + state, "ask head of epoch=#5", "note action 1 ordinal 0 next -1",
                   "capture head of epoch=#6" + state, "ask head of epoch=#6", "note action 4 ordinal 0 next -1"}));
}

TEST_F(ReplayTest, AStateLargerThanGuessedStillArrives) {
  const std::string path(3000, 'p');
  answer = [&](const store::Point&) {
    Answer large = restore(wire::Action::kRestore, 1);
    large.state_bytes = 3;
    large.leaf_count = 3;
    large.state = [&](const Answer::PutLeaf& put) -> Result<void> {
      for (int i = 0; i < 3; ++i) {
        if (Result<void> one =
                put({.path = path, .dtype = store::DType::kBytes, .shape = {1}, .bytes = 1, .hash = {}}, "x");
            !one)
          return one;
      }
      return {};
    };
    return large;
  };
  EXPECT_EQ(run({"ask:0"})->exit_code, 0);
  EXPECT_EQ(heard[0]->events.back(), "note action 2 ordinal 1 next 9 another state");
}

TEST_F(ReplayTest, AStateThatCannotBeReadEndsTheWorkerAndIsSaid) {
  answer = [](const store::Point&) {
    Answer broken = restore(wire::Action::kRestore, 1);
    broken.state = [](const Answer::PutLeaf&) -> Result<void> {
      return Error(ErrorKind::kCorrupt, "leaf w: checksum differs");
    };
    return broken;
  };
  EXPECT_EQ(run({"ask:0", "values:5"})->exit_code, 125);
  EXPECT_NE(heard[0]->events.back().find("leaf w: checksum differs"), std::string::npos) << heard[0]->events.back();
  EXPECT_TRUE(heard[0]->values().empty());
}

TEST_F(ReplayTest, AStateOfAnotherSizeThanAnnouncedIsNotHandedOver) {
  answer = [](const store::Point&) {
    Answer wrong = restore(wire::Action::kRestore, 1);
    wrong.leaf_count = 3;
    return wrong;
  };
  EXPECT_EQ(run({"ask:0"})->exit_code, 125);
}

TEST_F(ReplayTest, SeveralProgramsAreServedAtOnceFromOneProcess) {
  std::vector<std::thread> threads;
  std::mutex guard;
  int good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      Heard mine;
      Launch one;
      one.program = HOST_FAKE_PROGRAM;
      one.argv = {HOST_FAKE_PROGRAM, "values:" + std::to_string(100 + i), "exit:" + std::to_string(i)};
      const auto exit = serve(one, options, [&](const Attached&) -> Result<Session> {
        return Session{std::make_unique<Collector>(mine), 0};
      });
      const std::lock_guard lock(guard);
      if (exit && exit->exit_code == i && mine.values().size() == static_cast<std::size_t>(100 + i) && mine.ended)
        ++good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
}

// ---- signals -------------------------------------------------------------------------------------------------------

TEST_F(ServeTest, PassesSignalsOnAndSurvivesThem) {
  on_event = [](const Event& event) {
    if (std::holds_alternative<NoteEvent>(event)) ::kill(::getpid(), SIGTERM);
  };
  const auto exit = run({"wait-term"});
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 7);
  EXPECT_EQ(exit->last_signal, SIGTERM);
}

TEST_F(ServeTest, LeavesSignalsAsTheyWere) {
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  struct sigaction before {};
  ::sigaction(SIGHUP, &ignored, &before);
  ASSERT_TRUE(run({"die:1", "exit:5"}));  // ignored in the program too, as under nohup
  EXPECT_EQ(run({"die:1", "exit:5"})->exit_code, 5);
  struct sigaction after {};
  ::sigaction(SIGHUP, &before, &after);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  ::sigaction(SIGTERM, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

TEST_F(ServeTest, TheCallersPriorityAndPlaceWithTheOomKillerComeBack) {
  const auto score = [] {
    std::ifstream in("/proc/self/oom_score_adj");
    int value = -1;
    in >> value;
    return value;
  };
  const int before = score();
  const int niceness = ::nice(0);
  int during = 0;
  on_attach = [&](const Attached&) { during = score(); };
  ASSERT_TRUE(run({"values:1"}));
  EXPECT_EQ(during, 1000);
  EXPECT_EQ(score(), before);
  EXPECT_EQ(::nice(0), niceness);
}

// ---- kills ---------------------------------------------------------------------------------------------------------

TEST_F(ServeTest, NothingAcknowledgedIsLostWhenTheProgramIsKilledAtAnyMoment) {
  const char* chosen = std::getenv("HINDSIGHT_TEST_SEED");
  const auto seed =
      chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : static_cast<unsigned long long>(std::random_device{}());
  std::cout << "HINDSIGHT_TEST_SEED=" << seed << "\n";
  std::mt19937_64 random(seed);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    ::fcntl(pipe[0], F_SETFD, FD_CLOEXEC);
    const std::size_t until = random() % 3000;
    std::size_t acknowledged = 0;
    std::thread killer;
    on_attach = [&](const Attached& who) {
      const pid_t victim = who.pid;
      killer = std::thread([&, victim] {
        char bytes[64];
        while (acknowledged < until) {
          const ssize_t got = ::read(pipe[0], bytes, std::min(sizeof bytes, until - acknowledged));
          if (got <= 0) return;
          acknowledged += static_cast<std::size_t>(got);
        }
        ::kill(victim, SIGKILL);
      });
    };
    const auto exit = run({"acks:" + std::to_string(pipe[1])});
    killer.join();
    ::close(pipe[1]);
    char bytes[4096];
    for (ssize_t got; (got = ::read(pipe[0], bytes, sizeof bytes)) > 0;) acknowledged += static_cast<std::size_t>(got);
    ::close(pipe[0]);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, SIGKILL);
    const Lines values = heard[0]->values();
    ASSERT_GE(values.size(), acknowledged);
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::ostringstream expected;
      expected << "value loss at start #" << i << " = " << i;
      ASSERT_EQ(values[i], expected.str());
    }
  }
}

}  // namespace
}  // namespace hindsight::host::testing

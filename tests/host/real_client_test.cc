// The host against the real client: record into a store, then jump into the middle and get the same values.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "runtime/host/recorder.h"
#include "tests/host/support/collector.h"

namespace hindsight::host::testing {
namespace {

using Lines = std::vector<std::string>;

struct RealClientTest : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("hindsight-real-" + std::to_string(::getpid()));
  std::optional<store::Store> store;
  HostOptions options;

  void SetUp() override {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    auto created = store::Store::create(folder / ".hindsight");
    ASSERT_TRUE(created) << created.error().message();
    store.emplace(std::move(*created));
    options.journal_folder = store->journal_folder();
  }
  void TearDown() override {
    store.reset();
    std::filesystem::remove_all(folder);
  }

  static Launch program(const Lines& arguments) {
    Launch launch;
    launch.program = HOST_REAL_PROGRAM;
    launch.argv = {"./train"};
    launch.argv.insert(launch.argv.end(), arguments.begin(), arguments.end());
    return launch;
  }

  // Records, and keeps what was said besides.
  Result<ProcessExit> record(const Lines& arguments, Heard& heard) {
    class Both : public Collector {
     public:
      Both(Heard& heard, std::unique_ptr<Listener> recorder) : Collector(heard), recorder_(std::move(recorder)) {}
      void on_event(const Event& event, std::uint64_t offset) override {
        Collector::on_event(event, offset);
        recorder_->on_event(event, offset);
      }
      void on_idle() override { recorder_->on_idle(); }
      void on_end(const SessionEnd& end) override {
        Collector::on_end(end);
        recorder_->on_end(end);
      }
      std::string unsaved() const override { return recorder_->unsaved(); }

     private:
      std::unique_ptr<Listener> recorder_;
    };
    store::Run about;
    about.group = 1;
    auto exit = serve(program(arguments), options, [&](const Attached& who) -> Result<Session> {
      Result<Session> session = begin_run(*store, about, who);
      if (session) session->listener = std::make_unique<Both>(heard, std::move(session->listener));
      return session;
    });
    EXPECT_TRUE(exit && end_runs(*store, about.group, *exit));
    return exit;
  }
};

Lines of_epoch(const Lines& events, const std::string& epoch) {
  Lines result;
  for (const std::string& event : events) {
    if (event.starts_with("value ") && (event.find(" epoch=" + epoch + " ") != std::string::npos ||
                                        event.find(" epoch=" + epoch + "/") != std::string::npos))
      result.push_back(event);
  }
  return result;
}

TEST_F(RealClientTest, RecordsValuesLoopsAndStates) {
  Heard heard;
  const auto exit = record({"6"}, heard);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 3);
  EXPECT_EQ(exit->problems, Lines{});
  EXPECT_EQ(heard.values().size(), 1u + 6 * (5 + 2) + 1);
  EXPECT_TRUE(heard.end.in_order);
  EXPECT_EQ(heard.end.problem, "");
  const auto run = store->read_run(store::RunId{1});
  ASSERT_TRUE(run);
  EXPECT_EQ(run->state, store::RunState::kFinished);
  EXPECT_EQ(run->exit_code, 3);
  EXPECT_EQ(run->records, heard.values().size());
  EXPECT_EQ(run->skipped, 0u);
  EXPECT_EQ(run->notes, Lines{});
  const auto loops = store->loops(store::RunId{1});
  ASSERT_TRUE(loops);
  ASSERT_EQ(loops->size(), 7u);
  EXPECT_EQ((*loops)[0].loop, "epoch");
  EXPECT_EQ((*loops)[0].labels.size(), 6u);
  EXPECT_EQ((*loops)[0].end, store::LoopInstance::End::kFinished);
  EXPECT_EQ((*loops)[6].enclosing.front().ordinal, 5u);
  EXPECT_EQ((*loops)[6].labels.size(), 5u);
  std::size_t heads = 0, exits = 0;
  const auto checkpoints = store->checkpoints(store::RunId{1});
  ASSERT_TRUE(checkpoints);
  for (const store::Checkpoint& checkpoint : *checkpoints) {
    if (!checkpoint.kept) continue;
    (checkpoint.point.kind == store::PointKind::kHead ? heads : exits) += 1;
  }
  EXPECT_EQ(heads, 6u);
  EXPECT_EQ(exits, 6u + 1);
  const auto findings = store->check();
  ASSERT_TRUE(findings);
  EXPECT_EQ(findings->problems, Lines{});
}

TEST_F(RealClientTest, AnAbortedTrainingKeepsEverythingLoggedBefore) {
  Heard heard;
  const auto exit = record({"6", "abort"}, heard);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGABRT);
  EXPECT_EQ(heard.values().size(), 1u + 5 * (5 + 2));
  EXPECT_FALSE(heard.end.in_order);
  EXPECT_EQ(heard.end.torn, 0u);
  EXPECT_EQ(store->read_run(store::RunId{1})->state, store::RunState::kCrashed);
}

TEST_F(RealClientTest, JumpedIntoTheMiddleItLogsTheSameValues) {
  Heard recorded;
  ASSERT_TRUE(record({"6"}, recorded));
  const auto checkpoints = store->checkpoints(store::RunId{1});
  ASSERT_TRUE(checkpoints);
  options.mode = wire::Mode::kReplay;
  for (std::uint64_t target = 1; target < 6; ++target) {
    SCOPED_TRACE(target);
    const store::Checkpoint* checkpoint = nullptr;
    for (const store::Checkpoint& one : *checkpoints) {
      if (one.kept && one.point.loop == "epoch" && one.point.kind == store::PointKind::kHead &&
          one.point.ordinal == target)
        checkpoint = &one;
    }
    ASSERT_NE(checkpoint, nullptr);
    Heard replayed;
    const auto exit = serve(program({"6"}), options, [&](const Attached&) -> Result<Session> {
      auto listener = std::make_unique<Collector>(replayed);
      listener->answer = [&](const store::Point& point) {
        Answer answer;
        if (point.loop == "epoch" && point.kind == store::PointKind::kHead && point.ordinal == 0) {
          answer.action = wire::Action::kRestore;
          answer.ordinal = target;
          answer.next_ask = target + 1;
          answer.leaf_count = checkpoint->leaves.size();
          for (const store::Leaf& leaf : checkpoint->leaves) answer.state_bytes += leaf.bytes;
          answer.state = [&](const Answer::PutLeaf& put) {
            return store->read_state(store::RunId{1}, *checkpoint, put);
          };
        } else if (point.loop == "epoch" && (point.ordinal > target || point.kind == store::PointKind::kExit)) {
          answer.action = wire::Action::kStop;
        }
        return answer;
      };
      return Session{std::move(listener), 0};
    });
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->exit_code, 0);
    EXPECT_EQ(exit->problems, Lines{});
    EXPECT_EQ(replayed.end.problem, "");
    const std::string label = std::to_string(target);
    EXPECT_EQ(of_epoch(replayed.events, label).size(), 7u);
    EXPECT_EQ(of_epoch(replayed.events, label), of_epoch(recorded.events, label));
    EXPECT_EQ(replayed.values().size(), 8u);  // and the one before the loop
  }
}

TEST_F(RealClientTest, AStateOfAnotherProgramIsRefusedByNameAndNothingIsLogged) {
  options.mode = wire::Mode::kReplay;
  Heard replayed;
  const auto exit = serve(program({"6"}), options, [&](const Attached&) -> Result<Session> {
    auto listener = std::make_unique<Collector>(replayed);
    listener->answer = [](const store::Point&) {
      Answer answer;
      answer.action = wire::Action::kRestore;
      answer.ordinal = 2;
      answer.leaf_count = 1;
      answer.state_bytes = 4;
      answer.state = [](const Answer::PutLeaf& put) {
        return put({.path = "something.else", .dtype = store::DType::kF32, .shape = {1}, .bytes = 4, .hash = {}},
                   "1234");
      };
      return answer;
    };
    return Session{std::move(listener), 0};
  });
  ASSERT_TRUE(exit);
  EXPECT_NE(exit->exit_code, 0);
  bool refused = false;
  for (const std::string& event : replayed.events)
    refused = refused || (event.starts_with("jump ") && event.find(": ") != std::string::npos);
  EXPECT_TRUE(refused);
  EXPECT_EQ(replayed.values().size(), 1u);  // the one before the loop
}

}  // namespace
}  // namespace hindsight::host::testing

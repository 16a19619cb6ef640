// What the commands print of a store whose contents are known.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/wire.h"
#include "tests/tools/project.h"

namespace hindsight::tools {
namespace {

class Commands : public testing::Test {
 protected:
  Commands() { project_.with_history(); }

  // Every line of JSON output, parsed; each has its type first, the last is a summary or an error.
  std::vector<nlohmann::json> json(std::vector<std::string> arguments, int code = 0) {
    arguments.push_back("--json");
    const Outcome outcome = project_.run(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.err;
    std::vector<nlohmann::json> objects;
    for (const std::string& line : outcome.lines()) {
      EXPECT_TRUE(line.starts_with("{\"type\":\"")) << line;
      objects.push_back(nlohmann::json::parse(line, nullptr, false));
      EXPECT_FALSE(objects.back().is_discarded()) << line;
    }
    EXPECT_FALSE(objects.empty());
    if (objects.empty()) return {nlohmann::json::object()};
    EXPECT_EQ(objects.back()["type"], "summary");
    EXPECT_EQ(objects.back()["code"], code);
    return objects;
  }

  ScratchProject project_;
};

TEST_F(Commands, RunsAreOneLineEach) {
  const Outcome outcome = project_.run({"runs"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out,
            "run  version  started (UTC)          took  status    records    checkpoints  command\n"
            "r1   v1       2025-11-21 08:03:29  12.3 s  finished        3              3  ./train --name first\n"
            "r2   v2       2025-11-21 08:04:29  12.3 s  exit 3          4  3 (2 skipped)  ./train --name 'a second'\n");
}

TEST_F(Commands, RunsAreFoundFromAFolderBelow) {
  EXPECT_EQ(project_.run({"runs"}, "src").out, project_.run({"runs"}).out);
}

TEST_F(Commands, RunsAsJsonHaveWhatTheTextHas) {
  const auto objects = json({"runs"});
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0]["run"], "r1");
  EXPECT_EQ(objects[0]["started"], "2025-11-21T08:03:29.000000000Z");
  EXPECT_EQ(objects[0]["exit_code"], 0);
  EXPECT_EQ(objects[1]["exit_code"], 3);
  EXPECT_EQ(objects[1]["skipped"], 2);
  EXPECT_EQ(objects[1]["argv"][2], "a second");
  EXPECT_EQ(objects[1]["notes"][0], "2 states were skipped: the pool was full");
  EXPECT_EQ(objects[2]["runs"], 2);
}

TEST_F(Commands, ShowTellsEverythingOfARun) {
  const Outcome outcome = project_.run({"show", "r2"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* part : {"r2", "v2", "exit 3", "./train --name 'a second'", "12.3 s", "loss", "acc", "epoch", "src/train.cc:4",
                           "2 that should have been taken (see notes)", "2 states were skipped: the pool was full"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << "\n" << outcome.out;
  }
}

TEST_F(Commands, ShowAsJsonHasSeriesLoopsAndReplays) {
  std::multiset<std::string> types;
  for (const auto& object : json({"show", "r1"})) types.insert(object["type"]);
  EXPECT_EQ(types, (std::multiset<std::string>{"run", "series", "series", "loop", "replay", "summary"}));
  EXPECT_EQ(json({"show", "v2"})[0]["type"], "version");
  EXPECT_EQ(json({"show", "p1"})[0]["segments"][0]["compared_bytes"], 4096);
}

TEST_F(Commands, ShowValuesPrintsEveryValueWithItsStatus) {
  const Outcome outcome = project_.run({"show", "r1", "--values"});
  EXPECT_EQ(outcome.out,
            "position  name       seq  value  status\n"
            "epoch=0   loss         0  0.5    recorded\n"
            "epoch=1   loss         0  0.1    recorded\n"
            "epoch=2   loss         0  0.05   recorded\n"
            "epoch=0   grad_norm    0  1.5    exact\n"
            "epoch=1   grad_norm    0  2.5    exact\n"
            "epoch=2   grad_norm    0  3.5    diverged\n");
  EXPECT_EQ(project_.run({"show", "r1", "loss"}).out, project_.run({"show", "r1", "--values", "loss"}).out);
}

TEST_F(Commands, ARecordAsJsonIsComplete) {
  const Outcome outcome = project_.run({"show", "r1", "--values", "--json"});
  const auto lines = outcome.lines();
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[1],
            R"({"type":"record","run":"r1","version":"v1","position":[{"loop":"epoch","entry":0,"ordinal":1,"label":1}],)"
            R"("name":"loss","seq":0,"dtype":"f32","value":0.1,"status":"recorded","replay":null,"site":"src/train.cc:3",)"
            R"("probe":null,"thread":0,"argument":false,"checked":null})");
  EXPECT_EQ(lines[3],
            R"({"type":"record","run":"r1","version":"v1","position":[{"loop":"epoch","entry":0,"ordinal":0,"label":0}],)"
            R"("name":"grad_norm","seq":0,"dtype":"f64","value":1.5,"status":"exact","replay":"p1","site":"src/train.cc:3",)"
            R"("probe":"12345678000000000000000000000001","thread":0,"argument":false,)"
            R"("checked":{"values":3,"bytes":4096,"leaves":2,"last":"head of epoch=2",)"
            R"("first_difference":"loss at epoch=2: recorded 0.05, replayed 0.06"}})");
  EXPECT_EQ(lines[6], R"({"type":"summary","records":6,"code":0})");
}

TEST_F(Commands, ATableHoldsAllVersionsAndMarksWhatIsNotExact) {
  const Outcome outcome = project_.run({"table", "loss", "grad_norm"});
  EXPECT_EQ(outcome.code, 3);  // a value shown is diverged
  EXPECT_EQ(outcome.out,
            "run  version  epoch  loss    grad_norm\n"
            "r1   v1           0   0.5          1.5 =\n"
            "r1   v1           1   0.1          2.5 =\n"
            "r1   v1           2  0.05          3.5 !\n"
            "r2   v2           0   0.5\n"
            "r2   v2           1  0.25\n"
            "\n"
            "= exact   ! diverged: the replay differed from the recording\n");
  EXPECT_EQ(outcome.err, "hindsight: 'grad_norm' has no value in r2\n");
}

TEST_F(Commands, ATableTakesRunsVersionsAndPositions) {
  EXPECT_EQ(project_.run({"table", "loss", "--run", "v2", "--where", "epoch=1"}).out,
            "run  version  epoch  loss\n"
            "r2   v2           1  0.25\n");
  const auto objects = json({"table", "grad_norm", "--where", "epoch in 0..1"});
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0]["status"], "exact");
  EXPECT_EQ(objects.back()["exact"], 2);
  EXPECT_EQ(objects.back()["rows"], 2);
}

TEST_F(Commands, ANameWithoutValuesAtThesePositionsIsSaidAndIsNoFailure) {
  const Outcome outcome = project_.run({"table", "loss", "--where", "epoch=7"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "hindsight: 'loss' has no value at these positions\n");
}

TEST_F(Commands, AProbeWithoutAnswersIsAMissingValue) {
  ASSERT_EQ(project_.run({"log", "later=w", "--after", "step(w)"}).code, 0);
  const Outcome outcome = project_.run({"table", "later"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "hindsight: 'later' has no value here yet: 'hindsight replay later' gets them\n");
}

TEST_F(Commands, LogAddsAProbeAndProbesListsIt) {
  const Outcome added = project_.run({"log", "w0 = w[0];", "--before", " step(w) ; ", "--in", "train"});
  EXPECT_EQ(added.code, 0) << added.err;
  EXPECT_NE(added.out.find("w0 = w[0], before `step(w)` in train\n"), std::string::npos) << added.out;
  const auto probes = json({"probes"});
  ASSERT_EQ(probes.size(), 3u);
  EXPECT_EQ(probes[1]["name"], "w0");
  EXPECT_EQ(probes[1]["expression"], "w[0]");
  EXPECT_EQ(probes[1]["statement"], "step(w)");
  EXPECT_EQ(probes[1]["function"], "train");
}

TEST_F(Commands, TheSameProbeTwiceIsSaidAndChangesNothing) {
  ASSERT_EQ(project_.run({"log", "w0=w[0]", "--after", "step(w)"}).code, 0);
  const Outcome before = project_.run({"probes"});
  const Outcome again = project_.run({"log", "w0=w[0]", "--after", "step(w);"});
  EXPECT_EQ(again.code, 0);
  EXPECT_NE(again.out.find("is there already"), std::string::npos);
  const Outcome renamed = project_.run({"log", "other=w[0]", "--after", "step(w)"});
  EXPECT_EQ(renamed.code, 0);
  EXPECT_NE(renamed.err.find("it keeps its name 'w0'"), std::string::npos);
  EXPECT_EQ(project_.run({"probes"}).out, before.out);
}

TEST_F(Commands, AProbeThatTakesAKnownNameIsWarnedOf) {
  const Outcome outcome = project_.run({"log", "acc=2*l", "--after", "step(w)"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.err.find("r2 recorded 'acc' itself and will not be asked for it"), std::string::npos) << outcome.err;
  EXPECT_NE(project_.run({"log", "grad_norm=2*l", "--after", "step(w)"}).err.find("is also the name of probe 12345678"), std::string::npos);
}

TEST_F(Commands, AProbeWhoseNameEveryRunRecordedItselfIsRefused) {
  const std::string before = project_.run({"probes"}).out;
  const Outcome outcome = project_.run({"log", "loss=2*l", "--after", "step(w)"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err, "hindsight: every run recorded 'loss' itself, so none can be asked for it\n"
                         "hint: 'hindsight table loss' shows what they recorded; take another name for another value\n");
  EXPECT_EQ(project_.run({"probes"}).out, before);
}

TEST_F(Commands, AProbeAtALineKnowsTheLinesText) {
  ASSERT_EQ(project_.run({"log", "s=steps", "--at", "train.cc:4"}, "src").code, 0);
  const auto probes = json({"probes"});
  EXPECT_EQ(probes[1]["form"], "at");
  EXPECT_EQ(probes[1]["file"], "src/train.cc");
  EXPECT_EQ(probes[1]["line"], 4);
  EXPECT_EQ(probes[1]["statement"], "return steps - 3");
  EXPECT_EQ(project_.run({"log", "s=steps", "--at", "src/train.cc:3"}).code, 2);
  EXPECT_EQ(project_.run({"log", "s=steps", "--at", "src/train.cc:99"}).code, 2);
  EXPECT_EQ(project_.run({"log", "s=steps", "--at", "/etc/passwd:1"}).code, 2);
  EXPECT_EQ(json({"probes"}).size(), 3u);
}

TEST_F(Commands, ARemovedProbeLeavesTheTableAndComesBackWithItsAnswers) {
  EXPECT_EQ(project_.run({"probes", "--remove", "grad_norm", "--remove", "nothing"}).code, 4);
  EXPECT_EQ(json({"probes"}).size(), 2u);  // a mistake removes nothing
  EXPECT_EQ(project_.run({"probes", "--remove", "12345678"}).code, 0);
  EXPECT_EQ(json({"probes"}).size(), 1u);
  const Outcome table = project_.run({"table", "loss", "grad_norm"});
  EXPECT_EQ(table.code, 3);
  EXPECT_EQ(table.out.find("1.5"), std::string::npos) << table.out;
}

TEST_F(Commands, VerifySaysWhatItCannotVerify) {
  struct Case {
    std::vector<std::string> arguments;
    int code;
    std::string says;
  };
  const std::vector<Case> cases = {{{"verify", "r9"}, 4, "r9"},
                                   {{"verify", "--where", "epoch="}, 2, "epoch="},
                                   {{"verify", "--where", "epcoh=1"}, 4, "did you mean 'epoch'"},
                                   {{"verify", "r1", "r2"}, 3, "r1: not verified: "}};
  for (const Case& each : cases) {
    SCOPED_TRACE(each.says);
    const Outcome outcome = project_.run(each.arguments);
    EXPECT_EQ(outcome.code, each.code) << outcome.out << outcome.err;
    EXPECT_NE((outcome.out + outcome.err).find(each.says), std::string::npos) << outcome.out << outcome.err;
  }
}

TEST_F(Commands, ADeletedRunIsInNoListUntilItIsRestoredOrPurged) {
  EXPECT_EQ(json({"gc", "--delete", "r1", "--dry-run"}).back()["deleted"], 1);
  EXPECT_EQ(json({"runs"}).back()["runs"], 2);
  EXPECT_EQ(project_.run({"gc", "--delete", "r1"}).code, 0);
  EXPECT_EQ(json({"runs"}).back()["runs"], 1);
  EXPECT_EQ(project_.run({"show", "r1"}).code, 4);
  EXPECT_EQ(project_.run({"gc", "--delete", "r1"}).code, 4);
  EXPECT_EQ(project_.run({"gc", "--restore", "r1"}).code, 0);
  EXPECT_EQ(json({"show", "r1"}).back()["code"], 0);
  EXPECT_EQ(project_.run({"table", "loss"}).code, 0);
  EXPECT_EQ(json({"gc", "--delete", "r1", "--purge"}).back()["purged"], 1);
  EXPECT_EQ(json({"runs"}).back()["runs"], 1);
  const Outcome too_late = project_.run({"gc", "--restore", "r1"});
  EXPECT_EQ(too_late.code, 2);
  EXPECT_NE(too_late.err.find("r1 was purged"), std::string::npos) << too_late.err;
  EXPECT_EQ(project_.run({"fsck"}).code, 0);
  EXPECT_EQ(project_.run({"gc", "--delete", "r9"}).code, 4);
  EXPECT_EQ(project_.run({"gc", "--max-bytes", "many"}).code, 2);
  EXPECT_EQ(project_.run({"gc", "--max-bytes", "1"}).code, 3);
}

TEST_F(Commands, ABundleBringsRunsElsewhereWhereNothingOfThemIsRunBeforeItIsTrusted) {
  const std::string file = (project_.root() / "x.bundle").string();
  EXPECT_EQ(json({"bundle", file, "r1"}).back()["runs"].size(), 1U);
  const ScratchProject other;
  other.with_recipe();
  const Outcome read = other.run({"bundle", "--read", file});
  EXPECT_EQ(read.code, 0) << read.err;
  EXPECT_EQ(read.out, "took in r1\n");
  const Outcome table = other.run({"table", "loss", "grad_norm"});
  EXPECT_NE(table.out.find("="), std::string::npos) << table.out << table.err;
  const Outcome asked = other.run({"replay", "grad_norm"});
  EXPECT_EQ(asked.code, 2);
  EXPECT_NE(asked.err.find("came in a bundle"), std::string::npos) << asked.err;
  EXPECT_EQ(other.run({"bundle", "--trust", "v7"}).code, 4);
  EXPECT_EQ(other.run({"bundle", "--trust", "v1"}).code, 0);
  EXPECT_EQ(other.run({"bundle", "--read", file}).out, "all of its runs are in this store already\n");
  EXPECT_EQ(other.run({"fsck"}).code, 0);
  other.write("y.bundle", "hindsight bundle, store format 99\n" + std::string(5000, 'x'));
  EXPECT_EQ(other.run({"bundle", "--read", "y.bundle"}).code, 5);
  other.write("y.bundle", "something else");
  EXPECT_EQ(other.run({"bundle", "--read", "y.bundle"}).code, 2);
  EXPECT_EQ(other.run({"bundle", "--read", "z.bundle"}).code, 4);
  EXPECT_EQ(other.run({"bundle"}).code, 2);
  EXPECT_EQ(other.run({"bundle", "--trust"}).code, 2);
}

TEST_F(Commands, FsckReadsEverything) {
  const Outcome outcome = project_.run({"fsck"});
  EXPECT_EQ(outcome.code, 0) << outcome.out;
  EXPECT_TRUE(outcome.out.starts_with("no damage: ")) << outcome.out;
  EXPECT_GT(json({"fsck"}).back()["entries"], 10);
}

TEST_F(Commands, ARunThatNobodyRecordsAnyMoreHasCrashed) {
  {
    store::Store store = *store::Store::open(project_.store_folder(), store::Store::Access::kWrite);
    store::WriteBatch batch = *store.write();
    for (std::uint64_t n = 1; n <= 2; ++n) {
      store::Run run = *store.read_run({n});
      run.state = store::RunState::kRecording;
      run.ended_ns = 0;
      ASSERT_TRUE(batch.put_run(run));
    }
    ASSERT_TRUE(batch.commit());
  }
  // r2 is being recorded: its journal is there and held.
  wire::JournalHeader header{};
  std::memcpy(header.magic, wire::kJournalMagic, sizeof header.magic);
  header.version = wire::kVersion;
  header.mode = static_cast<std::uint32_t>(wire::Mode::kRecord);
  header.run = 2;
  header.end = header.allocated = wire::kJournalStart;
  std::string bytes(wire::kJournalStart, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  const std::string journal = ".hindsight/journal/live.journal";
  project_.write(journal, bytes);
  const int file = ::open((project_.root() / journal).c_str(), O_RDWR);
  ASSERT_EQ(::flock(file, LOCK_EX), 0);
  const auto runs = json({"runs"});
  EXPECT_EQ(runs[0]["state"], "crashed");
  EXPECT_EQ(runs[1]["state"], "recording");
  ::close(file);
}

}  // namespace
}  // namespace hindsight::tools

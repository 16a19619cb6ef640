#include "replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>

#include "replay/explain.h"
#include "replay/files.h"
#include "replay/places.h"
#include "world_fixture.h"

namespace hindsight::replay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A training in small: state, nested loops, randomness, an input, a file that it writes. `statement` stands where a user
// would have logged more.
std::string training(const std::string& statement = {}, const std::string& scale = "0.1") {
  return R"(
#include <hindsight/hindsight.h>
#include <cstdio>
#include <fstream>
#include <random>
#include <vector>
int main() {
  std::mt19937 rng(7);
  std::vector<double> w(8, 0.5);
  std::ifstream("data.txt") >> w[7];
  hindsight::log("start", w[7]);
  for (int epoch : hindsight::loop("epoch", 6, hindsight::named("rng", rng), hindsight::named("w", w))) {
    for (int step : hindsight::loop("step", 4, hindsight::named("rng", rng), hindsight::named("w", w))) {
      std::normal_distribution<double> noise;
      for (std::size_t i = 0; i < w.size(); ++i) w[i] += noise(rng) * )" +
         scale + R"( / (1 + step);
      hindsight::log("first", w[0]);
    }
    )" + statement + R"(
    hindsight::log("loss", w[0] * w[1]);
  }
  std::ofstream("model.txt") << w[0];
  hindsight::log("end", w[1]);
}
)";
}

store::Probe probe(const std::string& name, const std::string& expression, const std::string& before) {
  store::Probe probe;
  probe.name = name;
  probe.expression = expression;
  probe.form = store::Probe::Form::kBefore;
  probe.statement = before;
  probe.id = probe_id(probe);
  return probe;
}
const char kLoss[] = "hindsight::log(\"loss\", w[0] * w[1]);";

class Replay : public World {
 protected:
  void SetUp() override {
    const Result<Places> places = find_places();
    ASSERT_TRUE(places) << places.error().message();
    if (places->compiler_launcher.empty()) GTEST_SKIP() << "SKIP: no LLVM, so no hindsight-cc";
    set_up(one_file_recipe());
    folder.write("data.txt", "0.25");
    folder.write("train.cc", training());
  }

  ReplayRequest ask(std::vector<store::Probe> probes) {
    ReplayRequest request;
    request.probes = std::move(probes);
    for (const store::Run& run : runs()) request.runs.push_back(run.id);
    Result<store::WriteBatch> batch = store->write();
    for (const store::Probe& each : request.probes) EXPECT_TRUE(batch->put_probe(each));
    EXPECT_TRUE(batch->commit());
    return request;
  }
  std::vector<RunAnswer> answers(const ReplayRequest& request) {
    heard = {};
    Result<std::vector<RunAnswer>> all = replay(*store, project(), request, heard);
    EXPECT_TRUE(all) << all.error().message() << " " << all.error().hint();
    return all ? *all : std::vector<RunAnswer>{};
  }
  RunAnswer answer(const ReplayRequest& request) {
    std::vector<RunAnswer> all = answers(request);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? RunAnswer{} : all.front();
  }

  // Values of one name, bit patterns by position, of the probe or of the training itself.
  std::map<std::string, std::uint64_t> values(store::RunId run, const std::string& name) {
    std::map<std::string, std::uint64_t> found;
    const auto series = store->read_series(run, [&](const store::SeriesKey& key) { return key.name == name; });
    EXPECT_TRUE(series);
    for (const store::Series& each : *series) {
      for (std::size_t row = 0; row < each.columns.size(); ++row) {
        found[to_string(each.columns.position(row, each.key.nest))] = each.columns.scalars.at(row);
      }
    }
    return found;
  }
  // What a training with the statement in it from the start logs.
  std::map<std::string, std::uint64_t> truth(const std::string& name, const std::string& source) {
    const std::string today = folder.read("train.cc");
    folder.write("train.cc", source);
    const RecordOutcome outcome = record_it();
    folder.write("train.cc", today);
    return outcome.runs.empty() ? std::map<std::string, std::uint64_t>{} : values(outcome.runs.front().id, name);
  }
  static std::string why(const RunAnswer& answer) {
    std::string all = answer.refused + "; " + answer.first_difference;
    for (const ProbePlacement& placement : answer.placements) all += "; " + placement.refused;
    for (const std::string& problem : answer.plan.problems) all += "; " + problem;
    for (const std::string& reason : answer.plan.reasons) all += "; " + reason;
    if (answer.replay) {
      for (const store::SegmentOutcome& segment : answer.replay->segments) all += "; " + segment.problem + " " + segment.first_difference;
      for (const std::string& note : answer.replay->notes) all += "; " + note;
    }
    return all;
  }
};

TEST_F(Replay, AProbeInTheOuterLoopIsAnsweredExactlyFromCheckpoints) {
  record_it();
  const store::RunId run = runs().front().id;
  const RunAnswer got = answer(ask({probe("norm", "hindsight::norm(w)", kLoss)}));
  EXPECT_EQ(got.exact, 6u) << why(got);
  EXPECT_EQ(got.unverified + got.diverged + got.errors + got.close, 0u) << why(got);
  EXPECT_EQ(values(run, "norm"), truth("norm", training("hindsight::log(\"norm\", hindsight::norm(w));")));
  ASSERT_TRUE(got.replay);
  EXPECT_GT(got.replay->cpu_seconds, 0.0);
}

TEST_F(Replay, AProbeInTheInnerLoopOfOneEpochRunsThatEpochOnly) {
  record_it();
  const store::RunId run = runs().front().id;
  ReplayRequest request = ask({probe("second", "w[1]", "hindsight::log(\"first\", w[0]);")});
  request.where = {{.loop = "epoch", .first = 3, .last = 3}};
  const RunAnswer got = answer(request);
  EXPECT_EQ(got.exact, 4u) << why(got);
  std::map<std::string, std::uint64_t> expected;
  std::string source = training();
  source.insert(source.find("hindsight::log(\"first\""), "hindsight::log(\"second\", w[1]); ");
  for (const auto& [position, bits] : truth("second", source)) {
    if (position.starts_with("epoch=3/")) expected[position] = bits;
  }
  EXPECT_EQ(values(run, "second"), expected);
}

TEST_F(Replay, SeveralWorkersAnswerTheSame) {
  record_it();
  const store::RunId run = runs().front().id;
  ReplayRequest request = ask({probe("second", "w[1]", "hindsight::log(\"first\", w[0]);")});
  request.workers = 3;
  const RunAnswer got = answer(request);
  EXPECT_EQ(got.exact, 24u) << why(got);
  EXPECT_EQ(values(run, "second").size(), 24u);
}

TEST_F(Replay, AskingTheSameAgainRunsNothingUnlessToldTo) {
  record_it();
  ReplayRequest request = ask({probe("norm", "hindsight::norm(w)", kLoss)});
  answer(request);
  const RunAnswer again = answer(request);
  EXPECT_FALSE(again.replay);
  EXPECT_FALSE(heard.saw_stage("build") || heard.saw_stage("replay") || heard.saw_stage("place"));
  EXPECT_EQ(again.exact, 6u) << why(again);
  request.again = true;
  const RunAnswer told = answer(request);
  EXPECT_TRUE(told.replay);
  EXPECT_EQ(told.exact, 6u) << why(told);
}

TEST_F(Replay, ADryRunShowsPlacesAndPlanAndRunsNothing) {
  record_it();
  ReplayRequest request = ask({probe("norm", "hindsight::norm(w)", kLoss)});
  request.dry_run = true;
  const RunAnswer got = answer(request);
  EXPECT_FALSE(got.replay);
  EXPECT_FALSE(got.plan.segments.empty());
  ASSERT_EQ(got.placements.size(), 1u);
  EXPECT_EQ(got.placements.front().file, "train.cc");
  EXPECT_EQ(got.placements.front().refused, "");
  EXPECT_THAT(got.placements.front().excerpt, HasSubstr("HINDSIGHT_PROBE"));
  EXPECT_FALSE(heard.saw_stage("build") || heard.saw_stage("replay"));
  EXPECT_TRUE(store->replays()->empty());
}

TEST_F(Replay, TheUsersFilesAreNotTouched) {
  record_it();
  folder.write("model.txt", "today's model");
  folder.write("train.cc", "today's sources");
  const RunAnswer got = answer(ask({probe("last", "w[2]", "hindsight::log(\"end\", w[1]);")}));
  EXPECT_EQ(got.exact + got.unverified, 1u) << why(got);
  EXPECT_EQ(folder.read("model.txt"), "today's model");
  EXPECT_EQ(folder.read("train.cc"), "today's sources");
}

TEST_F(Replay, AProbeThatDisturbsTheTrainingIsCaught) {
  record_it();
  ReplayRequest request = ask({probe("bad", "(w[0] += 1e-9)", kLoss)});
  const RunAnswer refused = answer(request);
  ASSERT_EQ(refused.placements.size(), 1u);
  EXPECT_THAT(refused.placements[0].refused, HasSubstr("it changes the program's state (w: "));
  EXPECT_FALSE(refused.replay);
  request.force = true;
  const RunAnswer got = answer(request);
  EXPECT_GT(got.diverged, 0u) << why(got);
  EXPECT_EQ(got.exact, 0u) << why(got);
  EXPECT_THAT(got.first_difference, testing::Not(IsEmpty()));
}

TEST_F(Replay, BesideAProbeThatMayChangeTheProgramNothingIsExact) {
  record_it();
  const store::Probe pure = probe("pure", "w[0]", kLoss);
  ReplayRequest request = ask({probe("sly", "(epoch += 0)", kLoss), pure});
  request.force = true;
  const RunAnswer both = answer(request);
  EXPECT_EQ(both.exact, 0u) << why(both);
  EXPECT_EQ(both.unverified, 12u) << why(both);
  const RunAnswer alone = answer(ask({pure}));
  EXPECT_EQ(alone.exact, 6u) << why(alone);
  EXPECT_TRUE(alone.replay);
}

TEST_F(Replay, AnInputIsWhatItWasAtTheRecording) {
  record_it();
  folder.write("data.txt", "0.75");
  const RunAnswer got = answer(ask({probe("norm", "hindsight::norm(w)", kLoss)}));
  EXPECT_EQ(got.exact, 6u) << why(got);
}

TEST_F(Replay, AnInputThatChangedAndWasNotKeptRefusesTheRunByName) {
  set_up(one_file_recipe("[store]\nmax_file = 4096\n"));
  folder.write("large.bin", std::string(5000, 'x'));
  record_it();
  folder.write("large.bin", std::string(5000, 'y'));
  const RunAnswer got = answer(ask({probe("norm", "hindsight::norm(w)", kLoss)}));
  EXPECT_THAT(got.refused, HasSubstr("'large.bin' has changed since it was recorded"));
  EXPECT_FALSE(got.replay);
}

TEST_F(Replay, AVersionThatRefusesAProbeDoesNotKeepTheOthersFromAnswering) {
  record_it();
  std::string other = training("", "0.2");
  other.replace(other.find(kLoss), std::strlen(kLoss), "");
  folder.write("train.cc", other);
  record_it();
  folder.write("train.cc", training("", "0.3"));
  record_it();
  const std::vector<RunAnswer> all = answers(ask({probe("norm", "hindsight::norm(w)", kLoss)}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].exact, 6u) << why(all[0]);
  EXPECT_EQ(all[1].exact, 0u);
  EXPECT_NE(all[1].placements.front().refused, "");
  EXPECT_FALSE(all[1].replay);
  EXPECT_EQ(all[2].exact, 6u) << why(all[2]);
}

TEST_F(Replay, AProbeThatDoesNotTypeCheckDoesNotKeepTheOthersFromAnswering) {
  record_it();
  const RunAnswer got = answer(ask({probe("bad", "nowhere.norm()", kLoss), probe("norm", "hindsight::norm(w)", kLoss)}));
  EXPECT_EQ(got.exact, 6u) << why(got);
  EXPECT_THAT(got.placements.front().refused, HasSubstr("nowhere"));
  EXPECT_EQ(got.placements.back().refused, "");
}

TEST_F(Replay, ARunThatExitsWithAnErrorIsAnsweredToItsEnd) {
  std::string source = training();
  source.insert(source.rfind('}'), "  return 3;\n");
  folder.write("train.cc", source);
  EXPECT_EQ(record_it().exit.exit_code, 3);
  const RunAnswer got = answer(ask({probe("last", "w[2]", "hindsight::log(\"end\", w[1]);")}));
  EXPECT_EQ(got.exact, 1u) << why(got);
  EXPECT_EQ(got.diverged, 0u) << why(got);
}

TEST_F(Replay, WithoutASandboxACopyRunsAndTheUserIsWarned) {
  record_it();
  ReplayRequest request = ask({probe("norm", "hindsight::norm(w)", kLoss)});
  request.unsafe_no_sandbox = true;
  const RunAnswer got = answer(request);
  EXPECT_EQ(got.exact, 6u) << why(got);
  EXPECT_THAT(heard.warnings, testing::Contains(HasSubstr("without a sandbox")));
}

TEST_F(Replay, NewLogStatementsOfTheWorkingTreeAreFoundAndAnswered) {
  record_it();
  folder.write("train.cc", training("hindsight::log(\"norm\", hindsight::norm(w));"));
  const Result<FoundEdits> edits = find_edits(*store, project(), versions().front().id);
  ASSERT_TRUE(edits) << edits.error().message();
  EXPECT_THAT(edits->refused, IsEmpty());
  ASSERT_EQ(edits->probes.size(), 1u);
  EXPECT_EQ(edits->probes.front().name, "norm");
  EXPECT_EQ(edits->probes.front().form, store::Probe::Form::kEdit);
  const RunAnswer got = answer(ask(edits->probes));
  EXPECT_EQ(got.exact, 6u) << why(got);
}

TEST_F(Replay, ANewLogStatementIsFoundWhereHeadersChangedTogetherWithTheSource) {
  const std::string include = "#include <cstdio>\n#include \"norm.h\"\n";
  const auto with_header = [&](std::string source) { return source.replace(source.find("#include <cstdio>\n"), 18, include); };
  folder.write("norm.h", "#include \"scale.h\"\ninline double scaled(double x) { return x * kScale; }\n");
  folder.write("scale.h", "constexpr double kScale = 0.1;\n");
  folder.write("train.cc", with_header(training("", "scaled(1)")));
  record_it();
  // Neither text can be read with the other's headers.
  folder.write("norm.h", "#include \"more/factor.h\"\ninline double scaled(double x, int) { return x * kFactor; }\n");
  folder.write("more/factor.h", "constexpr double kFactor = 0.1;\n");
  folder.write("train.cc", with_header(training("hindsight::log(\"norm\", hindsight::norm(w));", "scaled(1, 2)")));
  const Result<FoundEdits> edits = find_edits(*store, project(), versions().front().id);
  ASSERT_TRUE(edits) << edits.error().message();
  EXPECT_THAT(edits->refused, IsEmpty());
  ASSERT_EQ(edits->probes.size(), 1u);
  const RunAnswer got = answer(ask(edits->probes));
  EXPECT_EQ(got.exact, 6u) << why(got);
}

TEST_F(Replay, AProbeThatIsAnsweredIsNeitherBuiltInNorRunAgainBesideANewOne) {
  record_it();
  const store::Probe inner = probe("inner", "w[1]", "hindsight::log(\"first\", w[0]);");
  const store::Probe outer = probe("outer", "hindsight::norm(w)", kLoss);
  ASSERT_EQ(answer(ask({inner})).exact, 24u);
  const RunAnswer got = answer(ask({inner, outer}));
  EXPECT_EQ(got.exact, 30u) << why(got);
  ASSERT_TRUE(got.replay);
  EXPECT_THAT(got.replay->probes, ElementsAre(outer.id));
  ASSERT_EQ(got.plan.segments.size(), 1u);
  EXPECT_THAT(names_of(got.plan.segments[0].skip_nested), ElementsAre("step"));
}

TEST_F(Replay, WhatPlacingAndBuildingTakeIsCountedOnceAndApartFromTheReplay) {
  record_it();
  ReplayRequest request = ask({probe("norm", "hindsight::norm(w)", kLoss)});
  request.dry_run = true;
  const double placing = answer(request).build_cpu_seconds;
  EXPECT_GT(placing, 0);
  EXPECT_EQ(answer(request).build_cpu_seconds, 0);
  request.dry_run = false;
  const RunAnswer got = answer(request);
  ASSERT_TRUE(got.replay);
  EXPECT_GT(got.build_cpu_seconds, 0);
  EXPECT_EQ(got.replay->build_cpu_seconds, got.build_cpu_seconds);
  EXPECT_EQ(answer(request).build_cpu_seconds, 0);
}

// A variable of the environment as long as this lives.
class Setting {
 public:
  Setting(const char* name, const fs::path& value) : name_(name), before_(std::getenv(name) != nullptr ? std::optional<std::string>(std::getenv(name)) : std::nullopt) {
    setenv(name, value.c_str(), 1);
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;
  ~Setting() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_F(Replay, AnInstallationInAFolderThatViewsHideIsShownInThem) {
  char name[] = "/tmp/hindsight-prefix-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const ScratchFolder prefix(name);
  const fs::path programs = prefix.path() / "libexec/hindsight";
  fs::create_directories(programs);
  fs::create_directories(prefix.path() / "lib/pkgconfig");
  const Result<Places> places = find_places();
  ASSERT_TRUE(places);
  for (const fs::path& program : {places->compiler_launcher, places->instrument, places->enter}) fs::copy(program, programs / program.filename());
  fs::copy(places->include, prefix.path() / "include", fs::copy_options::recursive);
  fs::copy(HINDSIGHT_TEST_LIBRARY, prefix.path() / "lib/libhindsight.a");
  std::ofstream(prefix.path() / "lib/pkgconfig/hindsight.pc") << "prefix=" << name << "\nName: hindsight\nDescription: -\nVersion: 0\n"
                                                              << "Cflags: -I${prefix}/include\nLibs: ${prefix}/lib/libhindsight.a -pthread\n";
  const Setting libexec("HINDSIGHT_LIBEXEC", programs);
  const Setting include("HINDSIGHT_INCLUDE", prefix.path() / "include");
  ASSERT_EQ(find_places()->package, prefix.path() / "lib/pkgconfig");
  set_up("[build]\ncommand = \"g++ -O2 -std=c++17 train.cc -o train $(pkg-config --cflags --libs hindsight)\"\noutputs = [\"train\"]\n");
  record_it();
  EXPECT_EQ(answer(ask({probe("norm", "hindsight::norm(w)", kLoss)})).exact, 6u);
  folder.write("train.cc", training("hindsight::log(\"sum\", w[0] + w[1]);"));
  const Result<FoundEdits> edits = find_edits(*store, project(), versions().front().id);
  ASSERT_TRUE(edits) << edits.error().message();
  ASSERT_EQ(edits->probes.size(), 1u);
  EXPECT_EQ(answer(ask(edits->probes)).exact, 6u);
}

TEST_F(Replay, ANewLogStatementInAFileThatIsNoUnitIsRefusedAloud) {
  folder.write("util.h", "#include <hindsight/hindsight.h>\n");
  record_it();
  folder.write("util.h", "#include <hindsight/hindsight.h>\ninline void f() { hindsight::log(\"x\", 1); }\n");
  const Result<FoundEdits> edits = find_edits(*store, project(), versions().front().id);
  ASSERT_TRUE(edits) << edits.error().message();
  EXPECT_THAT(edits->refused, ElementsAre(HasSubstr("util.h: no compiled unit of v1 that is one of its sources includes it")));
}

TEST_F(Replay, NewLogStatementsThatCannotBeAskedAreRefusedAloudWithTheirLine) {
  folder.write("util.h", "inline int one() { return 1; }\n");
  const std::string source = "#include \"util.h\"\n" + training();
  folder.write("train.cc", source);
  record_it();
  const auto refused = [&](const std::string& text) {
    folder.write("train.cc", text);
    const Result<FoundEdits> edits = find_edits(*store, project(), versions().front().id);
    EXPECT_TRUE(edits) << edits.error().message();
    return edits ? edits->refused : std::vector<std::string>{};
  };
  const auto with = [&](const std::string& statement) { return "#include \"util.h\"\n" + training(statement); };
  EXPECT_THAT(refused(source + "// changed\n"), IsEmpty());
  EXPECT_THAT(refused(with("if (epoch > 1) hindsight::log(\"twice\", w[0]);")),
              ElementsAre(testing::AllOf(testing::StartsWith("train.cc:19: `hindsight::log"), HasSubstr("it is the body of an if"))));
  EXPECT_THAT(refused(with("hindsight::log(\"twice\", w[0];")), ElementsAre(testing::StartsWith("train.cc: today's text: ")));
  folder.write("util.h", "#include <hindsight/hindsight.h>\ninline int one() { hindsight::log(\"one\", 1); return 1; }\n");
  EXPECT_THAT(refused(source), IsEmpty());
  const Result<FoundEdits> edits = find_edits(*store, project(), versions().front().id);
  ASSERT_TRUE(edits && edits->probes.size() == 1u);
  EXPECT_EQ(edits->probes[0].file, "util.h");
}

TEST_F(Replay, NothingIsLeftInTheScratchFolder) {
  record_it();
  answer(ask({probe("norm", "hindsight::norm(w)", kLoss)}));
  for (const auto& entry : fs::directory_iterator(folder / ".hindsight/scratch")) ADD_FAILURE() << entry.path();
}

TEST(ProbeId, IsTheExpressionAndThePlacementAndNotTheName) {
  const store::Probe base = probe("a", "x", "y;");
  store::Probe renamed = base;
  renamed.name = "b";
  EXPECT_EQ(probe_id(renamed), base.id);
  const auto differs = [&](auto change) {
    store::Probe other = base;
    change(other);
    EXPECT_NE(probe_id(other), base.id);
  };
  differs([](store::Probe& p) { p.expression = "z"; });
  differs([](store::Probe& p) { p.statement = "z;"; });
  differs([](store::Probe& p) { p.form = store::Probe::Form::kAfter; });
  differs([](store::Probe& p) { p.function = "f"; });
  differs([](store::Probe& p) { p.file = "f.cc"; });
  differs([](store::Probe& p) { p.line = 3; });
  differs([](store::Probe& p) { p.nest = {"for"}; });
  differs([](store::Probe& p) { p.previous = "p"; });
  differs([](store::Probe& p) { p.next = "p"; });
}

}  // namespace
}  // namespace hindsight::replay

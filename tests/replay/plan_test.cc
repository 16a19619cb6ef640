#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "replay/explain.h"
#include "replay/plan.h"
#include "tests/replay/recorded_run.h"

namespace hindsight::replay {
namespace {

using store::Coverage;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Contains;
using ::testing::SizeIs;

constexpr std::uint64_t kNoLoop = Coverage::kNoLoop;

Question ask(Placement placement, Where where = {}) { return {{std::move(placement)}, std::move(where), {}}; }

RecordedRun ten_epochs() {
  RecordedRun run;
  run.main_loop("epoch", 10).heads({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).exit();
  return run;
}

TEST(Plan, AnOuterProbeIsAnsweredByOneWorkerThatSkipsTheNestedLoops) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  const Plan plan = make_plan(ask(probe_in({"epoch"})), run.recorded, complete({"epoch", "step"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  const Segment& segment = plan.segments[0];
  EXPECT_THAT(segment.asked, ElementsAre(Stretch{0, 0, 10}));
  EXPECT_THAT(names_of(segment.skip_nested), ElementsAre("step"));
  EXPECT_THAT(segment.enters, IsEmpty());
  EXPECT_FALSE(segment.runs_to_end);
  EXPECT_LT(plan.estimated_seconds * 4, plan.full_run_seconds);
}

TEST(Plan, OneEpochIsEnteredByTheCheckpointAtItsHead) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  const Plan plan = make_plan(ask(probe_in({"epoch", "step"}), {{"epoch", 4, 4}}), run.recorded, complete({"epoch", "step"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  const Segment& segment = plan.segments[0];
  EXPECT_THAT(segment.asked, ElementsAre(Stretch{0, 4, 5}));
  EXPECT_EQ(segment.loop_instance, 0U);
  EXPECT_EQ(segment.enter, 4U);
  EXPECT_THAT(segment.skip_nested, IsEmpty());
}

TEST(Plan, WithoutACheckpointAtTheHeadItRunsFromTheNearestEarlierOne) {
  RecordedRun run;
  run.main_loop("epoch", 10).heads({0, 3, 6, 9}).exit();
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 5, 5}}), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].enters, ElementsAre(std::pair{0, 3}));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 5, 6}));
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("runs from epoch=3")));
}

TEST(Plan, HashesWithoutBytesAreNoHeadToEnterBy) {
  RecordedRun run;
  run.main_loop("epoch", 10).heads({0, 3}).heads({5}, false).exit();
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 5, 5}}), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_EQ(plan.segments[0].enter, 3U);
}

TEST(Plan, ALoopWhoseStateMissesSomethingRunsFromItsStartAndTheReasonNamesIt) {
  RecordedRun run = ten_epochs();
  Gate gate;
  gate.loops[{"epoch"}] = {{"epoch_loss", "assigned in the body"}};
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 5, 5}}), run.recorded, gate, 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].enters, IsEmpty());
  EXPECT_THAT(plan.segments[0].skip_instances, IsEmpty());
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("'epoch_loss' (assigned in the body)")));
}

TEST(Plan, ALoopThatNoReportHasSeenIsNeitherEnteredNorSkipped) {
  RecordedRun run = ten_epochs();
  const Plan plan = make_plan(ask(probe_outside()), run.recorded, Gate{}, 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].enters, IsEmpty());
  EXPECT_THAT(plan.segments[0].skip_instances, IsEmpty());
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("cannot be shown to be complete")));
}

TEST(Plan, AssumedStateIsEnteredAllTheSameAndTheReasonSaysSo) {
  RecordedRun run = ten_epochs();
  Gate gate;
  gate.assume_state = true;
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 5, 5}}), run.recorded, gate, 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_EQ(plan.segments[0].enter, 5U);
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("unverified")));
}

TEST(Plan, LoopsWithStateOnSeveralThreadsAreNeverJumped) {
  RecordedRun run = ten_epochs();
  store::LoopInstance other = run.recorded.loops[0];
  other.number = 1;
  other.thread = 1;
  run.recorded.loops.push_back(other);
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 5, 5}}), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].enters, IsEmpty());
}

TEST(Plan, ANestedLoopIsNotSkippedWhenItsStateMissesSomething) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  Gate gate = complete({"epoch"});
  gate.loops[{"step"}] = {{"epoch_loss", "assigned in the body"}};
  const Plan plan = make_plan(ask(probe_in({"epoch"})), run.recorded, gate, 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].skip_nested, IsEmpty());
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("epoch_loss")));
}

TEST(Plan, OfNestedLoopsOfOneNameThoseAreSkippedWhoseStateMissesNothing) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  run.nested("step", 5);
  std::size_t number = 0;
  for (store::LoopInstance& instance : run.recorded.loops) {
    if (instance.loop == "step") instance.site = {"train.cc", number++ < 10 ? 20U : 30U};
  }
  Gate gate = complete({"epoch"});
  gate.loops[{"step", "train.cc", 20}] = {{"epoch_loss", "assigned in the body"}};
  gate.loops[{"step", "train.cc", 30}] = {};
  const Plan plan = make_plan(ask(probe_in({"epoch"})), run.recorded, gate, 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].skip_nested, ElementsAre(Gate::Loop{"step", "train.cc", 30}));
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("'step' loops of train.cc:20 run although no probe can be reached from them: its state misses 'epoch_loss'")));
}

TEST(Plan, ANestedLoopThatAnyLoopMayReachTheProbeFromIsNotSkipped) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  Placement anywhere = probe_in({"epoch"});
  anywhere.reached_from.reset();
  const Plan plan = make_plan(ask(anywhere), run.recorded, complete({"epoch", "step"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].skip_nested, IsEmpty());
}

TEST(Plan, AProbeOutsideTheLoopSkipsIt) {
  RecordedRun run = ten_epochs();
  const Plan plan = make_plan(ask(probe_outside()), run.recorded, complete({"epoch"}), 4);
  ASSERT_THAT(plan.segments, SizeIs(1));
  const Segment& segment = plan.segments[0];
  EXPECT_THAT(segment.asked, ElementsAre(Stretch{kNoLoop, 0, 1}, Stretch{kNoLoop, 1, 2}));
  EXPECT_THAT(segment.skip_instances, ElementsAre(0));
  EXPECT_TRUE(segment.includes_prologue);
  EXPECT_TRUE(segment.runs_to_end);
}

TEST(Plan, AProbeBeforeTheLoopAloneStopsAtTheLoopsHead) {
  RecordedRun run = ten_epochs();
  Placement before = probe_in({});
  before.before_first_loop = true;
  const Plan plan = make_plan(ask(before), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{kNoLoop, 0, 1}));
  EXPECT_FALSE(plan.segments[0].runs_to_end);
  EXPECT_LT(plan.estimated_seconds, 2);
}

TEST(Plan, AnEarlierPhaseIsPassedByRestoringItsExit) {
  RecordedRun run;
  run.main_loop("pretrain", 8).heads({0, 1, 2, 3, 4, 5, 6, 7}).exit();
  run.main_loop("finetune", 4).heads({0, 1, 2, 3}).exit();
  const Plan plan = make_plan(ask(probe_in({"finetune"}), {{"finetune", 2, 2}}), run.recorded, complete({"pretrain", "finetune"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].skip_instances, ElementsAre(0));
  EXPECT_THAT(plan.segments[0].enters, ElementsAre(std::pair{1, 2}));
}

TEST(Plan, AnEarlierPhaseWithoutAKeptExitIsEnteredLate) {
  RecordedRun run;
  run.main_loop("pretrain", 8).heads({0, 1, 2, 3, 4, 5, 6, 7});
  run.main_loop("finetune", 4).heads({0, 1, 2, 3}).exit();
  const Plan plan = make_plan(ask(probe_in({"finetune"}), {{"finetune", 2, 2}}), run.recorded, complete({"pretrain", "finetune"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].skip_instances, IsEmpty());
  EXPECT_THAT(plan.segments[0].enters, ElementsAre(std::pair{0, 7}, std::pair{1, 2}));
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("pretrain runs from its last checkpoint on the way, since the state at its "
                                               "end is not kept")));
}

TEST(Plan, AClauseOnAMainLoopDropsOtherMainLoopsAndWhatIsOutside) {
  RecordedRun run;
  run.main_loop("pretrain", 3).heads({0, 1, 2}).exit();
  run.main_loop("finetune", 3).heads({0, 1, 2}).exit();
  Placement anywhere = probe_outside();
  anywhere.reached_from.reset();
  const Plan plan = make_plan(ask(anywhere, {{"finetune", 1, 1}}), run.recorded, complete({"pretrain", "finetune"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{1, 1, 2}));
}

TEST(Plan, AClauseOnANestedLoopDropsNoIteration) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  const Plan plan = make_plan(ask(probe_in({"epoch", "step"}), {{"step", 3, 3}}), run.recorded, complete({"epoch", "step"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 0, 10}));
}

TEST(Plan, AClauseOnAnEnclosingLoopWithoutStateChoosesItsMainLoops) {
  RecordedRun run;
  run.main_loop("epoch", 3, 1, {{"fold", 0, 0, 0}}).heads({0, 1, 2}).exit();
  run.main_loop("epoch", 3, 1, {{"fold", 0, 1, 1}}).heads({0, 1, 2}).exit();
  const Plan plan = make_plan(ask(probe_in({"fold", "epoch"}), {{"fold", 1, 1}, {"epoch", 2, 2}}), run.recorded,
                              complete({"fold", "epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{1, 2, 3}));
  EXPECT_THAT(plan.segments[0].skip_instances, ElementsAre(0));
}

TEST(Plan, LabelsAreAskedForAndRepeatedOnesAllAnswer) {
  RecordedRun run;
  run.main_loop("epoch", 4).heads({0, 1, 2, 3}).exit();
  run.recorded.loops[0].labels = {10, 20, 10, std::nullopt};
  const Gate gate = complete({"epoch"});
  const auto asked = [&](std::int64_t label) {
    std::vector<Stretch> all;
    for (const Segment& segment : make_plan(ask(probe_in({"epoch"}), {{"epoch", label, label}}), run.recorded, gate, 1).segments) {
      all.insert(all.end(), segment.asked.begin(), segment.asked.end());
    }
    return all;
  };
  EXPECT_THAT(asked(10), ElementsAre(Stretch{0, 0, 1}, Stretch{0, 2, 3}));
  EXPECT_THAT(asked(20), ElementsAre(Stretch{0, 1, 2}));
  EXPECT_THAT(asked(3), ElementsAre(Stretch{0, 3, 4}));
}

TEST(Plan, AnUnknownLoopIsAProblemWithASuggestion) {
  RecordedRun run = ten_epochs();
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoc", 1, 1}}), run.recorded, complete({"epoch"}), 1);
  EXPECT_THAT(plan.segments, IsEmpty());
  EXPECT_THAT(plan.problems, ElementsAre("no loop is called 'epoc'; did you mean 'epoch'?"));
}

TEST(Plan, ALabelThatWasNeverRecordedIsAProblemThatSaysWhatWas) {
  RecordedRun run = ten_epochs();
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 10, 12}}), run.recorded, complete({"epoch"}), 1);
  EXPECT_THAT(plan.segments, IsEmpty());
  EXPECT_THAT(plan.problems, ElementsAre("nothing recorded matches 'epoch in 10..12'; recorded is epoch=0..9"));
}

TEST(Plan, WhatIsAnsweredExactlyDoesNotRunAgain) {
  RecordedRun run = ten_epochs();
  Question question = ask(probe_in({"epoch"}));
  const store::ProbeId probe = question.probes[0].probe;
  question.answered = {{.run = {7}, .probe = probe, .loop_instance = 0, .first = 0, .last = 8, .replay = {1}, .exact = true}};
  const Gate gate = complete({"epoch"});
  const Plan rest = make_plan(question, run.recorded, gate, 1);
  ASSERT_THAT(rest.segments, SizeIs(1));
  EXPECT_THAT(rest.segments[0].asked, ElementsAre(Stretch{0, 8, 10}));
  question.answered[0].last = 10;
  EXPECT_THAT(make_plan(question, run.recorded, gate, 1).segments, IsEmpty());
}

// `probe` again, under another identity.
Placement other(Placement probe) {
  probe.probe = {{3, 4}};
  return probe;
}

Coverage exact(const Placement& probe, std::uint64_t first, std::uint64_t last) {
  return {.run = {7}, .probe = probe.probe, .loop_instance = 0, .first = first, .last = last, .replay = {1}, .exact = true};
}

TEST(Plan, AProbeThatHasAllItsAnswersIsNotAskedAgainBesideOneThatHasNone) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  const Placement inner = probe_in({"epoch", "step"});
  const Placement outer = other(probe_in({"epoch"}));
  const Question question{{inner, outer}, {}, {exact(inner, 0, 10)}};
  const Plan plan = make_plan(question, run.recorded, complete({"epoch", "step"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].probes, ElementsAre(outer.probe));
  EXPECT_THAT(names_of(plan.segments[0].skip_nested), ElementsAre("step"));
  EXPECT_THAT(plan.reasons, Contains(HasSubstr("1 of 2 probes has nothing left to answer")));
  EXPECT_EQ(plan.segments, make_plan({{outer}, {}, {}}, run.recorded, complete({"epoch", "step"}), 1).segments);
}

TEST(Plan, IterationsThatOneProbeHasAnsweredAreRunForTheOthersAlone) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  const Placement inner = probe_in({"epoch", "step"});
  const Placement outer = other(probe_in({"epoch"}));
  const Question question{{inner, outer}, {}, {exact(inner, 3, 10)}};
  const Plan plan = make_plan(question, run.recorded, complete({"epoch", "step"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(2));
  EXPECT_THAT(plan.segments[0].probes, ElementsAre(inner.probe, outer.probe));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 0, 3}));
  EXPECT_THAT(plan.segments[0].skip_nested, IsEmpty());
  EXPECT_THAT(plan.segments[1].probes, ElementsAre(outer.probe));
  EXPECT_THAT(plan.segments[1].asked, ElementsAre(Stretch{0, 3, 10}));
  EXPECT_THAT(names_of(plan.segments[1].skip_nested), ElementsAre("step"));
  EXPECT_EQ(plan.segments[1].number, 2U);
}

TEST(Plan, AVerificationEntersAnIterationThatWouldBeRunFasterThanRestored) {
  RecordedRun run;
  run.main_loop("epoch", 4, 1e-6).heads({0, 1, 2, 3}).exit();
  for (std::int64_t epoch = 1; epoch < 4; ++epoch) {
    const Where where = {{"epoch", epoch, epoch}};
    const Plan asked = make_plan({{probe_in({"epoch"})}, where, {}}, run.recorded, complete({"epoch"}), 1);
    ASSERT_THAT(asked.segments, SizeIs(1));
    EXPECT_THAT(asked.segments[0].enters, IsEmpty());
    const Plan verified = make_plan({{probe_in({"epoch"})}, where, {}, true}, run.recorded, complete({"epoch"}), 1);
    ASSERT_THAT(verified.segments, SizeIs(1));
    EXPECT_EQ(verified.segments[0].enters, (std::map<std::uint64_t, std::uint64_t>{{0, static_cast<std::uint64_t>(epoch)}}));
  }
}

TEST(Plan, WhereAWorkerMoreCostsMoreThanAnsweringAgainOneWorkerAnswersAll) {
  RecordedRun run;
  run.main_loop("epoch", 4, 0.01).heads({0, 1, 2, 3}).exit();
  const Placement one = probe_in({"epoch"});
  const Question question{{one, other(one)}, {}, {exact(one, 2, 4)}};
  const Plan plan = make_plan(question, run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].probes, SizeIs(2));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 0, 4}));
}

TEST(Plan, AnswersThatAreNotExactOrOfOtherProbesOrRunsAreNotReused) {
  RecordedRun run = ten_epochs();
  Question question = ask(probe_in({"epoch"}));
  const store::ProbeId probe = question.probes[0].probe;
  const Coverage good = {.run = {7}, .probe = probe, .loop_instance = 0, .first = 0, .last = 10, .replay = {1}, .exact = true};
  Coverage inexact = good;
  inexact.exact = false;
  Coverage other_run = good;
  other_run.run = {8};
  Coverage other_probe = good;
  other_probe.probe = {{9, 9}};
  question.answered = {inexact, other_run, other_probe};
  const Plan plan = make_plan(question, run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 0, 10}));
}

TEST(Plan, ThePartsOutsideLoopsAreReusedToo) {
  RecordedRun run;
  run.main_loop("a", 2).heads({0, 1}).exit();
  run.main_loop("b", 2).heads({0, 1}).exit();
  Question question = ask(probe_outside());
  const Gate gate = complete({"a", "b"});
  const Plan first = make_plan(question, run.recorded, gate, 1);
  ASSERT_THAT(first.segments, SizeIs(1));
  EXPECT_THAT(first.segments[0].asked, ElementsAre(Stretch{kNoLoop, 0, 1}, Stretch{0, 2, 3}, Stretch{kNoLoop, 1, 2}));
  for (const Stretch& stretch : first.segments[0].asked) {
    question.answered.push_back({{7}, question.probes[0].probe, stretch.loop_instance, stretch.first, stretch.last, {1}, true});
  }
  EXPECT_THAT(make_plan(question, run.recorded, gate, 1).segments, IsEmpty());
}

TEST(Plan, ACrashedRunIsAnsweredUpToItsLastIteration) {
  RecordedRun run;
  run.main_loop("epoch", 5).heads({0, 1, 2, 3, 4});
  run.recorded.run.state = store::RunState::kCrashed;
  run.recorded.loops[0].end = store::LoopInstance::End::kRunning;
  run.recorded.loops[0].ended_ns = 0;
  Placement probe = probe_in({"epoch"});
  const Plan plan = make_plan(ask(probe), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 0, 5}));
  EXPECT_FALSE(plan.segments[0].runs_to_end);
  probe = probe_in({});
  probe.after_last_loop = true;
  const Plan after = make_plan(ask(probe), run.recorded, complete({"epoch"}), 1);
  EXPECT_THAT(after.segments, IsEmpty());
  EXPECT_THAT(after.problems, ElementsAre(HasSubstr("the recording ends before that")));
}

TEST(Plan, ALoopLeftByABreakIsFollowedToTheEndOfTheProcess) {
  RecordedRun run;
  run.main_loop("epoch", 5).heads({0, 1, 2, 3, 4});
  run.recorded.loops[0].end = store::LoopInstance::End::kAbandoned;
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 4, 4}}), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_EQ(plan.segments[0].enter, 4U);
  EXPECT_TRUE(plan.segments[0].runs_to_end);
  EXPECT_THAT(plan.segments[0].asked, ElementsAre(Stretch{0, 4, 5}));
}

TEST(Plan, ARunWithoutLoopsWithStateRunsWhole) {
  RecordedRun run;
  const Plan plan = make_plan(ask(probe_in({"step"})), run.recorded, complete({"step"}), 4);
  ASSERT_THAT(plan.segments, SizeIs(1));
  EXPECT_TRUE(plan.segments[0].includes_prologue);
  EXPECT_TRUE(plan.segments[0].runs_to_end);
}

TEST(Plan, DistantIterationsGetWorkersOfTheirOwnAndNearOnesShareOne) {
  RecordedRun run;
  run.main_loop("epoch", 100).heads([] {
    std::vector<std::uint64_t> all(100);
    for (std::uint64_t i = 0; i < 100; ++i) all[i] = i;
    return all;
  }()).exit();
  run.recorded.loops[0].labels.assign(100, 0);
  run.recorded.loops[0].labels[2] = run.recorded.loops[0].labels[60] = 1;
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 1, 1}}), run.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(plan.segments, SizeIs(2));
  EXPECT_EQ(plan.segments[0].enter, 2U);
  EXPECT_EQ(plan.segments[1].enter, 60U);

  RecordedRun quick;
  quick.main_loop("epoch", 4, 0.01).heads({0, 1, 2, 3}).exit();
  quick.recorded.loops[0].labels = {0, 1, 0, 1};
  const Plan shared = make_plan(ask(probe_in({"epoch"}), {{"epoch", 1, 1}}), quick.recorded, complete({"epoch"}), 1);
  ASSERT_THAT(shared.segments, SizeIs(1));
  EXPECT_THAT(shared.segments[0].asked, ElementsAre(Stretch{0, 1, 2}, Stretch{0, 3, 4}));
}

TEST(Plan, SeveralWorkersShareALongStretchEvenly) {
  RecordedRun run;
  std::vector<std::uint64_t> all(64);
  for (std::uint64_t i = 0; i < 64; ++i) all[i] = i;
  run.main_loop("epoch", 64, 10).heads(all).exit();
  const Gate gate = complete({"epoch"});
  const double alone = make_plan(ask(probe_in({"epoch"})), run.recorded, gate, 1).estimated_seconds;
  for (const unsigned workers : {2U, 3U, 4U, 8U}) {
    SCOPED_TRACE(workers);
    const Plan plan = make_plan(ask(probe_in({"epoch"})), run.recorded, gate, workers);
    EXPECT_EQ(plan.segments.size(), workers);
    EXPECT_LT(plan.estimated_seconds, alone / workers * 1.15);
  }
}

TEST(Plan, WorkThatIsNotWorthSplittingIsNotSplit) {
  RecordedRun run;
  run.main_loop("epoch", 10, 0.01).heads({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).exit();
  EXPECT_THAT(make_plan(ask(probe_in({"epoch"})), run.recorded, complete({"epoch"}), 8).segments, SizeIs(1));
}

TEST(Explain, SaysWhatEachWorkerDoesAndWhatItTakes) {
  RecordedRun run = ten_epochs();
  run.nested("step", 25);
  const Plan plan = make_plan(ask(probe_in({"epoch"}), {{"epoch", 3, 5}}), run.recorded, complete({"epoch", "step"}), 1);
  EXPECT_THAT(explain(plan, run.recorded, false),
              ElementsAre("worker 1: answers epoch=3..5; restores the head of epoch=3; skips nested step (about 1.6 s)",
                          "about 1.6 s in all, against 17.1 s for training again"));
  EXPECT_THAT(explain(plan, run.recorded, true), Contains(HasSubstr("because: worker 1: epoch=3..5 is asked for; entered by the checkpoint at its head")));
  EXPECT_THAT(explain(Plan{}, run.recorded, true), ElementsAre("nothing has to run"));
}

TEST(Explain, SaysWhyNothingRuns) {
  const RecordedRun run = ten_epochs();
  const Gate gate = complete({"epoch"});
  Question question = ask(probe_in({"epoch"}));
  question.answered = {exact(question.probes[0], 0, 10)};
  EXPECT_THAT(explain(make_plan(question, run.recorded, gate, 1), run.recorded, true),
              ElementsAre("nothing has to run: everything asked for is answered already"));
  EXPECT_THAT(explain(make_plan(ask(probe_in({})), run.recorded, gate, 1), run.recorded, true),
              ElementsAre("nothing has to run: no probe can be reached in what is asked for"));
  EXPECT_THAT(explain(make_plan(ask(probe_in({"epoch"}), {{"epoch", 12, 12}}), run.recorded, gate, 1), run.recorded, true),
              ElementsAre("nothing can run", HasSubstr("problem: nothing recorded matches")));
}

TEST(Explain, ShowsSecondsForPeople) {
  EXPECT_EQ(show_seconds(0.0002), "0.2 ms");
  EXPECT_EQ(show_seconds(0.25), "250 ms");
  EXPECT_EQ(show_seconds(37.6), "37.6 s");
  EXPECT_EQ(show_seconds(1500), "25 min");
  EXPECT_EQ(show_seconds(9000), "2.5 h");
}

}  // namespace
}  // namespace hindsight::replay

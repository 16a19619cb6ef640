#include "replay/director.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "tests/replay/recorded_run.h"
#include "tests/replay/toy_training.h"

namespace hindsight::replay {
namespace {

using store::Status;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Where a value belongs: its position and its place there.
using Place = std::pair<std::string, std::uint64_t>;
Place place_of(const host::ValueEvent& value) { return {store::to_string(value.position), value.seq}; }

std::map<Place, std::string> by_place(const std::vector<host::ValueEvent>& values) {
  std::map<Place, std::string> all;
  for (const host::ValueEvent& value : values) all[place_of(value)] = value.value.bytes;
  return all;
}

Placement placement_of(ProbeAt at) {
  Placement placement;
  placement.probe = kToyProbe;
  placement.reached_from = std::set<std::string>{};
  if (at == ProbeAt::kTop || at == ProbeAt::kAfterSteps) placement.reached_from = {"epoch"};
  if (at == ProbeAt::kStep) placement.reached_from = {"epoch", "step"};
  placement.before_first_loop = placement.after_last_loop = placement.reached_from->empty();
  return placement;
}

// All that a question leads to: a plan, its workers, their verdicts.
struct Outcome {
  Plan plan;
  std::vector<Verdict> verdicts;
  std::map<Place, ProbeAnswer> answers;
  std::vector<store::Coverage> coverage;
  std::uint64_t epochs_begun = 0;
  std::uint64_t steps_run = 0;
  bool answered_twice = false;

  std::size_t count(Status status) const {
    std::size_t all = 0;
    for (const auto& [place, answer] : answers) all += answer.status == status ? 1 : 0;
    return all;
  }
  std::string first_difference() const {
    for (const Verdict& verdict : verdicts) {
      if (!verdict.outcome.first_difference.empty()) return verdict.outcome.first_difference;
    }
    return {};
  }
};

Outcome answer(const ToyRecording& recording, const ToyOptions& options, const Question& question, const Gate& gate, unsigned workers,
               CheckRules rules = {}) {
  Outcome outcome;
  const Reference reference(recording.recorded, recording.series, std::move(rules));
  outcome.plan = make_plan(question, recording.recorded, gate, workers);
  for (const Segment& segment : outcome.plan.segments) {
    Director director(segment, reference, recording.read_state());
    Toy toy(options);
    Verdict verdict = toy.replay(director);
    outcome.epochs_begun += toy.epochs_begun;
    outcome.steps_run += toy.steps_run;
    for (const ProbeAnswer& each : verdict.answers) {
      if (!outcome.answers.emplace(place_of(each.value), each).second) outcome.answered_twice = true;
    }
    for (store::Coverage& each : coverage_of(verdict, reference.course(), {kToyProbe})) outcome.coverage.push_back(each);
    outcome.verdicts.push_back(std::move(verdict));
  }
  return outcome;
}

Question all_of(ProbeAt at) { return {{placement_of(at)}, {}, {}}; }
Gate all_complete() { return complete({"epoch", "step"}); }

std::vector<ToyOptions> all_trainings() {
  std::vector<ToyOptions> all;
  for (const std::uint64_t epochs : {0, 1, 4}) {
    for (const std::uint64_t steps : {0, 2}) {
      for (const std::uint64_t every : {1, 2, 7}) {
        for (const std::uint64_t phases : {0, 1, 2}) {
          if (phases == 0 && epochs + steps > 0) continue;
          for (const bool counts_itself : {false, true}) {
            for (const bool logs_steps : {false, true}) {
              ToyOptions options{.epochs = epochs, .steps = steps, .every = every, .phases = phases,
                                 .counts_itself = counts_itself, .leave_at = {}, .logs_steps = logs_steps};
              all.push_back(options);
              if (epochs < 2) continue;
              options.leave_at = epochs / 2;
              all.push_back(options);
              options.leave_at.reset();
              options.exit_at = epochs / 2;
              all.push_back(options);
            }
          }
        }
      }
    }
  }
  return all;
}

std::string describe(const ToyOptions& options, ProbeAt at) {
  return std::to_string(options.epochs) + " epochs of " + std::to_string(options.steps) + " steps, every " +
         std::to_string(options.every) + ", " + std::to_string(options.phases) + " phases, counts itself " +
         std::to_string(options.counts_itself) + ", left at " + (options.leave_at ? std::to_string(*options.leave_at) : "-") +
         ", exits at " + (options.exit_at ? std::to_string(*options.exit_at) : "-") + ", logs steps " + std::to_string(options.logs_steps) + ", probe " + std::to_string(static_cast<int>(at));
}

constexpr ProbeAt kPlaces[] = {ProbeAt::kBefore, ProbeAt::kTop, ProbeAt::kStep, ProbeAt::kAfterSteps, ProbeAt::kAfter};

TEST(Director, EveryValueOfEveryTrainingComesOutOnceAndExact) {
  std::size_t values = 0;
  for (ToyOptions options : all_trainings()) {
    const ToyRecording recording = record(options);
    for (const ProbeAt at : kPlaces) {
      for (const unsigned workers : {1U, 3U}) {
        SCOPED_TRACE(describe(options, at));
        options.probe = at;
        const auto expected = by_place(truth(options));
        const Outcome outcome = answer(recording, options, all_of(at), all_complete(), workers);
        ASSERT_FALSE(outcome.answered_twice);
        ASSERT_EQ(outcome.first_difference(), "");
        ASSERT_EQ(outcome.answers.size(), expected.size());
        for (const auto& [place, each] : outcome.answers) {
          ASSERT_EQ(each.value.value.bytes, expected.at(place)) << place.first;
          ASSERT_EQ(each.status, Status::kExact) << place.first;
        }
        values += expected.size();
        // Asked again, nothing runs.
        Question again = all_of(at);
        again.answered = outcome.coverage;
        ASSERT_THAT(make_plan(again, recording.recorded, all_complete(), workers).segments, IsEmpty());
      }
    }
  }
  EXPECT_GT(values, 1000U);
}

TEST(Director, OneEpochIsAnsweredWithoutTheOthers) {
  for (const bool counts_itself : {false, true}) {
    ToyOptions options{.epochs = 8, .steps = 5, .counts_itself = counts_itself, .leave_at = {}};
    const ToyRecording recording = record(options);
    options.probe = ProbeAt::kStep;
    Question question = all_of(ProbeAt::kStep);
    question.where = {{"epoch", 4, 4}};
    const Outcome outcome = answer(recording, options, question, all_complete(), 1);
    EXPECT_EQ(outcome.count(Status::kExact), 5U);
    EXPECT_EQ(outcome.answers.size(), 5U);
    EXPECT_EQ(outcome.epochs_begun, 1U);
    EXPECT_EQ(outcome.steps_run, 5U);
    for (const auto& [place, each] : outcome.answers) EXPECT_TRUE(place.first.starts_with("epoch=4/"));
  }
}

TEST(Director, NestedLoopsThatNoProbeCanReachDoNotRun) {
  ToyOptions options{.epochs = 8, .steps = 5, .leave_at = {}};
  const ToyRecording recording = record(options);
  for (const ProbeAt at : {ProbeAt::kTop, ProbeAt::kAfterSteps}) {
    options.probe = at;
    const Outcome outcome = answer(recording, options, all_of(at), all_complete(), 1);
    EXPECT_EQ(outcome.count(Status::kExact), 8U);
    EXPECT_EQ(outcome.epochs_begun, 8U);
    EXPECT_EQ(outcome.steps_run, 0U);
  }
}

TEST(Director, AProbeOutsideTheLoopsRunsNoEpoch) {
  ToyOptions options{.epochs = 8, .steps = 5, .phases = 2, .leave_at = {}};
  const ToyRecording recording = record(options);
  options.probe = ProbeAt::kAfter;
  const Outcome outcome = answer(recording, options, all_of(ProbeAt::kAfter), all_complete(), 1);
  EXPECT_EQ(outcome.count(Status::kExact), 1U);
  EXPECT_EQ(outcome.epochs_begun, 0U);
}

// The promise: whatever goes wrong, no value is called exact that is not what the recorded run would have given.
void expect_no_wrong_exact(const Outcome& outcome, const std::map<Place, std::string>& expected) {
  for (const auto& [place, each] : outcome.answers) {
    if (each.status != Status::kExact) continue;
    const auto found = expected.find(place);
    ASSERT_TRUE(found != expected.end()) << "an exact value that never was, at " << place.first;
    ASSERT_EQ(each.value.value.bytes, found->second) << "a wrong value is called exact, at " << place.first;
  }
}

TEST(Director, AProbeThatDisturbsTheTrainingIsCaughtAndNoWrongValueIsExact) {
  std::size_t caught = 0;
  for (ToyOptions options : all_trainings()) {
    const ToyRecording recording = record(options);
    for (const ProbeAt at : kPlaces) {
      for (const Disturb disturb : {Disturb::kRandom, Disturb::kWeight}) {
        for (const std::uint64_t from : {0, 2}) {
          for (const unsigned workers : {1U, 3U}) {
            SCOPED_TRACE(describe(options, at) + ", disturbs " + std::to_string(static_cast<int>(disturb)) + " from " + std::to_string(from));
            options.probe = at;
            options.disturb = disturb;
            options.disturb_from = from;
            const auto expected = by_place(truth(options));
            const Outcome outcome = answer(recording, options, all_of(at), all_complete(), workers);
            ASSERT_NO_FATAL_FAILURE(expect_no_wrong_exact(outcome, expected));
            bool wrong = false;
            for (const auto& [place, each] : outcome.answers) wrong = wrong || expected.at(place) != each.value.value.bytes;
            if (wrong) {
              ASSERT_NE(outcome.first_difference(), "");
              ASSERT_GT(outcome.count(Status::kDiverged), 0U);
            }
            caught += outcome.first_difference().empty() ? 0 : 1;
          }
        }
      }
    }
  }
  EXPECT_GT(caught, 500U);
}

TEST(Director, AProbeThatDisturbsAtTheTopOfAnEpochWhoseStepsAreSkippedIsCaughtBeforeTheSkip) {
  ToyOptions options{.epochs = 4, .steps = 5, .leave_at = {}, .logs_steps = false};
  const ToyRecording recording = record(options);
  options.probe = ProbeAt::kTop;
  options.disturb_from = 2;
  for (const auto& [disturb, leaf] : {std::pair{Disturb::kRandom, "random"}, std::pair{Disturb::kWeight, "weight"}}) {
    options.disturb = disturb;
    const Outcome outcome = answer(recording, options, all_of(ProbeAt::kTop), all_complete(), 1);
    EXPECT_THAT(outcome.first_difference(), HasSubstr("head of epoch=2/step=0: " + std::string(leaf)));
    EXPECT_EQ(outcome.answers.at({"epoch=0", 0}).status, Status::kExact);
    EXPECT_EQ(outcome.answers.at({"epoch=1", 0}).status, Status::kExact);
    EXPECT_EQ(outcome.answers.at({"epoch=2", 0}).status, Status::kDiverged);
    EXPECT_EQ(outcome.answers.at({"epoch=3", 0}).status, Status::kDiverged);
  }
}

TEST(Director, AVariableThatNoStateHasIsCaughtWhenTheGateIsWrongAboutIt) {
  std::size_t wrong = 0;
  for (ToyOptions options : all_trainings()) {
    options.has_hidden_state = true;
    const ToyRecording recording = record(options);
    for (const ProbeAt at : kPlaces) {
      for (const unsigned workers : {1U, 3U}) {
        for (std::uint64_t epoch = 0; epoch < std::max<std::uint64_t>(1, options.epochs); ++epoch) {
          SCOPED_TRACE(describe(options, at) + ", epoch " + std::to_string(epoch));
          options.probe = at;
          const auto expected = by_place(truth(options));
          Question question = all_of(at);
          if (at == ProbeAt::kStep) question.where = {{"epoch", static_cast<std::int64_t>(epoch), static_cast<std::int64_t>(epoch)}};
          const Outcome outcome = answer(recording, options, question, all_complete(), workers);
          for (const auto& [place, each] : outcome.answers) {
            const bool differs = expected.at(place) != each.value.value.bytes;
            wrong += differs ? 1 : 0;
            // The steps read it and write what it did to the weights; where no step runs nothing shows it: only the gate can.
            if (at == ProbeAt::kStep) {
              ASSERT_FALSE(differs && each.status == Status::kExact) << place.first;
            }
          }
          // With the gate as it should be, every value is right and exact.
          Gate gate = all_complete();
          gate.loops[{"epoch"}] = {{"hidden", "assigned in the body"}};
          const Outcome careful = answer(recording, options, question, gate, workers);
          for (const auto& [place, each] : careful.answers) {
            ASSERT_EQ(each.value.value.bytes, expected.at(place));
            ASSERT_EQ(each.status, Status::kExact);
          }
        }
      }
    }
  }
  EXPECT_GT(wrong, 100U);
}

TEST(Director, OfARecordingKilledAnywhereNoWrongValueIsExactAndNothingRunsAway) {
  std::size_t exact = 0;
  for (const bool counts_itself : {false, true}) {
    for (const std::uint64_t every : {1, 2}) {
      for (const std::uint64_t phases : {1, 2}) {
        ToyOptions options{.epochs = 4, .steps = 2, .every = every, .phases = phases, .counts_itself = counts_itself, .leave_at = {}};
        const std::vector<Toy::Recorded> told = Toy(options).record();
        for (std::size_t count = 0; count <= told.size(); ++count) {
          const ToyRecording recording = take_in(told, count);
          for (const ProbeAt at : kPlaces) {
            SCOPED_TRACE(describe(options, at) + ", killed after " + std::to_string(count) + " of " + std::to_string(told.size()));
            options.probe = at;
            const auto expected = by_place(truth(options));
            const Outcome outcome = answer(recording, options, all_of(at), all_complete(), 2);
            ASSERT_NO_FATAL_FAILURE(expect_no_wrong_exact(outcome, expected));
            ASSERT_EQ(outcome.first_difference(), "");
            exact += outcome.count(Status::kExact);
            // A worker may finish what the recording began, but no iteration that it did not.
            for (const auto& [place, each] : outcome.answers) ASSERT_LT(each.slot, Course(recording.recorded).size());
            Question again = all_of(at);
            again.answered = outcome.coverage;
            for (const Segment& segment : make_plan(again, recording.recorded, all_complete(), 1).segments) {
              ASSERT_LE(segment.asked.size(), 2U) << "what was exact is asked again";
            }
          }
        }
      }
    }
  }
  EXPECT_GT(exact, 1000U);
}

TEST(Director, AProgramThatGoesAnotherWayThanTheRecordedOneIsCaught) {
  // The program that replays is another one than was recorded: it runs longer, shorter, or logs other things.
  const ToyOptions recorded{.epochs = 4, .steps = 3, .leave_at = {}};
  const ToyRecording recording = record(recorded);
  for (const auto& [change, what] : std::vector<std::pair<ToyOptions, std::string>>{
           {{.epochs = 5, .steps = 3, .leave_at = {}}, "more epochs"},
           {{.epochs = 3, .steps = 3, .leave_at = {}}, "fewer epochs"},
           {{.epochs = 4, .steps = 4, .leave_at = {}}, "more steps"},
           {{.epochs = 4, .steps = 2, .leave_at = {}}, "fewer steps"},
           {{.epochs = 4, .steps = 3, .leave_at = 2}, "left early"},
           {{.epochs = 4, .steps = 3, .leave_at = {}, .logs_steps = false}, "logs less"},
           {{.epochs = 4, .steps = 3, .leave_at = {}, .exit_at = 2}, "exits early"},
           {{.epochs = 4, .steps = 3, .leave_at = {}, .exit_code = 1}, "other exit status"},
           {{.epochs = 4, .steps = 3, .phases = 2, .leave_at = {}}, "another phase"},
       }) {
    SCOPED_TRACE(what);
    ToyOptions options = change;
    options.probe = what == "other exit status" || what == "another phase" ? ProbeAt::kAfter : ProbeAt::kStep;
    const Outcome outcome = answer(recording, options, all_of(options.probe), all_complete(), 1);
    EXPECT_NE(outcome.first_difference(), "");
    ToyOptions probed = recorded;
    probed.probe = options.probe;
    expect_no_wrong_exact(outcome, by_place(truth(probed)));
  }
}

// One worker, directed by hand.
class Lone {
 public:
  explicit Lone(ToyOptions options, ProbeAt at = ProbeAt::kStep) : recording(record(options)), reference(recording.recorded, recording.series, {}) {
    options.probe = at;
    plan = make_plan(all_of(at), recording.recorded, all_complete(), 1);
    EXPECT_THAT(plan.segments, SizeIs(1));
  }
  Director director(DirectorOptions options = {}) { return Director(plan.segments[0], reference, recording.read_state(), options); }
  ToyRecording recording;
  Reference reference;
  Plan plan;
};

TEST(Director, ADifferenceNamesThePositionAndBothValues) {
  const ToyRecording recording = record({.epochs = 2, .steps = 2, .leave_at = {}});
  ToyOptions options{.epochs = 2, .steps = 2, .leave_at = {}, .probe = ProbeAt::kBefore, .disturb = Disturb::kWeight};
  const Outcome outcome = answer(recording, options, all_of(ProbeAt::kBefore), all_complete(), 1);
  EXPECT_EQ(outcome.first_difference(), "head of epoch=0: weight: recorded 1, replayed 2");
}

TEST(Director, ValuesThatAreNotLoggedAgainAreADifference) {
  const ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}});
  ToyOptions options{.epochs = 2, .steps = 3, .leave_at = {}, .logs_steps = false, .probe = ProbeAt::kStep};
  const Outcome outcome = answer(recording, options, all_of(ProbeAt::kStep), all_complete(), 1);
  EXPECT_THAT(outcome.first_difference(), HasSubstr("loss at epoch=0/step=0: recorded"));
  EXPECT_THAT(outcome.first_difference(), HasSubstr("not logged, like 2 more there"));
}

TEST(Director, ValuesOfThePrologueThatAreNotLoggedAgainAreADifference) {
  const ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}});
  ToyOptions options{.epochs = 2, .steps = 3, .leave_at = {}, .logs_start = false, .probe = ProbeAt::kTop};
  Question question = all_of(ProbeAt::kTop);
  question.where = {{"epoch", 0, 0}};
  const Outcome outcome = answer(recording, options, question, all_complete(), 1);
  EXPECT_EQ(outcome.first_difference(), "lr: recorded 3, replayed not logged");
}

TEST(Director, BytesOfAClosureThatDifferAreNoDifferenceAndLeaveNothingExact) {
  for (const std::uint64_t now : {7, 8}) {
    const ToyRecording recording = record({.epochs = 3, .steps = 2, .leave_at = {}, .closure = 7});
    const ToyOptions options{.epochs = 3, .steps = 2, .leave_at = {}, .closure = now, .probe = ProbeAt::kStep};
    const Outcome outcome = answer(recording, options, all_of(ProbeAt::kStep), {}, 1);
    EXPECT_EQ(outcome.first_difference(), "");
    ASSERT_EQ(outcome.answers.size(), 6u);
    for (const auto& [place, each] : outcome.answers) EXPECT_EQ(each.status, now == 7 ? store::Status::kExact : store::Status::kUnverified);
    const std::vector<std::string>& notes = outcome.verdicts.front().notes;
    EXPECT_EQ(std::count_if(notes.begin(), notes.end(), [](const std::string& note) { return note.find("what the closure f captured") != std::string::npos; }), now == 7 ? 0 : 1);
  }
}

TEST(Director, AProcessThatEndsElsewhereThanTheRecordedOneIsADifference) {
  ToyOptions options{.epochs = 2, .steps = 2, .leave_at = {}, .exit_at = 0, .logs_steps = false, .probe = ProbeAt::kStep};
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}, .logs_steps = false});
  Director director = lone.director();
  const Verdict verdict = Toy(options).replay(director);
  EXPECT_EQ(verdict.outcome.first_difference, "the end of the process: recorded came in after epoch, replayed came in epoch=0");
}

TEST(Director, ValuesThatWereNeverRecordedAreADifference) {
  const ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}, .logs_steps = false});
  ToyOptions options{.epochs = 2, .steps = 3, .leave_at = {}, .logs_steps = true, .probe = ProbeAt::kStep};
  const Outcome outcome = answer(recording, options, all_of(ProbeAt::kStep), all_complete(), 1);
  EXPECT_THAT(outcome.first_difference(), HasSubstr("loss at epoch=0/step=0: recorded nothing"));
}

TEST(Director, VolatileNamesAreNotCompared) {
  ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}});
  for (store::Series& series : recording.series) {
    if (series.key.name == "loss") series.columns.scalars.assign(series.columns.size(), 42);
  }
  ToyOptions options{.epochs = 2, .steps = 3, .leave_at = {}, .probe = ProbeAt::kStep};
  const Question question = all_of(ProbeAt::kStep);
  EXPECT_THAT(answer(recording, options, question, all_complete(), 1).first_difference(), HasSubstr("recorded 42"));
  for (const std::string name : {"loss", "lo*", "*"}) {
    const Outcome outcome = answer(recording, options, question, all_complete(), 1, {.volatile_names = {name}, .tolerance = {}});
    EXPECT_EQ(outcome.first_difference(), "");
    EXPECT_EQ(outcome.count(Status::kExact), 6U);
  }
  EXPECT_NE(answer(recording, options, question, all_complete(), 1, {.volatile_names = {"los"}, .tolerance = {}}).first_difference(), "");
}

TEST(Director, AVolatileNameThatIsNotLoggedAgainIsNoDifference) {
  const ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}});
  ToyOptions options{.epochs = 2, .steps = 3, .leave_at = {}, .logs_steps = false, .probe = ProbeAt::kStep};
  const Question question = all_of(ProbeAt::kStep);
  EXPECT_THAT(answer(recording, options, question, all_complete(), 1).first_difference(), HasSubstr("not logged"));
  EXPECT_EQ(answer(recording, options, question, all_complete(), 1, {.volatile_names = {"loss"}, .tolerance = {}}).first_difference(), "");
}

TEST(Director, AProbeThatTakesSomethingFromOutsideIsNeverExact) {
  const ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}});
  const Reference reference(recording.recorded, recording.series, {});
  const Plan plan = make_plan(all_of(ProbeAt::kStep), recording.recorded, all_complete(), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  Director director(plan.segments[0], reference, recording.read_state(), {.outside = {}, .inexact_probes = {{kToyProbe, "std::time"}}});
  Toy toy({.epochs = 2, .steps = 3, .leave_at = {}, .probe = ProbeAt::kStep});
  const Verdict verdict = toy.replay(director);
  ASSERT_THAT(verdict.answers, SizeIs(6));
  for (const ProbeAnswer& each : verdict.answers) EXPECT_EQ(each.status, Status::kUnverified);
  EXPECT_EQ(verdict.outcome.first_difference, "");
}

TEST(Director, ValuesThatTheRecordingDroppedAreNoDifference) {
  ToyRecording recording = record({.epochs = 2, .steps = 3, .leave_at = {}, .logs_steps = false});
  recording.recorded.run.dropped = 6;
  ToyOptions options{.epochs = 2, .steps = 3, .leave_at = {}, .probe = ProbeAt::kStep};
  EXPECT_EQ(answer(recording, options, all_of(ProbeAt::kStep), all_complete(), 1).count(Status::kExact), 6U);
}

// ---- what goes wrong on the way ----

TEST(Director, SeveralProcessesAreAProblemAndGiveNoValues) {
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}});
  Director director = lone.director();
  const Result<host::Session> first = director.sessions()(host::Attached{});
  const Result<host::Session> second = director.sessions()(host::Attached{});
  EXPECT_EQ(second->listener->on_ask({}).action, wire::Action::kGoOn);
  const Verdict verdict = director.conclude(process_exit(2));
  EXPECT_THAT(verdict.outcome.problem, HasSubstr("several processes"));
  EXPECT_THAT(verdict.answers, IsEmpty());
}

TEST(Director, NoProcessIsAProblem) {
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}});
  Director director = lone.director();
  EXPECT_THAT(director.conclude(process_exit(0, 127)).outcome.problem, HasSubstr("no process"));
}

TEST(Director, AStateThatDoesNotFitIsAProblemAndGivesNoValues) {
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}});
  Director director = lone.director();
  (void)director.sessions()(host::Attached{});
  director.on_event(host::JumpEvent{.point = {{}, "epoch", 0, 1, store::PointKind::kHead, 0}, .failure = "leaf 'net.w' is not there"}, 0);
  const Verdict verdict = director.conclude(process_exit(1));
  EXPECT_EQ(verdict.outcome.problem, "state does not fit: the head of epoch=1: leaf 'net.w' is not there");
  EXPECT_THAT(verdict.answers, IsEmpty());
  EXPECT_THAT(coverage_of(verdict, lone.reference.course(), {kToyProbe}), IsEmpty());
}

TEST(Director, ValuesLostInTheReplayAreAProblem) {
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}});
  Director director = lone.director();
  (void)director.sessions()(host::Attached{});
  director.on_end(session_end(true, 3));
  EXPECT_THAT(director.conclude(process_exit(1)).outcome.problem, HasSubstr("3 values"));
}

TEST(Director, WhatLiesOutsideTheCheckMakesEveryValueUnverifiedAndNothingIsReused) {
  ToyOptions options{.epochs = 3, .steps = 2, .leave_at = {}, .probe = ProbeAt::kStep};
  Lone lone(options);
  Director director = lone.director({.outside = "assumed state"});
  const Verdict verdict = Toy(options).replay(director);
  EXPECT_THAT(verdict.answers, SizeIs(6));
  for (const ProbeAnswer& each : verdict.answers) EXPECT_EQ(each.status, Status::kUnverified);
  for (const store::Coverage& each : coverage_of(verdict, lone.reference.course(), {kToyProbe})) EXPECT_FALSE(each.exact);
}

TEST(Director, ACaptureThatWasSkippedIsNoAnchorAndIsSaid) {
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}});
  Director director = lone.director();
  (void)director.sessions()(host::Attached{});
  const store::Point head{{}, "epoch", 0, 0, store::PointKind::kHead, 0};
  director.on_event(host::SkippedEvent{head, "pool full"}, 0);
  EXPECT_EQ(director.on_ask(head).action, wire::Action::kGoOn);
  const Verdict verdict = director.conclude(process_exit(1));
  EXPECT_THAT(verdict.notes, Contains("nothing was compared at the head of epoch=0: pool full"));
}

TEST(Director, SkippedCapturesAreOneSentenceAReason) {
  Lone lone({.epochs = 2, .steps = 2, .leave_at = {}});
  Director director = lone.director();
  (void)director.sessions()(host::Attached{});
  for (std::uint64_t ordinal = 0; ordinal < 500; ++ordinal) {
    director.on_event(host::SkippedEvent{{{{"epoch", 0, 0, {}}}, "step", 0, ordinal, store::PointKind::kHead, 0}, ordinal % 2 == 0 ? "pool full" : "a live graph"}, 0);
  }
  const Verdict verdict = director.conclude(process_exit(1));
  EXPECT_THAT(verdict.notes, Contains("nothing was compared at the head of epoch=0/step=0 and 249 more: pool full"));
  EXPECT_THAT(verdict.notes, Contains("nothing was compared at the head of epoch=0/step=1 and 249 more: a live graph"));
}

TEST(Director, ANestedLoopWhoseStateCouldNotBeComparedIsNotSkipped) {
  ToyOptions options{.epochs = 2, .steps = 2, .leave_at = {}, .probe = ProbeAt::kTop};
  Lone lone(options, ProbeAt::kTop);
  ASSERT_TRUE(lone.plan.segments[0].skip_nested.contains({"step"}));
  Director director = lone.director();
  const store::Point head{{{"epoch", 0, 0, 0}}, "step", 0, 0, store::PointKind::kHead, 0};
  director.on_event(host::SkippedEvent{head, "pool full"}, 0);
  EXPECT_EQ(director.on_ask(head).action, wire::Action::kGoOn);
}

TEST(Director, ADigestThatIsAsItWasRestoredProvesNothing) {
  ToyOptions options{.epochs = 8, .steps = 2, .every = 4, .leave_at = {}, .probe = ProbeAt::kStep};
  ToyRecording recording = record(options);
  const std::uint64_t restored = recording.recorded.checkpoints.back().digest;
  recording.recorded.digests = {{{{}, "epoch", 0, 5, store::PointKind::kHead, 0}, restored},
                                {{{}, "epoch", 0, 6, store::PointKind::kHead, 0}, restored + 1}};
  for (store::Checkpoint& checkpoint : recording.recorded.checkpoints) {
    if (checkpoint.point.loop == "epoch") checkpoint.digest = restored;
  }
  const Reference reference(recording.recorded, recording.series, {});
  Question question = all_of(ProbeAt::kStep);
  question.where = {{"epoch", 7, 7}};
  const Plan plan = make_plan(question, recording.recorded, all_complete(), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  ASSERT_EQ(plan.segments[0].enter, 4U);
  Director director(plan.segments[0], reference, recording.read_state());
  ASSERT_EQ(director.on_ask({{}, "epoch", 0, 0, store::PointKind::kHead, 0}).action, wire::Action::kRestore);
  for (const store::SmallDigest& digest : recording.recorded.digests) director.on_event(host::DigestEvent{digest.point, digest.digest}, 0);
  EXPECT_EQ(director.conclude(process_exit(1)).outcome.compared_bytes, 8U);
}

TEST(Director, AStateThatCannotBeReadIsAProblem) {
  ToyOptions options{.epochs = 8, .steps = 2, .leave_at = {}, .probe = ProbeAt::kStep};
  const ToyRecording recording = record(options);
  const Reference reference(recording.recorded, recording.series, {});
  Question question = all_of(ProbeAt::kStep);
  question.where = {{"epoch", 6, 6}};
  const Plan plan = make_plan(question, recording.recorded, all_complete(), 1);
  ASSERT_THAT(plan.segments, SizeIs(1));
  Director director(plan.segments[0], reference, [](const auto&, const auto&) -> Result<void> { return Error(ErrorKind::kCorrupt, "chunk 7 is damaged"); });
  (void)director.sessions()(host::Attached{});
  const store::Point head{{}, "epoch", 0, 0, store::PointKind::kHead, 0};
  const host::Answer answer = director.on_ask(head);
  ASSERT_EQ(answer.action, wire::Action::kRestore);
  EXPECT_EQ(answer.ordinal, 6U);
  EXPECT_EQ(answer.leaf_count, 2U);
  EXPECT_EQ(answer.state_bytes, 16U);
  EXPECT_FALSE(answer.state([](const store::Leaf&, std::string_view) -> Result<void> { return {}; }).has_value());
  EXPECT_THAT(director.conclude(process_exit(1)).outcome.problem, HasSubstr("chunk 7 is damaged"));
}

TEST(Director, ValuesOfProbesThatTheSegmentIsNotAskedForAreNotKept) {
  ToyOptions options{.epochs = 4, .steps = 2, .leave_at = {}, .probe = ProbeAt::kStep};
  Lone lone(options);
  lone.plan.segments[0].probes = {{{5, 6}}};
  Director director = lone.director();
  const Verdict verdict = Toy(options).replay(director);
  EXPECT_EQ(verdict.outcome.problem, "");
  EXPECT_THAT(verdict.answers, IsEmpty());
}

TEST(Director, CountsWhatWasRecomputedAndNotWhatWasRestored) {
  ToyOptions options{.epochs = 4, .steps = 2, .leave_at = {}, .logs_steps = false, .probe = ProbeAt::kTop};
  Lone lone(options, ProbeAt::kTop);
  Director director = lone.director();
  const Verdict verdict = Toy(options).replay(director);
  EXPECT_EQ(verdict.outcome.first_difference, "");
  // Head 0: two leaves. Each epoch's first step head: only `sum`, which was set anew, and only while it was something else
  // before; all others still are what they were restored to.
  EXPECT_LT(verdict.outcome.compared_leaves, 10U);
  EXPECT_GE(verdict.outcome.compared_leaves, 2U);
  // lr, epoch_loss of each epoch, and, since the last exit is as it was restored and proves nothing, phase and final.
  EXPECT_EQ(verdict.outcome.compared_values, 1U + 4U + 2U);
  EXPECT_EQ(verdict.outcome.last_compared, "the end of the process");
  EXPECT_EQ(verdict.outcome.values, 4U);
}

}  // namespace
}  // namespace hindsight::replay

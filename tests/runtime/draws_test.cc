// What a program takes from outside is recorded where the main thread takes it, and given back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/runtime/fake_host.h"

namespace hindsight::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::size_t source_of(const std::string& name) {
  return static_cast<std::size_t>(std::find(std::begin(wire::kDrawNames), std::end(wire::kDrawNames), name) - std::begin(wire::kDrawNames));
}

std::map<std::string, std::uint64_t> printed(const Report& report) {
  std::map<std::string, std::uint64_t> all;
  std::istringstream lines(report.output);
  std::string name;
  for (std::uint64_t number = 0; lines >> name >> number;) all[name] = number;
  return all;
}

std::vector<std::vector<std::uint64_t>> drawn(const Report& report) {
  std::vector<std::vector<std::uint64_t>> all(wire::kDraws);
  for (const Value& each : report.draws) {
    if (each.thread == 0) all[source_of(each.name)].push_back(as<std::uint64_t>(each.bytes));
  }
  return all;
}

Report record(const std::string& what) { return run({RUNTIME_DRAW_PROGRAMS, what}); }
Report replay(const std::string& what, std::vector<std::vector<std::uint64_t>> draws, std::function<Answer(const std::string&, const Report&)> on_ask = {}) {
  return run({RUNTIME_DRAW_PROGRAMS, what}, {.mode = wire::Mode::kReplay, .draws = std::move(draws), .on_ask = std::move(on_ask)});
}

TEST(Draws, OfEverySourceIsRecordedAndGivenBack) {
  const Report recorded = record("once");
  EXPECT_TRUE(recorded.keeps_draws);
  const auto numbers = printed(recorded);
  std::set<std::string> names(std::begin(wire::kDrawNames), std::end(wire::kDrawNames));
  names.erase("torch::default_seed");  // torch_test.cc
  for (const std::string& name : names) {
    const auto found = std::find_if(recorded.draws.begin(), recorded.draws.end(), [&](const Value& each) { return each.name == name; });
    ASSERT_NE(found, recorded.draws.end()) << name;
    ASSERT_TRUE(numbers.contains(name)) << name;
    EXPECT_EQ(as<std::uint64_t>(found->bytes), numbers.at(name)) << name;
  }
  EXPECT_THAT(recorded.draws, SizeIs(names.size()));
  EXPECT_EQ(printed(replay("once", drawn(recorded))), numbers);
  // Not by chance, and not because time stood still.
  auto others = drawn(recorded);
  for (std::vector<std::uint64_t>& each : others) {
    for (std::uint64_t& number : each) number = number / 2 + 5;
  }
  const auto again = printed(replay("once", others));
  for (const std::string& name : names) {
    const std::uint64_t width = name == "std::random_device" || name == "getpid" || name == "getppid" ? 0xffffffffu : ~std::uint64_t{0};
    EXPECT_EQ(again.at(name), others[source_of(name)].front() & width) << name;
  }
}

TEST(Draws, OfBytesThatFillNoWordAreGivenBack) {
  const Report recorded = record("odd_size");
  EXPECT_EQ(recorded.output.size(), 26u);
  EXPECT_EQ(replay("odd_size", drawn(recorded)).output, recorded.output);
}

TEST(Draws, ClocksGoOnFromTheirLastReading) {
  const std::uint64_t long_ago = 1000000;
  std::vector<std::vector<std::uint64_t>> draws(wire::kDraws);
  draws[source_of("time")] = {long_ago};
  const Report report = replay("loop", draws);
  const auto all = drawn(report);
  ASSERT_THAT(all[source_of("time")], SizeIs(6));
  for (const std::uint64_t each : all[source_of("time")]) {
    EXPECT_GE(each, long_ago);
    EXPECT_LE(each, long_ago + 1000);
  }
}

TEST(Draws, OfAnotherThreadAreItsOwnAndToldOnce) {
  const Report recorded = record("thread");
  ASSERT_THAT(recorded.draws, SizeIs(1));
  EXPECT_EQ(recorded.draws[0].name, "time");
  EXPECT_NE(recorded.draws[0].thread, 0);
  std::vector<std::vector<std::uint64_t>> draws(wire::kDraws);
  draws[source_of("time")] = {5, 5, 5};
  EXPECT_NE(replay("thread", draws).output, "5\n5\n5\n");
}

TEST(Draws, OfAProbeAreNoneOfTheProgram) {
  EXPECT_THAT(record("probe").draws, SizeIs(1));
  std::vector<std::vector<std::uint64_t>> draws(wire::kDraws);
  draws[source_of("time")] = {77};
  const Report replayed = replay("probe", draws);
  EXPECT_EQ(replayed.output, "77\n");
  ASSERT_THAT(replayed.values, SizeIs(1));
  EXPECT_GT(as<std::int64_t>(replayed.values[0].bytes), 77);
}

TEST(Draws, AJumpMovesHowMuchWasTaken) {
  const Report recorded = record("loop");
  const std::vector<std::string> sums = recorded.texts("sum");
  ASSERT_THAT(sums, SizeIs(6));
  for (const std::uint64_t ordinal : {1, 3, 5}) {
    const Report replayed = replay("loop", drawn(recorded), [&](const std::string&, const Report&) -> Answer {
      return {wire::Action::kRestore, ordinal, wire::kNever, recorded.find("head i=" + std::to_string(ordinal))->state};
    });
    EXPECT_EQ(replayed.texts("sum"), std::vector<std::string>(sums.begin() + static_cast<std::ptrdiff_t>(ordinal), sums.end())) << replayed.errors;
  }
}

TEST(Draws, WithoutAHostAreWhatTheyAre) {
  const Report alone = run_alone({RUNTIME_DRAW_PROGRAMS, "once"});
  EXPECT_EQ(alone.exit_code, 0);
  EXPECT_GT(printed(alone).at("time"), 1700000000u);
}

TEST(Draws, AreNotSaidToBeKeptByAProgramThatIsLinkedWithoutTheFlags) {
  const Report report = run({RUNTIME_UNSEEN_PROGRAM, "once"});
  EXPECT_TRUE(report.attached);
  EXPECT_FALSE(report.keeps_draws);
  EXPECT_THAT(report.draws, IsEmpty());
}

TEST(Draws, ThatCannotBeReadKeepTheProgramFromAttaching) {
  for (const std::uint64_t count : {std::uint64_t{100}, ~std::uint64_t{0}}) {
    std::vector<std::vector<std::uint64_t>> draws(wire::kDraws);
    const Report report = run({RUNTIME_DRAW_PROGRAMS, "once"}, {.mode = wire::Mode::kReplay, .draws = draws, .false_count = count});
    EXPECT_THAT(report.errors, testing::HasSubstr("hindsight: "));
    EXPECT_EQ(report.exit_code, 0);
    EXPECT_FALSE(report.ended);
  }
}

}  // namespace
}  // namespace hindsight::test

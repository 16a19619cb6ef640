// What a recorded process drew from outside: what of it is given back, and what is known to be missing.
#include "replay/draws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/wire.h"

namespace hindsight::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::size_t source(const std::string& name) {
  return static_cast<std::size_t>(std::find(std::begin(wire::kDrawNames), std::end(wire::kDrawNames), name) - std::begin(wire::kDrawNames));
}

// (number, order in the run) in any order; at `nest` loops.
store::Series drawn(const std::string& name, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& numbers, std::uint32_t thread = 0, std::vector<std::string> nest = {}) {
  store::Series series;
  series.key.name = name;
  series.key.nest = std::move(nest);
  series.key.thread = thread;
  series.key.dtype = store::DType::kU64;
  series.key.is_draw = true;
  series.columns.levels.resize(series.key.nest.size());
  for (const auto& [number, order] : numbers) {
    store::Position position;
    for (const std::string& loop : series.key.nest) position.push_back({loop, 0, order, {}});
    series.columns.append(position, 0, order, store::Status::kRecorded, 0, {store::DType::kU64, false, std::string(reinterpret_cast<const char*>(&number), sizeof number)});
  }
  return series;
}

store::Run kept() {
  store::Run run;
  run.draws_kept = true;
  return run;
}

TEST(DrawsOf, ARunAreGivenBackInTheOrderInWhichTheyWereDrawnInAndOutOfLoops) {
  const Draws draws = draws_of(kept(), {drawn("time", {{30, 3}, {50, 5}}, 0, {"epoch"}), drawn("time", {{10, 1}, {90, 9}}), drawn("getpid", {{7, 2}})}, "");
  EXPECT_THAT(draws.numbers[source("time")], ElementsAre(10, 30, 50, 90));
  EXPECT_THAT(draws.numbers[source("getpid")], ElementsAre(7));
  EXPECT_THAT(draws.numbers[source("std::random_device")], IsEmpty());
  for (const char* name : wire::kDrawNames) EXPECT_EQ(draws.why_not(name), "") << name;
}

TEST(DrawsOf, ARunWhoseSourcesAreNotAllSeenAreNotAllGivenBack) {
  struct Unseen {
    store::Run run;
    std::string library, why;
  };
  store::Run lossy = kept();
  lossy.dropped = 3;
  for (const Unseen& each : {Unseen{store::Run{}, "", "not linked with Hindsight's flags"}, Unseen{kept(), "libnet.so", "the calls in libnet.so"}, Unseen{lossy, "", "lost 3 values"}}) {
    const Draws draws = draws_of(each.run, {drawn("time", {{1, 1}})}, each.library);
    for (const char* name : wire::kDrawNames) EXPECT_THAT(draws.why_not(name), HasSubstr(each.why)) << name;
    EXPECT_THAT(deciding_draws(draws, {}), IsEmpty());
  }
}

TEST(DrawsOf, AnotherThreadCostOnlyTheirSource) {
  const Draws draws = draws_of(kept(), {drawn("time", {{1, 1}}), drawn("time", {{2, 2}}, 1), drawn("std::random_device", {{3, 3}})}, "");
  EXPECT_THAT(draws.numbers[source("time")], ElementsAre(1));
  EXPECT_THAT(draws.why_not("time"), HasSubstr("another thread"));
  EXPECT_EQ(draws.why_not("std::random_device"), "");
}

TEST(DrawsOf, AProcessThatSharesItsMachineAreGivenBackButForItsNumbers) {
  Draws draws = draws_of(kept(), {drawn("time", {{1, 1}}), drawn("getpid", {{2, 2}}), drawn("getppid", {{3, 3}})}, "");
  leave_process_numbers(draws);
  EXPECT_THAT(draws.numbers[source("time")], ElementsAre(1));
  EXPECT_EQ(draws.why_not("time"), "");
  for (const char* name : {"getpid", "getppid"}) {
    EXPECT_THAT(draws.numbers[source(name)], IsEmpty()) << name;
    EXPECT_THAT(draws.why_not(name), HasSubstr("without a sandbox")) << name;
  }
}

TEST(DrawsOf, ASourceThatWasAskedTooOftenAreNotAllGivenBack) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> many;
  for (std::uint64_t i = 0; i < wire::kMostDraws; ++i) many.emplace_back(i, i);
  EXPECT_THAT(draws_of(kept(), {drawn("std::random_device", many)}, "").why_not("std::random_device"), HasSubstr("more than"));
  many.pop_back();
  EXPECT_EQ(draws_of(kept(), {drawn("std::random_device", many)}, "").why_not("std::random_device"), "");
}

TEST(DrawsOf, WhatIsNoneOfThemIsNotRecorded) {
  for (const char* name : {"rdrand", "/dev/urandom", "popen", "fork", "", "Time"}) EXPECT_EQ(draws_of(kept(), {}, "").why_not(name), Draws::kNotRecorded) << name;
}

TEST(DrawsOf, ClocksHaveToComeAgainOnlyWhereTheyDecideSomething) {
  Reports reports;
  EXPECT_FALSE(deciding_draws(draws_of(kept(), {}, ""), reports).contains("time"));
  reports.units.push_back({.name = "a.cc", .parsed = true, .problem = {}, .registered = {}, .loops = {}, .functions = {}, .probes = {}, .outside = {{"clock", "time", "a.cc", 1, "a.cc", 2}}});
  const std::set<std::string> deciding = deciding_draws(draws_of(kept(), {}, ""), reports);
  EXPECT_TRUE(deciding.contains("time"));
  EXPECT_FALSE(deciding.contains("clock"));
  EXPECT_TRUE(deciding.contains("std::random_device"));
}

}  // namespace
}  // namespace hindsight::replay

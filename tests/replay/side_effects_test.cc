#include "replay/side_effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hindsight::replay {
namespace {

using ::testing::HasSubstr;

// A probe in train.cc that calls `norm(const Net&)`, whose body util.cc has.
struct Program {
  Reports reports;
  Reports::Place place;
  Program() {
    reports.units = {unit("train.cc"), unit("util.cc")};
    reports.units[1].functions = {function("norm(const Net&)")};
    place.calls = {"norm(const Net&)"};
    place.changes = {{"net: argument of norm()", {false, {{"norm(const Net&)", 0, false}}}}};
  }
  Reports::Function& norm() { return reports.units[1].functions[0]; }
  SideEffects effects() const { return side_effects(Linked(reports), {{&reports.units[0], &place}}); }

  static Reports::Unit unit(std::string name) {
    return {.name = std::move(name), .parsed = true, .problem = {}, .registered = {}, .loops = {}, .functions = {}, .probes = {}};
  }
  static Reports::Function function(std::string name) {
    return {.name = std::move(name), .file = {}, .line = 1, .tracked = true, .defined = true, .calls = {}, .writes_globals = {}, .modifies = {}, .actions = {}};
  }
};

TEST(SideEffects, AreNoneWhereTheOtherUnitOnlyReads) {
  EXPECT_EQ(Program().effects().impure, "");
  EXPECT_EQ(Program().effects().volatile_why, "");
}

TEST(SideEffects, WhatIsCertainIsSaidBeforeWhatIsOnlyPossible) {
  Program program;
  program.place.changes = {{"calls what is not known", {}, false}};
  EXPECT_EQ(program.effects().impure, "calls what is not known");
  EXPECT_FALSE(program.effects().is_certain);
  program.place.changes.push_back({"loss: assigned", {}, true});
  EXPECT_EQ(program.effects().impure, "loss: assigned");
  EXPECT_TRUE(program.effects().is_certain);
  // What only holds if another unit's function does it, and that does not.
  program.place.changes[1].conditions = {false, {{"norm(const Net&)", 0, false}}};
  EXPECT_FALSE(program.effects().is_certain);
}

TEST(SideEffects, InAHeaderAreWhatAnyOfItsUnitsSees) {
  Program program;
  program.place.calls.clear();
  program.place.changes.clear();
  Reports::Place other = program.place;
  other.changes = {{"w: changed by +=", {}, true}};
  EXPECT_TRUE(side_effects(Linked(program.reports), {{&program.reports.units[0], &program.place}, {&program.reports.units[1], &other}}).is_certain);
}

TEST(SideEffects, AFunctionOfAnotherUnitThatModifiesItsArgumentIsOne) {
  Program program;
  program.norm().modifies = {{0, "", {}}};
  EXPECT_EQ(program.effects().impure, "net: argument of norm()");
}

TEST(SideEffects, SoIsOneThatHandsItOn) {
  Program program;
  program.reports.units.push_back(Program::unit("deep.cc"));
  program.reports.units[2].functions = {Program::function("scale(Net&)")};
  program.reports.units[2].functions[0].modifies = {{0, "", {}}};
  program.norm().modifies = {{0, "", {false, {{"scale(Net&)", 0, true}}}}};
  EXPECT_EQ(program.effects().impure, "net: argument of norm()");
  program.reports.units[2].functions[0].modifies.clear();
  EXPECT_EQ(program.effects().impure, "");
}

TEST(SideEffects, WhatAFunctionOfAnotherUnitDoesElsewhereCounts) {
  const auto asked = [](auto change) {
    Program program;
    change(program.norm());
    return program.effects().impure;
  };
  EXPECT_EQ(asked([](Reports::Function& f) { f.writes_globals = {{"counter", false, {}}}; }), "counter: written by norm(const Net&)");
  EXPECT_EQ(asked([](Reports::Function& f) { f.writes_globals = {{"counter", false, {false, {}}}}; }), "");
  EXPECT_EQ(asked([](Reports::Function& f) { f.draws = true; }), "norm(const Net&) draws random numbers");
  EXPECT_EQ(asked([](Reports::Function& f) { f.calls_unknown = true; }), "norm(const Net&) calls what is not known");
  EXPECT_EQ(asked([](Reports::Function& f) { f.actions = {{"", false, true, {}}}; }), "norm(const Net&) writes files");
  EXPECT_EQ(asked([](Reports::Function& f) { f.actions = {{"", true, false, {}}}; }), "");
}

TEST(SideEffects, WhatAFunctionOfAnotherUnitTakesFromOutsideMakesTheValueVolatile) {
  Program program;
  program.norm().takes = "std::random_device";
  EXPECT_EQ(program.effects().volatile_why, "std::random_device");
  program.place.volatile_why = "time";
  EXPECT_EQ(program.effects().volatile_why, "time");
}

TEST(SideEffects, AValueThatAnotherUnitMakesFromTheTimeIsVolatile) {
  Program program;
  program.place.results_of = {"norm(const Net&)"};
  EXPECT_EQ(program.effects().volatile_why, "");
  program.norm().gives_time = {"time"};
  EXPECT_THAT(program.effects().volatile_why, HasSubstr("norm(const Net&)"));
}

TEST(SideEffects, AFunctionThatNoReportHasMayChangeAnything) {
  Program program;
  program.place.changes.clear();
  program.place.calls = {"cuda_norm(const float *)"};
  EXPECT_THAT(program.effects().impure, HasSubstr("cuda_norm(const float *), whose source was not analysed"));
  program.place.calls = {"std::accumulate<int>()", "torch::Tensor::sum()"};
  EXPECT_EQ(program.effects().impure, "");
}

TEST(SideEffects, OfTheUnitsOwnFunctionsAreTheUnitsToFind) {
  Program program;
  program.reports.units[0].functions = {Program::function("norm(const Net&)")};
  program.reports.units[0].functions[0].draws = true;
  program.place.changes.clear();
  EXPECT_EQ(program.effects().impure, "");
}

}  // namespace
}  // namespace hindsight::replay

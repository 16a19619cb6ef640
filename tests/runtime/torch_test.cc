// Trainings on libtorch: recorded, entered at any epoch, and equal to the last bit from there on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "tests/runtime/fake_host.h"

namespace hindsight::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

class Optimiser : public testing::TestWithParam<const char*> {
 protected:
  std::vector<std::string> command() const { return {RUNTIME_TORCH_PROGRAMS, "train", GetParam()}; }
  Report record() const {
    Report report = run(command());
    EXPECT_EQ(report.exit_code, 0) << report.errors;
    return report;
  }
  Report replay(std::function<Answer(const std::string&, const Report&)> on_ask) const {
    return run(command(), {.mode = wire::Mode::kReplay, .on_ask = std::move(on_ask)});
  }
};

std::vector<std::string> from(const Report& report, int epoch, bool with_steps = true) {
  std::vector<std::string> texts;
  for (const Value& value : report.values) {
    if (value.position < "epoch=" + std::to_string(epoch)) continue;
    if (with_steps || value.position.find("/step") == std::string::npos) texts.push_back(value.text());
  }
  return texts;
}

TEST_P(Optimiser, IsEnteredAtAnyEpochExactly) {
  const Report recorded = record();
  ASSERT_EQ(recorded.skipped.size(), 0u) << recorded.skipped.begin()->first << ": " << recorded.skipped.begin()->second;
  ASSERT_EQ(recorded.texts("grad_norm").size(), 12u);
  for (int head = 0; head < 4; ++head) {
    SCOPED_TRACE(head);
    const Report replayed = replay([&](const std::string& point, const Report&) -> Answer {
      if (point != "head epoch=0") return {.next_ask = 0};
      return {wire::Action::kRestore, static_cast<std::uint64_t>(head), 0,
              recorded.find("head epoch=" + std::to_string(head))->state};
    });
    EXPECT_EQ(replayed.exit_code, 0) << (replayed.jumps.empty() ? replayed.errors : replayed.jumps.back());
    EXPECT_EQ(replayed.texts(), from(recorded, head));
    ASSERT_NE(replayed.find("exit epoch=4"), nullptr);
    EXPECT_EQ(replayed.find("exit epoch=4")->state, recorded.find("exit epoch=4")->state);
  }
}

TEST_P(Optimiser, StepsAreSkippedByTheirExit) {
  const Report recorded = record();
  const Report replayed = replay([&](const std::string& point, const Report&) -> Answer {
    if (!point.starts_with("head") || !point.ends_with("/step=0")) return {.next_ask = 0};
    return {wire::Action::kSkip, 3, wire::kNever, recorded.find("exit " + point.substr(5, 7) + "/step=3")->state};
  });
  EXPECT_EQ(replayed.exit_code, 0) << (replayed.jumps.empty() ? replayed.errors : replayed.jumps.back());
  EXPECT_EQ(replayed.texts(), from(recorded, 0, false));
}

INSTANTIATE_TEST_SUITE_P(Every, Optimiser, testing::Values("sgd", "adam", "adamw"), [](const auto& named) { return std::string(named.param); });

TEST(Torch, TheSeedThatNobodyGaveIsRecordedAndGivenBack) {
  const auto source = static_cast<std::size_t>(wire::Draw::kTorchSeed);
  const Report recorded = run({RUNTIME_TORCH_PROGRAMS, "default_seed"});
  std::vector<std::vector<std::uint64_t>> draws(wire::kDraws);
  for (const Value& each : recorded.draws) {
    if (each.name == wire::kDrawNames[source]) draws[source].push_back(as<std::uint64_t>(each.bytes));
  }
  ASSERT_EQ(draws[source].size(), 1u);
  const auto replay = [&] { return run({RUNTIME_TORCH_PROGRAMS, "default_seed"}, {.mode = wire::Mode::kReplay, .draws = draws}).text_of("first"); };
  EXPECT_EQ(replay(), recorded.text_of("first"));
  draws[source] = {draws[source].front() + 1};
  EXPECT_NE(replay(), recorded.text_of("first")) << "it is the seed that decides";
}

TEST(Torch, LeavesSayWhatTheyAre) {
  const Report recorded = run({RUNTIME_TORCH_PROGRAMS, "train", "adam"});
  std::map<std::string, Leaf> first, later;
  for (const Leaf& leaf : leaves_of(recorded.find("head epoch=0")->state)) first[leaf.path] = leaf;
  for (const Leaf& leaf : leaves_of(recorded.find("head epoch=3")->state)) later[leaf.path] = leaf;
  EXPECT_EQ(first.at("net.first.weight").shape, (std::vector<std::uint64_t>{8, 6}));
  EXPECT_EQ(first.at("net.first.weight").dtype, static_cast<int>(wire::DType::kF32));
  EXPECT_EQ(first.count("net.first.weight.grad"), 0u) << "a gradient that is not defined has no bytes";
  EXPECT_EQ(later.count("net.first.weight.grad"), 1u);
  EXPECT_EQ(first.count("opt.0.0.exp_avg"), 0u);
  EXPECT_EQ(later.at("opt.0.0.exp_avg").shape, (std::vector<std::uint64_t>{8, 6}));
  EXPECT_TRUE(first.at("ambient.torch.cpu.words").small);
  EXPECT_TRUE(first.at("opt.0.options").small);
  EXPECT_NE(first.at("opt.0.options").bytes, later.at("opt.0.options").bytes) << "the schedule has changed the learning rate";
  EXPECT_EQ(later.at("net.training").bytes.size(), 7u);
}

TEST(Torch, WhatCannotBeCapturedIsNamed) {
  const std::map<std::string, std::string> expected = {
      {"graph", "y has a live graph"}, {"optimiser", "opt is a torch::optim::RMSprop"}, {"expanded", "y has elements that share memory"}};
  for (const auto& [what, reason] : expected) {
    const Report report = run({RUNTIME_TORCH_PROGRAMS, "refuse", what});
    EXPECT_EQ(report.exit_code, 0);
    EXPECT_TRUE(report.captures.empty());
    ASSERT_TRUE(report.skipped.contains("head epoch=0")) << what;
    EXPECT_THAT(report.skipped.at("head epoch=0"), HasSubstr(reason));
    EXPECT_EQ(report.texts("i").size(), 1u);
  }
}

TEST(Torch, ATensorOfOneElementIsANumberAndOthersAreSummed) {
  const Report report = run({RUNTIME_TORCH_PROGRAMS, "values"});
  const auto number = [&](const char* name) { return as<double>(report.text_of(name)); };
  EXPECT_EQ(as<float>(report.text_of("scalar")), 2.5f);
  EXPECT_EQ(as<std::int64_t>(report.text_of("long")), 7);
  EXPECT_EQ(as<std::uint16_t>(report.text_of("half")), 0x3e00);
  EXPECT_EQ(number("many.numel"), 4);
  EXPECT_EQ(number("many.nan"), 1);
  EXPECT_EQ(number("many.inf"), 1);
  EXPECT_EQ(number("many.min"), -3);
  EXPECT_EQ(number("many.max"), HUGE_VAL);
  EXPECT_TRUE(std::isnan(number("many.mean")));
  EXPECT_TRUE(std::isnan(number("norm"))) << "of a gradient that is not defined";
  EXPECT_EQ(number("graph.norm"), std::sqrt(12.0));
  for (const Value& value : report.values) {
    if (value.name != "bad" && value.name != "none") continue;
    EXPECT_EQ(value.dtype, static_cast<int>(wire::DType::kError));
  }
  EXPECT_THAT(report.text_of("bad"), HasSubstr("shape"));
}

}  // namespace
}  // namespace hindsight::test

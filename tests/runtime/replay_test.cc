// A replaying program jumps, skips and stops as it is told, and goes on bit for bit as it was recorded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runtime/fake_host.h"

namespace hindsight::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Report record(const std::string& what, const std::string& settings = {}) { return run({RUNTIME_PROGRAMS, what}, {.settings = settings}); }

Report replay(const std::string& what, std::function<Answer(const std::string&, const Report&)> on_ask) {
  return run({RUNTIME_PROGRAMS, what}, {.mode = wire::Mode::kReplay, .on_ask = std::move(on_ask)});
}

Answer go_on(std::uint64_t next_ask = wire::kNever) { return {.next_ask = next_ask}; }
Answer restore(const Report& recorded, const std::string& loop, std::uint64_t ordinal, std::uint64_t next_ask = wire::kNever) {
  const Capture* head = recorded.find("head " + loop + "=" + std::to_string(ordinal));
  EXPECT_NE(head, nullptr) << ordinal;
  return {wire::Action::kRestore, ordinal, next_ask, head == nullptr ? "" : head->state};
}

// The values from the first one at `position` on.
std::vector<std::string> from(const Report& report, const std::string& position) {
  std::vector<std::string> texts;
  bool found = false;
  for (const Value& value : report.values) {
    found = found || value.position == position || value.position.starts_with(position + "/");
    if (found) texts.push_back(value.text());
  }
  return texts;
}

TEST(Replay, WithoutJumpsRepeatsTheRecording) {
  const Report recorded = record("train");
  const Report replayed = replay("train", [](const std::string&, const Report&) { return go_on(); });
  EXPECT_EQ(replayed.exit_code, 0);
  EXPECT_EQ(replayed.texts(), recorded.texts());
  // Heads that are not asked about still show their digest.
  EXPECT_EQ(replayed.digests.at("head epoch=2"), recorded.find("head epoch=2")->digest);
  EXPECT_EQ(replayed.digests.at("head epoch=2/step=3"), recorded.digests.at("head epoch=2/step=3"));
}

TEST(Replay, LiveStatesAreTheRecordedOnes) {
  const Report recorded = record("train");
  const Report replayed = replay("train", [](const std::string&, const Report&) { return go_on(0); });
  ASSERT_FALSE(replayed.captures.empty());
  for (const Capture& live : replayed.captures) {
    EXPECT_EQ(live.purpose, wire::Purpose::kLive);
    const Capture* before = recorded.find(live.point);
    if (before != nullptr) {
      EXPECT_EQ(live.state, before->state) << live.point;
    }
  }
  EXPECT_NE(replayed.find("head epoch=3"), nullptr);
  EXPECT_NE(replayed.find("exit epoch=4"), nullptr);
}

TEST(Replay, AJumpToAnyHeadGoesOnExactly) {
  const Report recorded = record("train");
  for (std::uint64_t head = 0; head < 4; ++head) {
    SCOPED_TRACE(head);
    const Report replayed = replay("train", [&](const std::string& point, const Report&) {
      return point == "head epoch=0" ? restore(recorded, "epoch", head) : go_on();
    });
    EXPECT_EQ(replayed.exit_code, 0);
    EXPECT_THAT(replayed.jumps, testing::ElementsAre("head epoch=" + std::to_string(head)));
    EXPECT_EQ(replayed.texts(), from(recorded, "epoch=" + std::to_string(head)));
  }
}

TEST(Replay, ALaterJumpLeavesIterationsOut) {
  const Report recorded = record("train");
  const Report replayed = replay("train", [&](const std::string& point, const Report&) {
    if (point == "head epoch=0") return go_on(1);
    return point == "head epoch=1" ? restore(recorded, "epoch", 3) : go_on();
  });
  std::vector<std::string> expected;
  for (const Value& value : recorded.values) {
    if (!value.position.starts_with("epoch=1") && !value.position.starts_with("epoch=2")) expected.push_back(value.text());
  }
  EXPECT_EQ(replayed.texts(), expected);
}

TEST(Replay, ANestedLoopIsSkippedByItsExit) {
  const Report recorded = record("train");
  const Report replayed = replay("train", [&](const std::string& point, const Report&) -> Answer {
    if (!point.ends_with("/step=0") || !point.starts_with("head")) return go_on(0);
    const std::string epoch = point.substr(5, point.find('/') - 5);
    return {wire::Action::kSkip, 5, wire::kNever, recorded.find("exit " + epoch + "/step=5")->state};
  });
  std::vector<std::string> expected;
  for (const Value& value : recorded.values) {
    if (value.position.find("/step") == std::string::npos) expected.push_back(value.text());
  }
  EXPECT_EQ(replayed.texts(), expected);
  EXPECT_THAT(replayed.ends, Contains("skipped epoch=2/step=5"));
  EXPECT_EQ(replayed.find("head epoch=3")->state, recorded.find("head epoch=3")->state);
}

TEST(Replay, AMainLoopIsSkippedByItsExit) {
  const Report recorded = record("train");
  const Report replayed = replay("train", [&](const std::string&, const Report&) -> Answer {
    return {wire::Action::kSkip, 4, wire::kNever, recorded.find("exit epoch=4")->state};
  });
  EXPECT_EQ(replayed.texts("final"), recorded.texts("final"));
  EXPECT_EQ(replayed.values.size(), 2u);
}

TEST(Replay, ANestedHeadIsEnteredThroughTheOuterOne) {
  const Report recorded = record("train", "every step 2\n");
  const Report replayed = replay("train", [&](const std::string& point, const Report&) -> Answer {
    if (point == "head epoch=0") return restore(recorded, "epoch", 2);
    if (point == "head epoch=2/step=0") return {wire::Action::kRestore, 4, wire::kNever, recorded.find("head epoch=2/step=4")->state};
    return go_on();
  });
  std::vector<std::string> expected;
  for (const Value& value : recorded.values) {
    if (value.position < "epoch=2" && value.position.starts_with("epoch")) continue;
    if (value.position.starts_with("epoch=2/step=") && value.position != "epoch=2/step=4") continue;
    expected.push_back(value.text());
  }
  EXPECT_EQ(replayed.texts(), expected);
}

TEST(Replay, StopEndsTheProcessAtOnce) {
  const Report replayed = replay("train", [&](const std::string& point, const Report&) -> Answer {
    return point == "head epoch=2" ? Answer{wire::Action::kStop} : go_on(2);
  });
  EXPECT_EQ(replayed.exit_code, 0);
  EXPECT_FALSE(replayed.ended);
  EXPECT_THAT(replayed.texts("final"), IsEmpty());
  EXPECT_THAT(replayed.texts("static_destructor"), IsEmpty());
  EXPECT_EQ(replayed.texts("total").size(), 2u);
}

TEST(Replay, AStateThatDoesNotFitIsRefusedBeforeAnythingIsWritten) {
  const Report recorded = record("train"), other = record("growing");
  const Report replayed = replay("train", [&](const std::string&, const Report&) { return restore(other, "round", 2); });
  EXPECT_EQ(replayed.exit_code, 125);
  ASSERT_EQ(replayed.jumps.size(), 1u);
  EXPECT_THAT(replayed.jumps[0], HasSubstr("failed head epoch=2: "));
  EXPECT_THAT(replayed.jumps[0], HasSubstr("model"));
  EXPECT_THAT(replayed.values, IsEmpty());
}

TEST(Replay, ADamagedStateEndsTheProcessWithAReason) {
  const Report recorded = record("train");
  const std::string whole = recorded.find("head epoch=2")->state;
  for (std::size_t size = 64; size < whole.size(); size += 64 * 7) {
    SCOPED_TRACE(size);
    const Report replayed = replay("train", [&](const std::string&, const Report&) -> Answer {
      return {wire::Action::kRestore, 2, wire::kNever, whole.substr(0, size)};
    });
    EXPECT_EQ(replayed.exit_code, 125);
    ASSERT_EQ(replayed.jumps.size(), 1u);
    EXPECT_THAT(replayed.jumps[0], HasSubstr("failed"));
  }
}

TEST(Replay, WithoutItsHostTheProcessEnds) {
  const Report replayed = run({RUNTIME_PROGRAMS, "train"}, {.mode = wire::Mode::kReplay, .die_on_ask = true});
  EXPECT_EQ(replayed.exit_code, 125);
}

TEST(Replay, ALoopOverAnInputIteratorIsSkippedWholeAndItsBeginIsNotCalled) {
  const Report recorded = record("loader");
  for (const Capture& capture : recorded.captures) {
    EXPECT_TRUE(capture.point.find("batch") == std::string::npos || capture.point.find("batch=0") != std::string::npos ||
                capture.point.starts_with("exit"))
        << capture.point;
  }
  const Report replayed = replay("loader", [&](const std::string& point, const Report&) -> Answer {
    if (point.starts_with("head") && point.ends_with("/batch=0")) {
      return {wire::Action::kSkip, 4, wire::kNever, recorded.find("exit " + point.substr(5, 7) + "/batch=4")->state};
    }
    return go_on(0);
  });
  EXPECT_EQ(replayed.texts("epoch_sum"), recorded.texts("epoch_sum"));
  EXPECT_THAT(replayed.texts("sum"), IsEmpty());
}

TEST(Replay, ALoopOverAnInputIteratorIsNotEnteredInTheMiddle) {
  const Report recorded = record("loader");
  const Report replayed = replay("loader", [&](const std::string& point, const Report&) -> Answer {
    if (point == "head epoch=0/batch=0") return {wire::Action::kRestore, 2, wire::kNever, recorded.find("head epoch=0/batch=0")->state};
    return go_on();
  });
  EXPECT_EQ(replayed.exit_code, 125);
  EXPECT_THAT(replayed.jumps, Contains(HasSubstr("input iterator")));
}

TEST(Replay, ARangeThatIsPartOfTheStateIsGoneOverAsItWasThen) {
  const Report recorded = record("growing");
  for (std::uint64_t head = 0; head < 4; ++head) {
    const Report replayed = replay("growing", [&](const std::string& point, const Report&) {
      return point == "head round=0" ? restore(recorded, "round", head) : go_on();
    });
    EXPECT_EQ(replayed.texts(), from(recorded, "round=" + std::to_string(head)));
  }
}

TEST(Replay, TheFloatingPointEnvironmentIsState) {
  const Report recorded = record("environment");
  const Report replayed =
      replay("environment", [&](const std::string& point, const Report&) { return point == "head epoch=0" ? restore(recorded, "epoch", 2) : go_on(); });
  EXPECT_EQ(replayed.texts("mxcsr"), std::vector<std::string>{recorded.texts("mxcsr").back()});
}

TEST(Replay, RegisteredStateIsRestored) {
  const Report recorded = record("registered");
  const Report replayed =
      replay("registered", [&](const std::string& point, const Report&) { return point == "head epoch=0" ? restore(recorded, "epoch", 2) : go_on(); });
  EXPECT_EQ(replayed.texts(), from(recorded, "epoch=2"));
}

}  // namespace
}  // namespace hindsight::test

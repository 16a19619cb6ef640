// A program whose state is pointers is captured, and goes on bit for bit from every head.
#include <gtest/gtest.h>

#include "tests/runtime/fake_host.h"

namespace hindsight::test {
namespace {

void goes_on_exactly_from_any_head(const std::vector<std::string>& program) {
  const Report recorded = run(program, {});
  ASSERT_EQ(recorded.exit_code, 0);
  for (std::uint64_t head = 0; head < 6; ++head) {
    SCOPED_TRACE(head);
    const Capture* const capture = recorded.find("head epoch=" + std::to_string(head));
    ASSERT_NE(capture, nullptr) << "not captured";
    const Report replayed = run(program,
                                {.mode = wire::Mode::kReplay, .on_ask = [&](const std::string& point, const Report&) -> Answer {
                                   if (point != "head epoch=0") return {.next_ask = 0};
                                   return {wire::Action::kRestore, head, 0, capture->state};
                                 }});
    EXPECT_EQ(replayed.exit_code, 0);
    std::vector<std::string> expected;
    for (const Value& value : recorded.values) {
      if (value.position.empty() || value.position >= "epoch=" + std::to_string(head)) expected.push_back(value.text());
    }
    EXPECT_FALSE(expected.empty());
    EXPECT_EQ(replayed.jumps.size(), 1u);
    EXPECT_EQ(replayed.texts(), expected);
    for (const Capture& live : replayed.captures) {
      const Capture* const before = recorded.find(live.point);
      if (before != nullptr && live.point != "head epoch=0") {
        EXPECT_EQ(live.state, before->state) << live.point;
      }
    }
  }
}

TEST(PointerReplay, AJumpToAnyHeadGoesOnExactly) { goes_on_exactly_from_any_head({RUNTIME_POINTER_PROGRAMS}); }
TEST(PointerReplay, SoDoesOneWhosePointersLeadToVariablesOfItsCallers) { goes_on_exactly_from_any_head({RUNTIME_POINTER_PROGRAMS, "scopes"}); }

}  // namespace
}  // namespace hindsight::test

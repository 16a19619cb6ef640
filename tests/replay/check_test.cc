#include "replay/check.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hindsight::replay {
namespace {

using store::Status;

enum class Letter { kStart, kEnd, kValue, kState, kNothing, kDiffers, kClose, kEndDiffers, kProbe, kThrows };
constexpr int kLetters = 10;

TimelineEntry entry(Letter letter, std::size_t index) {
  Anchor anchor;
  anchor.where = "x at epoch=" + std::to_string(index);
  anchor.bytes = 8;
  switch (letter) {
    case Letter::kStart:
      anchor.kind = Anchor::Kind::kStart;
      anchor.bytes = 0;
      break;
    case Letter::kEnd:
      anchor.kind = Anchor::Kind::kEnd;
      anchor.bytes = 0;
      break;
    case Letter::kValue:
      anchor.kind = Anchor::Kind::kValue;
      break;
    case Letter::kState:
      anchor.kind = Anchor::Kind::kState;
      anchor.leaves = 2;
      break;
    case Letter::kNothing:
      anchor.kind = Anchor::Kind::kState;
      anchor.bytes = 0;
      break;
    case Letter::kDiffers:
      anchor.kind = Anchor::Kind::kState;
      anchor.equal = false;
      anchor.recorded = "1";
      anchor.replayed = "2";
      break;
    case Letter::kClose:
      anchor.kind = Anchor::Kind::kValue;
      anchor.equal = false;
      anchor.deviation = 0.5;
      break;
    case Letter::kEndDiffers:
      anchor.kind = Anchor::Kind::kEnd;
      anchor.equal = false;
      break;
    case Letter::kProbe:
      return {.anchor = std::nullopt, .value = ProbeValue{index, false}};
    case Letter::kThrows:
      return {.anchor = std::nullopt, .value = ProbeValue{index, true}};
  }
  return {.anchor = anchor, .value = std::nullopt};
}

bool is_value(Letter letter) { return letter == Letter::kProbe || letter == Letter::kThrows; }
bool is_bare(Letter letter) { return letter == Letter::kStart || letter == Letter::kEnd || letter == Letter::kEndDiffers; }
bool differs(Letter letter) { return letter == Letter::kDiffers || letter == Letter::kEndDiffers; }
// Of the comparisons that pass, only that of a whole state leaves no room for what a later one shows.
bool passes_whole(Letter letter) { return letter == Letter::kState; }

// DESIGN section 9, read sentence by sentence for the value at `at`.
Status specified(const std::vector<Letter>& all, std::size_t at, bool outside) {
  if (all[at] == Letter::kThrows) return Status::kError;
  // "after the last passed comparison before a difference"
  for (std::size_t d = 0; d < all.size(); ++d) {
    if (!differs(all[d])) continue;
    std::size_t first_doubtful = 0;
    for (std::size_t i = 0; i < d; ++i) {
      if (passes_whole(all[i])) first_doubtful = i + 1;
    }
    if (at >= first_doubtful) return Status::kDiverged;
  }
  if (outside) return Status::kUnverified;
  std::vector<Letter> before;
  std::vector<Letter> after;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_value(all[i]) && all[i] != Letter::kNothing) (i < at ? before : after).push_back(all[i]);
  }
  if (before.empty() || after.empty()) return Status::kUnverified;
  if (is_bare(before.back()) && is_bare(after.front())) return Status::kUnverified;
  before.push_back(after.front());
  return std::count(before.begin(), before.end(), Letter::kClose) > 0 ? Status::kClose : Status::kExact;
}

TEST(Check, JudgesEveryShortTimelineAsTheSpecificationDoes) {
  std::size_t judged = 0;
  for (std::size_t length = 0; length <= 5; ++length) {
    std::size_t count = 1;
    for (std::size_t i = 0; i < length; ++i) count *= kLetters;
    for (std::size_t code = 0; code < count; ++code) {
      std::vector<Letter> letters;
      std::vector<TimelineEntry> timeline;
      for (std::size_t i = 0, rest = code; i < length; ++i, rest /= kLetters) {
        letters.push_back(static_cast<Letter>(rest % kLetters));
        timeline.push_back(entry(letters.back(), i));
      }
      for (const bool outside : {false, true}) {
        std::vector<Status> expected;
        for (std::size_t i = 0; i < length; ++i) {
          if (is_value(letters[i])) expected.push_back(specified(letters, i, outside));
        }
        const Judgement judgement = judge(timeline, outside ? "a clock" : "");
        judged += expected.size();
        ASSERT_EQ(judgement.status, expected) << "timeline " << code << " of length " << length;
        ASSERT_EQ(judgement.outcome.first_difference.empty(), std::none_of(letters.begin(), letters.end(), differs));
        ASSERT_EQ(judgement.outcome.compared_values, static_cast<std::uint64_t>(std::count_if(
                                                         letters.begin(), letters.end(), [](Letter letter) {
                                                           return letter == Letter::kValue || letter == Letter::kClose;
                                                         })));
        ASSERT_EQ(judgement.largest_deviation.has_value(), std::count(letters.begin(), letters.end(), Letter::kClose) > 0);
      }
    }
  }
  EXPECT_GT(judged, 100'000U);
}

Judgement judge_letters(const std::vector<Letter>& letters) {
  std::vector<TimelineEntry> timeline;
  for (const Letter letter : letters) timeline.push_back(entry(letter, timeline.size()));
  return judge(timeline, "");
}

TEST(Check, AValueBetweenTheBareStartAndTheBareEndIsUnverified) {
  EXPECT_EQ(judge_letters({Letter::kStart, Letter::kProbe, Letter::kEnd}).status, std::vector{Status::kUnverified});
}

TEST(Check, AValueBetweenTheStartAndAStateThatIsEqualIsExact) {
  EXPECT_EQ(judge_letters({Letter::kStart, Letter::kProbe, Letter::kState}).status, std::vector{Status::kExact});
}

TEST(Check, RestoredBytesComparedWithThemselvesProveNothing) {
  EXPECT_EQ(judge_letters({Letter::kStart, Letter::kProbe, Letter::kNothing}).status, std::vector{Status::kUnverified});
}

TEST(Check, AValueBeforeTheLastPassedComparisonStaysExactWhenALaterOneDiffers) {
  EXPECT_EQ(judge_letters({Letter::kStart, Letter::kProbe, Letter::kState, Letter::kProbe, Letter::kDiffers, Letter::kProbe,
                           Letter::kState, Letter::kProbe})
                .status,
            (std::vector{Status::kExact, Status::kDiverged, Status::kDiverged, Status::kDiverged}));
}

TEST(Check, EqualValuesBeforeADifferenceDoNotVouchForWhatLiesBetweenThem) {
  EXPECT_EQ(judge_letters({Letter::kStart, Letter::kState, Letter::kProbe, Letter::kValue, Letter::kProbe, Letter::kDiffers}).status,
            (std::vector{Status::kDiverged, Status::kDiverged}));
}

TEST(Check, TheFirstDifferenceIsShownWithWhatWasRecordedAndReplayed) {
  const Judgement judgement = judge_letters({Letter::kStart, Letter::kDiffers, Letter::kDiffers});
  EXPECT_EQ(judgement.outcome.first_difference, "x at epoch=1: recorded 1, replayed 2");
}

TEST(Check, ComparisonsAreCounted) {
  const Judgement judgement = judge_letters({Letter::kStart, Letter::kValue, Letter::kState, Letter::kNothing, Letter::kEnd});
  EXPECT_EQ(judgement.outcome.compared_values, 1U);
  EXPECT_EQ(judgement.outcome.compared_bytes, 16U);
  EXPECT_EQ(judgement.outcome.compared_leaves, 2U);
  EXPECT_EQ(judgement.outcome.last_compared, "x at epoch=4");
}

}  // namespace
}  // namespace hindsight::replay

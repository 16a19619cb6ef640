#include "runtime/host/decoder.h"

#include <gtest/gtest.h>

#include "tests/host/support/collector.h"
#include "tests/host/support/journal_builder.h"

namespace hindsight::host::testing {
namespace {

using Lines = std::vector<std::string>;

// What a journal's records say, one line each; problems as "! ...".
Lines decode(const JournalBuilder& journal) {
  Lines lines;
  Decoder decoder;
  std::uint64_t offset = wire::kJournalStart;
  std::string_view bytes = journal.bytes();
  while (!bytes.empty()) {
    const Scan scan = scan_record(bytes, offset, journal.salt());
    if (scan.found != Scan::Found::kRecord) {
      lines.push_back("torn");
      break;
    }
    const Decoded decoded = decoder.decode(scan.record);
    if (decoded.event != nullptr) lines.push_back(to_text(*decoded.event));
    if (!decoded.problem.empty()) lines.push_back("! " + decoded.problem);
    bytes.remove_prefix(scan.record.bytes.size());
    offset = scan.record.end();
  }
  return lines;
}

struct DecoderTest : ::testing::Test {
  JournalBuilder journal{42};
  std::uint32_t loss = journal.site(wire::SiteKind::kLog, "loss");
  std::uint32_t epoch = journal.site(wire::SiteKind::kLoop, "epoch");
  std::uint32_t step = journal.site(wire::SiteKind::kLoop, "step");
};

TEST_F(DecoderTest, SpellsPositionsOutFromTheOutermostLoop) {
  const auto outer = journal.position(0, epoch, 3, {.label = 30});
  const auto inner = journal.position(outer, step, 7, {.entry = 2});
  journal.value(inner, loss, 0.5);
  journal.value(outer, loss, 0.25);
  journal.value(0, loss, 4);
  EXPECT_EQ(decode(journal), (Lines{"value loss at epoch=30/step@2=#7 #0 = 0.5", "value loss at epoch=30 #0 = 0.25",
                                    "value loss at start #0 = 4"}));
}

TEST_F(DecoderTest, CountsSequenceNumbersWithinNamePositionAndThread) {
  const auto other_place = journal.site(wire::SiteKind::kLog, "loss", "other.cc", 9);
  const auto accuracy = journal.site(wire::SiteKind::kLog, "accuracy");
  const auto first = journal.position(0, epoch, 0);
  journal.value(first, loss, 1);
  journal.value(first, other_place, 2);
  journal.value(first, accuracy, 3);
  journal.value(first, loss, 4, 1);
  journal.value(journal.position(0, epoch, 1), loss, 5);
  EXPECT_EQ(decode(journal), (Lines{"value loss at epoch=#0 #0 = 1", "value loss at epoch=#0 #1 = 2",
                                    "value accuracy at epoch=#0 #0 = 3", "value loss at epoch=#0 thread 1 #0 = 4",
                                    "value loss at epoch=#1 #0 = 5"}));
}

TEST_F(DecoderTest, CountsAProbeApartFromARecordedNameThatIsTheSame) {
  const auto probe = journal.site(wire::SiteKind::kProbe, "loss", "train.cc", 3, "000102030405060708090a0b0c0d0e0f");
  journal.value(0, loss, 1);
  journal.value(0, probe, 2);
  EXPECT_EQ(decode(journal), (Lines{"value loss at start #0 = 1", "probe loss at start #0 = 2"}));
}

TEST_F(DecoderTest, KeepsSequenceNumbersOfManyNamesApart) {
  std::vector<std::uint32_t> sites;
  for (int i = 0; i < 100; ++i) sites.push_back(journal.site(wire::SiteKind::kLog, "name" + std::to_string(i)));
  const auto here = journal.position(0, epoch, 0);
  for (int round = 0; round < 3; ++round) {
    for (const auto site : sites) journal.value(here, site, round);
  }
  const Lines lines = decode(journal);
  ASSERT_EQ(lines.size(), 300u);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) {
      const std::string expected =
          "value name" + std::to_string(i) + " at epoch=#0 #" + std::to_string(round) + " = " + std::to_string(round);
      EXPECT_EQ(lines[static_cast<std::size_t>(round * 100 + i)], expected);
    }
  }
}

TEST_F(DecoderTest, KeepsThreadsApartThatAreInTheSameLoop) {
  const auto mine = journal.position(0, epoch, 0, {.thread = 0});
  const auto theirs = journal.position(0, epoch, 5, {.thread = 1});
  const auto my_step = journal.position(mine, step, 1, {.thread = 0});
  journal.value(theirs, loss, 1, 1);
  journal.value(my_step, loss, 2, 0);
  EXPECT_EQ(decode(journal),
            (Lines{"value loss at epoch=#5 thread 1 #0 = 1", "value loss at epoch=#0/step=#1 #0 = 2"}));
}

TEST_F(DecoderTest, APositionWrittenInShortIsTheOneAfterItsPrevious) {
  JournalBuilder::Iteration labelled;
  labelled.label = 7;
  labelled.entry = 2;
  const auto outer = journal.position(0, epoch, 3);
  auto inner = journal.position(outer, step, 0, labelled);
  journal.value(inner, loss, 1);
  const auto deeper = journal.position(inner, epoch, 0);
  journal.value(deeper, loss, 2);
  const auto second = journal.next(deeper);
  journal.value(second, loss, 3);
  inner = journal.next(inner);
  journal.value(inner, loss, 4);
  journal.value(inner, loss, 5);
  EXPECT_EQ(decode(journal), (Lines{"value loss at epoch=#3/step@2=7 #0 = 1", "value loss at epoch=#3/step@2=7/epoch=#0 #0 = 2",
                                    "value loss at epoch=#3/step@2=7/epoch=#1 #0 = 3", "value loss at epoch=#3/step@2=8 #0 = 4",
                                    "value loss at epoch=#3/step@2=8 #1 = 5"}));
}

TEST_F(DecoderTest, APositionWrittenInShortAfterNoneIsSaid) {
  journal.position(0, epoch, 0);
  journal.next(7);
  journal.next(0);
  journal.next(1, 5);
  for (const std::string& line : decode(journal)) EXPECT_NE(line.find("position"), std::string::npos) << line;
  EXPECT_EQ(decode(journal).size(), 3u);
}

TEST_F(DecoderTest, StillKnowsAPositionWhoseLoopWasLeftOutOfOrder) {
  const auto outer = journal.position(0, epoch, 0);
  const auto inner = journal.position(outer, step, 0);
  journal.value(inner, loss, 1);
  journal.position(0, epoch, 1);
  journal.value(inner, loss, 2);
  EXPECT_EQ(decode(journal), (Lines{"value loss at epoch=#0/step=#0 #0 = 1", "value loss at epoch=#0/step=#0 #1 = 2"}));
}

TEST_F(DecoderTest, ForgetsPositionsSoThatAMillionIterationsDoNotFillMemory) {
  Decoder decoder;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    JournalBuilder one(42);
    if (i == 0) one.site(wire::SiteKind::kLoop, "epoch");
    wire::PositionRecord record{};
    record.position = i + 1;
    record.ordinal = i;
    record.site = 1;
    const std::string_view bytes(reinterpret_cast<const char*>(&record), sizeof record);
    if (i == 0) decoder.decode(scan_record(one.bytes(), wire::kJournalStart, 42).record);
    ASSERT_EQ(decoder.decode({.kind = wire::RecordKind::kPosition, .offset = 0, .bytes = bytes}).problem, "");
  }
  EXPECT_LT(decoder.remembered_positions(), 1000u);
}

TEST_F(DecoderTest, ReadsEveryKindOfValue) {
  journal.scalar(0, loss, wire::DType::kBool, 1);
  journal.scalar(0, loss, wire::DType::kI16, 0xfffe);
  journal.scalar(0, loss, wire::DType::kF32, 0x3f800000);
  journal.scalar(0, loss, wire::DType::kU64, ~std::uint64_t{0});
  journal.vector(0, loss, wire::DType::kU8, 3, "abc");
  journal.vector(0, loss, wire::DType::kC128, 1, "0123456789abcdef");
  journal.vector(0, loss, wire::DType::kText, 5, "hello");
  journal.vector(0, loss, wire::DType::kError, 4, "oops");
  journal.vector(0, loss, wire::DType::kF64, 0, "");
  EXPECT_EQ(
      decode(journal),
      (Lines{"value loss at start #0 = 1 01", "value loss at start #1 = 3 feff", "value loss at start #2 = 12 0000803f",
             "value loss at start #3 = 9 ffffffffffffffff", "value loss at start #4 = 6[] 616263",
             "value loss at start #5 = 15[] 30313233343536373839616263646566", "value loss at start #6 = 16 hello",
             "value loss at start #7 = 18 oops", "value loss at start #8 = 13[] "}));
}

TEST_F(DecoderTest, SaysWhichRecordsContradictTheRest) {
  journal.value(0, 99, 1);
  journal.value(7, loss, 1);
  journal.position(9, epoch, 0);
  journal.value(0, epoch, 1);
  journal.position(0, loss, 0);
  journal.vector(0, loss, wire::DType::kF64, 1'000'000, "short");
  journal.vector(0, loss, wire::DType::kF64, ~std::uint64_t{0}, "short");
  journal.raw(wire::RecordKind::kValue, std::string(16, '\0'));
  journal.raw(wire::RecordKind::kNote, std::string(16, '\xff'));
  const Lines lines = decode(journal);
  ASSERT_EQ(lines.size(), 9u);
  for (const std::string& line : lines) EXPECT_TRUE(line.starts_with("! ")) << line;
}

TEST_F(DecoderTest, AValueThatCannotBeReadDoesNotShiftTheNumbersOfThoseAfterIt) {
  journal.value(0, loss, 1);
  journal.vector(0, loss, wire::DType::kF64, 1'000'000, "short");
  journal.value(0, loss, 3);
  const Lines lines = decode(journal);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[2], "value loss at start #2 = 3");
}

TEST_F(DecoderTest, HandsOverWhatHappensToState) {
  const auto first = journal.position(0, epoch, 0, {.label = 1, .has_state = true});
  journal.digest(JournalBuilder::point(first, step, 0), 5);
  journal.skipped(JournalBuilder::point(0, epoch, 1), "pool full");
  journal.jump(JournalBuilder::point(0, epoch, 4), 0);
  journal.jump(JournalBuilder::point(0, epoch, 4), 0, "no leaf w");
  journal.loop_end(JournalBuilder::point(0, epoch, 2, wire::PointKind::kExit));
  journal.note("a word");
  journal.end();
  EXPECT_EQ(decode(journal),
            (Lines{"iteration epoch=1", "digest head of epoch=1/step=#0: 5", "skipped head of epoch=#1: pool full",
                   "jump head of epoch=#4", "jump head of epoch=#4: no leaf w", "loop end exit of epoch=#2",
                   "note a word", "end 0"}));
}

}  // namespace
}  // namespace hindsight::host::testing

#include "runtime/host/journal_file.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "runtime/host/host.h"
#include "runtime/host/leaves.h"
#include "tests/host/support/collector.h"
#include "tests/host/support/journal_builder.h"

namespace hindsight::host::testing {
namespace {

struct JournalFault : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("hindsight-journal-" + std::to_string(::getpid()));
  std::filesystem::path path = folder / "a.journal";
  JournalFault() { std::filesystem::create_directories(folder); }
  ~JournalFault() override { std::filesystem::remove_all(folder); }

  // A journal with a few of everything.
  static JournalBuilder small() {
    JournalBuilder journal(0x1234567890abcdef);
    const auto loss = journal.site(wire::SiteKind::kLog, "loss");
    const auto epoch = journal.site(wire::SiteKind::kLoop, "epoch");
    for (std::uint64_t i = 0; i < 4; ++i) {
      const auto here = journal.position(0, epoch, i, {.label = static_cast<std::int64_t>(i), .has_state = true});
      journal.value(here, loss, 0.5 * static_cast<double>(i));
      journal.value(here, loss, 100);
      journal.digest(JournalBuilder::point(0, epoch, i + 1), i);
    }
    journal.vector(0, loss, wire::DType::kText, 5, "hello");
    journal.end();
    return journal;
  }

  struct Read {
    bool opened = false;
    Heard heard;
  };
  Read read(const std::string& file) {
    std::filesystem::remove(path);  // a new file each time: ext4 flushes one that is truncated and written again
    std::ofstream(path, std::ios::binary) << file;
    Read read;
    Collector collector(read.heard);
    read.opened = read_journal(path, collector).has_value();
    return read;
  }
};

bool is_prefix(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

TEST_F(JournalFault, AWholeJournalIsReadToItsEnd) {
  const Read whole = read(journal_file(small(), 7));
  ASSERT_TRUE(whole.opened);
  EXPECT_EQ(whole.heard.events.size(), 4u * 4 + 2);
  EXPECT_TRUE(whole.heard.end.in_order);
  EXPECT_EQ(whole.heard.end.torn, 0u);
  EXPECT_EQ(*journal_run(path), 7u);
}

TEST_F(JournalFault, CutAtEveryByteItGivesAPrefixAndSaysWhenARecordIsTorn) {
  const JournalBuilder journal = small();
  const std::string file = journal_file(journal, 7);
  const Read whole = read(file);
  std::size_t last = whole.heard.events.size();
  for (std::size_t size = file.size(); size-- > 0;) {
    SCOPED_TRACE(size);
    const Read cut = read(file.substr(0, size));
    EXPECT_EQ(cut.opened, size >= wire::kJournalStart);
    EXPECT_TRUE(is_prefix(cut.heard.events, whole.heard.events));
    EXPECT_LE(cut.heard.events.size(), last);
    EXPECT_TRUE(!cut.opened || cut.heard.end.torn >= 1);
    last = cut.heard.events.size();
  }
}

TEST_F(JournalFault, WithAnyBitOfItsRecordsFlippedItGivesAPrefixAndSaysThatItIsTorn) {
  const std::string file = journal_file(small(), 7);
  const Read whole = read(file);
  for (std::size_t at = wire::kJournalStart; at < file.size(); ++at) {
    SCOPED_TRACE(at);
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    const Read read_back = read(damaged);
    ASSERT_TRUE(read_back.opened);
    EXPECT_TRUE(is_prefix(read_back.heard.events, whole.heard.events));
    EXPECT_LT(read_back.heard.events.size(), whole.heard.events.size());
    EXPECT_GE(read_back.heard.end.torn, 1u);
  }
}

TEST_F(JournalFault, WithAnyByteOfItsHeaderChangedItGivesNothingWrong) {
  const std::string file = journal_file(small(), 7);
  const Read whole = read(file);
  for (std::size_t at = 0; at < sizeof(wire::JournalHeader); ++at) {
    SCOPED_TRACE(at);
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    EXPECT_TRUE(is_prefix(read(damaged).heard.events, whole.heard.events));
  }
}

TEST_F(JournalFault, RecordsOfARecycledFileAreNotTaken) {
  std::string file = journal_file(small(), 7);
  JournalBuilder other(99);
  const std::string fresh = journal_file(other, 8);
  const Read read_back = read(fresh + file.substr(wire::kJournalStart));
  EXPECT_TRUE(read_back.heard.events.empty());
}

TEST_F(JournalFault, WhatLiesBehindDamageIsCountedAndNotUsed) {
  const JournalBuilder journal = small();
  std::string file = journal_file(journal, 7);
  file[wire::kJournalStart + 5] ^= 1;  // the first record, of 22
  const Read damaged = read(file);
  EXPECT_TRUE(damaged.heard.events.empty());
  EXPECT_EQ(damaged.heard.end.torn, 20u);
}

TEST_F(JournalFault, RandomBytesAreNeverAJournal) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string file = journal_file(JournalBuilder(7), 7);
    for (int i = 0; i < 500; ++i) file += static_cast<char>(random());
    const Read read_back = read(file);
    EXPECT_TRUE(read_back.opened);
    EXPECT_TRUE(read_back.heard.events.empty());
  }
}

TEST_F(JournalFault, PadsBetweenRecordsAreNothing) {
  JournalBuilder journal(5);
  const auto loss = journal.site(wire::SiteKind::kLog, "loss");
  journal.pad(16);
  journal.value(0, loss, 1);
  journal.pad(4096);
  journal.value(0, loss, 2);
  EXPECT_EQ(read(journal_file(journal, 1)).heard.events,
            (std::vector<std::string>{"value loss at start #0 = 1", "value loss at start #1 = 2"}));
}

TEST_F(JournalFault, RecordsBeyondTheEndMarkAreTakenToo) {
  std::string file = journal_file(small(), 7);
  const std::uint64_t start = wire::kJournalStart;
  std::memcpy(file.data() + offsetof(wire::JournalHeader, end), &start, sizeof start);
  const Read read_back = read(file);
  EXPECT_EQ(read_back.heard.events.size(), 18u);
  EXPECT_EQ(read_back.heard.end.torn, 0u);
}

TEST_F(JournalFault, ALargeRecordIsReadThroughASmallWindow) {
  JournalBuilder journal(5);
  const auto loss = journal.site(wire::SiteKind::kLog, "loss");
  const std::string text(3 << 20, 'x');
  for (int i = 0; i < 3; ++i) journal.vector(0, loss, wire::DType::kText, text.size(), text);
  journal.value(0, loss, 1);
  const Read read_back = read(journal_file(journal, 1));
  ASSERT_EQ(read_back.heard.events.size(), 4u);
  EXPECT_EQ(read_back.heard.events[2], "value loss at start #2 = 16 " + text);
}

TEST_F(JournalFault, CapturesWithoutTheirSlotsAreHandedOverAsSkipped) {
  JournalBuilder journal(5);
  const auto epoch = journal.site(wire::SiteKind::kLoop, "epoch");
  journal.capture(JournalBuilder::point(0, epoch, 3), wire::Purpose::kCheckpoint, 0, 100);
  const Read read_back = read(journal_file(journal, 1));
  ASSERT_EQ(read_back.heard.events.size(), 1u);
  EXPECT_TRUE(read_back.heard.events[0].starts_with("skipped head of epoch=#3: "));
}

TEST_F(JournalFault, AJournalThatIsBeingWrittenIsLeftAlone) {
  Result<JournalFile> writing = JournalFile::create(folder, wire::Mode::kRecord);
  ASSERT_TRUE(writing);
  const Result<JournalFile> other = JournalFile::open_left_behind(writing->path());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind(), ErrorKind::kBusy);
}

TEST_F(JournalFault, AJournalOfANewerVersionIsNotRead) {
  std::string file = journal_file(small(), 7);
  file[8] = 9;
  std::ofstream(path, std::ios::binary) << file;
  const Result<JournalFile> journal = JournalFile::open_left_behind(path);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().kind(), ErrorKind::kUnsupported);
}

// ---- slots ---------------------------------------------------------------------------------------------------------

struct SlotFault : ::testing::Test {
  std::string slot = leaf("net.weight", wire::DType::kF32, "0123456789abcdef") +
                     leaf("i", wire::DType::kI64, "12345678") + leaf("empty", wire::DType::kBytes, "");
};

TEST_F(SlotFault, LeavesAreReadInOrder) {
  const auto leaves = read_leaves(slot);
  ASSERT_TRUE(leaves);
  ASSERT_EQ(leaves->size(), 3u);
  EXPECT_EQ((*leaves)[0].path, "net.weight");
  EXPECT_EQ((*leaves)[0].shape, std::vector<std::uint64_t>{16});
  EXPECT_EQ((*leaves)[0].bytes, "0123456789abcdef");
  EXPECT_EQ((*leaves)[1].bytes, "12345678");
  EXPECT_EQ((*leaves)[2].bytes, "");
}

TEST_F(SlotFault, CutAtEveryByteItIsDamagedOrAWholeNumberOfLeaves) {
  const std::string padded = slot;
  for (std::size_t size = padded.size(); size-- > 0;) {
    SCOPED_TRACE(size);
    const std::string cut = padded.substr(0, size);
    const auto leaves = read_leaves(cut);
    EXPECT_TRUE(!leaves || leaves->size() <= 3);
  }
}

TEST_F(SlotFault, NoByteOfAHeaderCanLeadOutsideTheSlot) {
  for (std::size_t at = 0; at < slot.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      // Of exactly the slot's size on the heap, so that a sanitizer sees one byte too many.
      std::vector<char> damaged(slot.begin(), slot.end());
      damaged[at] = static_cast<char>(value);
      const auto leaves = read_leaves(std::string_view(damaged.data(), damaged.size()));
      if (!leaves) continue;
      for (const store::LeafBytes& one : *leaves) {
        EXPECT_GE(one.bytes.data(), damaged.data());
        EXPECT_LE(one.bytes.data() + one.bytes.size(), damaged.data() + damaged.size());
      }
    }
  }
}

TEST_F(SlotFault, WhatIsWrittenIsReadBackAndAShortSlotSaysWhatItNeeds) {
  const std::vector<store::Leaf> leaves = {
      {.path = "w", .dtype = store::DType::kF32, .shape = {2, 2}, .bytes = 16, .hash = {}},
      {.path = std::string(200, 'p'), .dtype = store::DType::kText, .shape = {}, .bytes = 5, .hash = {}}};
  std::vector<char> room(4096, '\xee');
  LeafWriter writer(room);
  EXPECT_TRUE(writer.put(leaves[0], "0123456789abcdef"));
  EXPECT_TRUE(writer.put(leaves[1], "hello"));
  const auto back = read_leaves(std::string_view(room.data(), writer.size()));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].shape, (std::vector<std::uint64_t>{2, 2}));
  EXPECT_EQ((*back)[1].path, leaves[1].path);
  EXPECT_EQ((*back)[1].bytes, "hello");
  for (std::size_t size = 0; size < writer.size(); ++size) {
    std::vector<char> small(size);
    LeafWriter short_writer(small);
    short_writer.put(leaves[0], "0123456789abcdef");
    short_writer.put(leaves[1], "hello");
    EXPECT_TRUE(short_writer.overflowed());
    EXPECT_EQ(short_writer.size(), writer.size());
  }
}

}  // namespace
}  // namespace hindsight::host::testing

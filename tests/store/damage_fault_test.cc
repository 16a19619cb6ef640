// Damages a small store in every way that fits into a loop. What is read afterwards is what was written, or an error.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "tests/store/support.h"

namespace hindsight::store::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class DamageFault : public testing::Test {
 protected:
  void SetUp() override {
    {
      Store store = need(Store::create(folder_ / "s"));
      fill(store, seed());
      // Something freed and overwritten, so that there is a free list.
      for (int i = 0; i < 3; ++i) {
        Draw draw(seed() + 1);
        WriteBatch batch = need(store.write());
        store::Run run = draw.run({});
        run.id = {1};
        need(batch.put_run(run));
        need(batch.commit());
      }
      whole_ = read_contents(store);
    }
    ASSERT_THAT(whole_.errors, IsEmpty());
    bytes_ = read_file(file());
  }
  std::filesystem::path file() const { return folder_ / "s" / "data.mdb"; }

  // Opens, reads and checks the store as it is now on disk.
  void expect_whole_or_said() {
    Result<Store> store = Store::open(folder_ / "s", Store::Access::kRead);
    if (!store) {
      EXPECT_TRUE(store.error().kind() == ErrorKind::kCorrupt || store.error().kind() == ErrorKind::kUnsupported)
          << store.error().message();
      ++refused_;
      return;
    }
    const Contents now = read_contents(*store);
    expect_nothing_wrong(now);
    Result<Store::Findings> findings = store->check();
    ASSERT_TRUE(findings) << findings.error().message();
    if (!findings->problems.empty()) ++found_;
    if (!now.errors.empty()) {
      ++unreadable_;
      EXPECT_FALSE(findings->problems.empty()) << now.errors.begin()->second;
    }
  }

  void expect_nothing_wrong(const Contents& now) {
    for (const auto& [name, part] : now.parts) {
      const auto before = whole_.parts.find(name);
      ASSERT_NE(before, whole_.parts.end()) << name << " was never written";
      ASSERT_TRUE(before->second == part) << name << " is not what was written";
    }
    if (!now.errors.empty()) return;
    for (const auto& [name, part] : whole_.parts) ASSERT_EQ(now.parts.count(name), 1u) << name << " is gone, and nothing said so";
  }

  // Writing to a damaged store is refused, or does no harm to what is there.
  void expect_writing_does_no_harm() {
    Result<Store> store = Store::open(folder_ / "s", Store::Access::kWrite);
    if (!store) return;
    Draw draw(7);
    Result<WriteBatch> batch = store->write();
    ASSERT_TRUE(batch) << batch.error().message();
    const std::vector<OwnedLeaf> leaves = {{.path = "w", .dtype = DType::kU8, .shape = {}, .bytes = draw.bytes(200000)}};
    Result<Checkpoint> put = batch->put_checkpoint(RunId{2}, {}, borrow(leaves));
    if (!put || !batch->commit()) return;
    ++written_;
    Contents now = read_contents(*store);
    const std::string added = "checkpoint r2/" + std::to_string(put->number);
    now.parts.erase(added);
    now.parts.erase("state of " + added);
    expect_nothing_wrong(now);
  }

  void with_bit_flipped(std::size_t byte, unsigned bit) {
    SCOPED_TRACE("byte " + std::to_string(byte) + " bit " + std::to_string(bit));
    std::string damaged = bytes_;
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
    write_file(file(), damaged);
    expect_whole_or_said();
    if (++flips_ % 3 == 0) expect_writing_does_no_harm();  // takes most of the time
  }

  void report(const char* what) const {
    std::cout << what << ": " << refused_ << " refused at opening, " << unreadable_ << " with parts unreadable, " << found_
              << " found by check, " << written_ << " written to safely; file of " << bytes_.size() << " bytes\n";
  }

  TemporaryFolder folder_{true};
  Contents whole_;
  std::string bytes_;
  int refused_ = 0, unreadable_ = 0, found_ = 0, written_ = 0, flips_ = 0;
};

TEST_F(DamageFault, AStoreCutAtAnyLengthOpensOrSaysCorrupt) {
  for (std::size_t length = bytes_.size(); !HasFatalFailure();) {
    SCOPED_TRACE(length);
    ASSERT_EQ(truncate(file().c_str(), static_cast<off_t>(length)), 0);
    expect_whole_or_said();
    if (length == 0) break;
    length = (length - 1) / 512 * 512;
  }
  report("truncated");
  EXPECT_GT(refused_ + unreadable_, static_cast<int>(bytes_.size() / 512 / 2));
}

TEST_F(DamageFault, AFlippedBitIsHarmlessOrSaid) {
  Draw draw(seed());
  for (int i = 0; i < 700 && !HasFatalFailure(); ++i) {
    with_bit_flipped(draw.number(bytes_.size()), static_cast<unsigned>(draw.number(8)));
  }
  report("random bits");
  EXPECT_GT(refused_ + unreadable_ + found_, 100);
}

TEST_F(DamageFault, AFlippedBitInThePageHeadsIsHarmlessOrSaid) {
  Draw draw(seed());
  for (int i = 0; i < 700 && !HasFatalFailure(); ++i) {
    const std::size_t page = draw.number(bytes_.size() / 4096);
    with_bit_flipped(page * 4096 + draw.number(64), static_cast<unsigned>(draw.number(8)));
  }
  report("bits in page heads");
  EXPECT_GT(refused_ + unreadable_ + found_, 100);
}

TEST_F(DamageFault, AnyFlippedBitInTheMetaPagesIsHarmlessOrSaid) {
  for (std::size_t byte = 0; byte < 160; ++byte) {
    for (unsigned bit = 0; bit < 8 && !HasFatalFailure(); ++bit) {
      with_bit_flipped(byte, bit);
      with_bit_flipped(4096 + byte, bit);
    }
  }
  report("bits in meta pages");
  EXPECT_GT(refused_, 500);
}

TEST_F(DamageFault, ABlockOfZeroesIsHarmlessOrSaid) {
  for (std::size_t page = 0; page < bytes_.size() / 4096 && !HasFatalFailure(); ++page) {
    SCOPED_TRACE(page);
    std::string damaged = bytes_;
    std::memset(damaged.data() + page * 4096, 0, 4096);
    write_file(file(), damaged);
    expect_whole_or_said();
    expect_writing_does_no_harm();
  }
  report("zeroed pages");
  EXPECT_GT(refused_ + unreadable_ + found_, 50);
}

TEST_F(DamageFault, APageInTheWrongPlaceIsHarmlessOrSaid) {
  Draw draw(seed());
  const std::size_t pages = bytes_.size() / 4096;
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
    const std::size_t from = draw.number(pages), to = draw.number(pages);
    SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to));
    std::string damaged = bytes_;
    std::memcpy(damaged.data() + to * 4096, bytes_.data() + from * 4096, 4096);
    write_file(file(), damaged);
    expect_whole_or_said();
    expect_writing_does_no_harm();
  }
  report("copied pages");
}

TEST_F(DamageFault, OtherFilesInItsPlaceAreRefusedInWords) {
  Draw draw(seed());
  std::vector<std::string> others = {"", "x", std::string(100, '\0'), std::string(8192, '\0'), std::string(100000, '\xff'),
                                     "SQLite format 3" + std::string(10000, 'q')};
  for (int i = 0; i < 50; ++i) others.push_back(draw.bytes(draw.number(40000)));
  for (const std::string& other : others) {
    write_file(file(), other);
    const Result<Store> store = Store::open(folder_ / "s", Store::Access::kRead);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(store.error().message(), HasSubstr("data.mdb is damaged"));
  }
}

TEST_F(DamageFault, AnotherLmdbVersionIsUnsupportedAndNotCalledDamage) {
  std::string other = bytes_;
  other[16 + 4] = other[4096 + 16 + 4] = 2;
  write_file(file(), other);
  EXPECT_EQ(Store::open(folder_ / "s", Store::Access::kRead).error().kind(), ErrorKind::kUnsupported);
}

TEST_F(DamageFault, WithoutItsDataFileAStoreIsCorrupt) {
  std::filesystem::remove(file());
  const Result<Store> store = Store::open(folder_ / "s", Store::Access::kWrite);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind(), ErrorKind::kCorrupt);
  EXPECT_THAT(store.error().message(), HasSubstr("data.mdb is missing"));
}

TEST_F(DamageFault, ADamagedLockFileIsSaidOrMadeAnew) {
  const std::filesystem::path lock = folder_ / "s" / "lock.mdb";
  const std::string before = read_file(lock);
  Draw draw(seed());
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
    std::string damaged = before;
    for (int flips = 0; flips < 8; ++flips) damaged[draw.number(256)] ^= static_cast<char>(1 << draw.number(8));
    write_file(lock, damaged);
    expect_whole_or_said();
  }
  write_file(lock, "garbage");
  expect_whole_or_said();
}

TEST_F(DamageFault, DamageInOneChunkLeavesEverythingElseReadable) {
  // The large leaf of run 1 is stored as it is, so its bytes can be found and changed.
  const std::string& state = whole_.parts.at("state of checkpoint r1/0");
  const std::size_t leaf = state.rfind("large=");
  ASSERT_NE(leaf, std::string::npos);
  std::size_t at = std::string::npos;
  for (std::size_t probe = leaf + 6; at == std::string::npos && probe + 64 < state.size(); probe += 512) {
    at = bytes_.find(state.substr(probe, 64));
  }
  ASSERT_NE(at, std::string::npos) << "the large leaf, which is noise, is not stored as it is";
  std::string damaged = bytes_;
  damaged[at + 3] = static_cast<char>(damaged[at + 3] ^ 4);
  write_file(file(), damaged);
  Store store = need(Store::open(folder_ / "s", Store::Access::kRead));
  const Contents now = read_contents(store);
  expect_nothing_wrong(now);
  for (const auto& [name, error] : now.errors) {
    EXPECT_THAT(name, HasSubstr("state of checkpoint"));
    EXPECT_THAT(error, HasSubstr("(I6)"));
    EXPECT_THAT(error, HasSubstr("leaf 'large'"));
  }
  EXPECT_FALSE(now.errors.empty());
  EXPECT_EQ(now.errors.size() + now.parts.size(), whole_.parts.size());
  EXPECT_THAT(need(store.check()).problems, testing::Contains(HasSubstr("(I3)")));
}

}  // namespace
}  // namespace hindsight::store::test

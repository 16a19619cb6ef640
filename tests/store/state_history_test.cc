#include "store/state_history.h"

#include <gtest/gtest.h>

#include <cstring>

#include "store/hash.h"
#include "store/store.h"
#include "tests/store/support.h"

namespace hindsight::store {
namespace {

using test::Draw;
using test::need;

constexpr std::uint64_t kRoom = 64 << 20;

// A state that is trained: its arrays change by little, by all, here and there, or not at all.
class Trained {
 public:
  explicit Trained(Draw& draw) : draw_(&draw) {
    for (auto& [name, bytes] : arrays_) {
      for (std::size_t i = 0; i < bytes.size() / 4; ++i) {
        const auto value = static_cast<float>(draw_->number(2000)) / 1000 - 1 + static_cast<float>(draw_->number(1 << 20)) * 1e-7F;
        std::memcpy(bytes.data() + 4 * i, &value, 4);
      }
    }
  }
  void step() {
    for (std::size_t i = 0; i < arrays_[0].second.size() / 4; ++i) {
      float value;
      std::memcpy(&value, arrays_[0].second.data() + 4 * i, 4);
      value += static_cast<float>(draw_->number(1000)) * 1e-9F;
      std::memcpy(arrays_[0].second.data() + 4 * i, &value, 4);
    }
    arrays_[1].second = draw_->noise(arrays_[1].second.size());
    for (int i = 0; i < 50; ++i) arrays_[2].second[draw_->number(arrays_[2].second.size())] ^= 1;
    arrays_[4].second[draw_->number(arrays_[4].second.size())] ^= 1;
  }
  std::vector<LeafBytes> leaves() const {
    std::vector<LeafBytes> all;
    for (const auto& [name, bytes] : arrays_) all.push_back({.path = name, .dtype = DType::kF32, .shape = {bytes.size() / 4}, .bytes = bytes});
    return all;
  }

 private:
  Draw* draw_;
  std::vector<std::pair<std::string, std::string>> arrays_ = {{"weights", std::string(600'000, '\0')}, {"momentum", std::string(300'000, '\0')},
                                                              {"embedding", std::string(800'000, '\0')}, {"frozen", std::string(500'000, '\0')},
                                                              {"bias", std::string(4'000, '\0')}, {"scale", std::string(2'000, '\0')}};
};

class History : public ::testing::Test {
 protected:
  History() : store_(need(Store::create(folder_ / "store"))), state_(draw_) {
    WriteBatch batch = need(store_.write());
    run_ = need(batch.put_run({}));
    need(batch.commit());
  }

  Checkpoint put(StateHistory& history) {
    WriteBatch batch = need(store_.write());
    Checkpoint checkpoint = need(batch.put_checkpoint(run_, {}, state_.leaves(), history));
    need(batch.commit());
    kept_.push_back({checkpoint, {}});
    for (const LeafBytes& leaf : state_.leaves()) kept_.back().second.emplace_back(leaf.bytes);
    return checkpoint;
  }
  void expect_all_come_back() {
    for (const auto& [checkpoint, arrays] : kept_) {
      std::size_t next = 0;
      need(store_.read_state(run_, checkpoint, [&](const Leaf& leaf, std::string_view bytes) -> Result<void> {
        EXPECT_TRUE(bytes == arrays[next]) << leaf.path << " of checkpoint " << checkpoint.number;
        ++next;
        return {};
      }));
      EXPECT_EQ(next, arrays.size());
    }
    EXPECT_EQ(need(store_.check()).problems, std::vector<std::string>());
  }
  std::uint64_t stored() const { return std::filesystem::file_size(folder_ / "store" / "data.mdb"); }

  test::TemporaryFolder folder_{true};
  Store store_;
  Draw draw_{test::seed()};
  Trained state_;
  RunId run_;
  std::vector<std::pair<Checkpoint, std::vector<std::string>>> kept_;
};

TEST_F(History, EveryStateOfALongSequenceComesBack) {
  StateHistory history(kRoom);
  for (int i = 0; i < 40; ++i) {
    put(history);
    state_.step();
  }
  expect_all_come_back();
}

TEST_F(History, WhatDidNotChangeTakesNoRoom) {
  StateHistory history(kRoom);
  put(history);
  const std::uint64_t once = stored();
  for (int i = 0; i < 20; ++i) put(history);
  EXPECT_LT(stored(), once + 100'000);  // manifests
  expect_all_come_back();
}

TEST_F(History, AStateThatChangesALittleTakesLessRoomThanWithoutAHistory) {
  StateHistory history(kRoom);
  const std::uint64_t empty = stored();
  for (int i = 0; i < 10; ++i, state_.step()) put(history);
  const std::uint64_t with = stored() - empty;
  Trained again(draw_);
  state_ = again;
  StateHistory none(0);
  for (int i = 0; i < 10; ++i, state_.step()) put(none);
  EXPECT_LT(with * 10, (stored() - empty - with) * 8);
  expect_all_come_back();
}

TEST_F(History, WhatABatchThatWasGivenUpHadStoredIsStoredAgain) {
  StateHistory history(kRoom);
  put(history);
  for (int i = 0; i < 12; ++i) {
    state_.step();
    {
      WriteBatch given_up = need(store_.write());
      need(given_up.put_checkpoint(run_, {}, state_.leaves(), history));
    }
    if (i % 3 != 0) put(history);
  }
  expect_all_come_back();
}

TEST_F(History, TwoHistoriesOfOneStoreDoNotDisturbEachOther) {
  StateHistory one(kRoom), two(kRoom);
  for (int i = 0; i < 20; ++i) {
    put(draw_.coin() ? one : two);
    if (draw_.coin()) state_.step();
  }
  expect_all_come_back();
}

TEST_F(History, ArraysThatGrowShrinkOrChangeTheirElementsStartAnew) {
  StateHistory history(kRoom);
  Hash last;
  for (const auto& [size, element] : std::vector<std::pair<std::size_t, Element>>{{300'000, Element::kReal32}, {600'000, Element::kReal32}, {600'000, Element::kInt8},
                                                                                  {100, Element::kInt8}, {70'000'000, Element::kReal64}}) {
    const std::string bytes = draw_.bytes(size);
    WriteBatch batch = need(store_.write());
    const std::vector<LeafBytes> leaves = {{.path = "x", .dtype = element == Element::kInt8 ? DType::kU8 : element == Element::kReal32 ? DType::kF32 : DType::kF64, .shape = {}, .bytes = bytes}};
    const Checkpoint checkpoint = need(batch.put_checkpoint(run_, {}, leaves, history));
    need(batch.commit());
    need(store_.read_state(run_, checkpoint, [&](const Leaf&, std::string_view back) -> Result<void> {
      EXPECT_TRUE(back == bytes);
      return {};
    }));
  }
}

}  // namespace
}  // namespace hindsight::store

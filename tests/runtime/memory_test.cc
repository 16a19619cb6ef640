// The client's own memory: what it gives is whole and apart, and none of it is the program's.
#include "runtime/client/memory.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

namespace hindsight::client {
namespace {

struct Block {
  unsigned char* bytes;
  std::size_t size;
  unsigned char mark;
};

bool is_whole(const Block& block) {
  for (std::size_t i = 0; i < block.size; ++i) {
    if (block.bytes[i] != block.mark) return false;
  }
  return true;
}

// Takes, grows and gives blocks of all sizes in a random order; each keeps what was written into it.
void use_memory(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  for (int turn = 0; turn < 20000; ++turn) {
    const unsigned what = random() % 8;
    const std::size_t size = std::size_t{1} << random() % (turn % 100 == 0 ? 22 : 14);
    if (what < 4 || blocks.empty()) {
      Block block = {static_cast<unsigned char*>(what == 0 ? memory::take_zeroed(size, 1) : memory::take(size)), size, static_cast<unsigned char>(turn)};
      ASSERT_NE(block.bytes, nullptr);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block.bytes) % 16, 0u);
      if (what == 0) {
        ASSERT_TRUE(is_whole({block.bytes, size, 0})) << "not zero";
      }
      std::memset(block.bytes, block.mark, size);
      blocks.push_back(block);
      continue;
    }
    Block& one = blocks[random() % blocks.size()];
    ASSERT_TRUE(is_whole(one));
    if (what < 6) {
      one.bytes = static_cast<unsigned char*>(memory::resize(one.bytes, size));
      ASSERT_NE(one.bytes, nullptr);
      ASSERT_TRUE(is_whole({one.bytes, std::min(one.size, size), one.mark}));
      one.size = size;
      std::memset(one.bytes, one.mark, size);
    } else {
      memory::give(one.bytes);
      one = blocks.back();
      blocks.pop_back();
    }
  }
  for (const Block& block : blocks) {
    EXPECT_TRUE(is_whole(block));
    memory::give(block.bytes);
  }
}

TEST(Memory, BlocksAreApartAndKeepWhatIsWrittenIntoThem) { use_memory(1); }

TEST(Memory, ThreadsShareIt) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back(use_memory, i);
  for (std::thread& each : threads) each.join();
}

TEST(Memory, TakesNothingFromTheProgramsHeap) {
  std::vector<void*> blocks(64);
  const struct mallinfo2 before = mallinfo2();
  for (int turn = 0; turn < 100; ++turn) {
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = memory::take(std::size_t{1} << i % 20);
    for (void* each : blocks) memory::give(each);
  }
  char* const text = memory::copy("a text", 4);
  EXPECT_STREQ(text, "a te");
  memory::give(text);
  const struct mallinfo2 after = mallinfo2();
  EXPECT_EQ(after.uordblks, before.uordblks);
  EXPECT_EQ(after.hblkhd, before.hblkhd);
}

TEST(Memory, WhatCannotBeHadIsNull) {
  EXPECT_EQ(memory::take(SIZE_MAX), nullptr);
  EXPECT_EQ(memory::take(SIZE_MAX / 4), nullptr);
  EXPECT_EQ(memory::take_zeroed(SIZE_MAX / 2, 4), nullptr);
  void* const block = memory::resize(nullptr, 3);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(memory::resize(block, SIZE_MAX / 4), nullptr) << "and the block stays";
  memory::give(block);
  memory::give(nullptr);
}

}  // namespace
}  // namespace hindsight::client

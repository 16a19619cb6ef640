// Functions and constants by name: found again, or refused where a name is not enough.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <math.h>

#include <cstring>
#include <string>

#include "runtime/client/engine.h"
#include "runtime/client/symbols.h"
#include "tests/runtime/symbols_more/shared.h"

__asm__(R"(
  .section .rodata
  .balign 16
  .globl symbols_test_pair_first
  .type symbols_test_pair_first, @object
  .size symbols_test_pair_first, 16
symbols_test_pair_first: .zero 16
  .globl symbols_test_pair_second
  .type symbols_test_pair_second, @object
  .size symbols_test_pair_second, 32
symbols_test_pair_second: .zero 32
  .text
)");
extern "C" const char symbols_test_pair_first, symbols_test_pair_second;

namespace hindsight::client::symbols {

namespace {
int twice(int n) { return 2 * n; }
const int kTable[4] = {1, 2, 3, 4};
}  // namespace

int known_elsewhere(int n) { return n + 1; }

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct Named {
  std::string name, problem;
  std::uint64_t offset = 0;
};
Named named(const void* pointer, bool function, std::uint64_t element_bytes = 0) {
  Named out;
  char name[kMostBytes];
  if (const char* const problem = name_of(pointer, function, element_bytes, name, out.offset)) out.problem = problem;
  else out.name = name;
  return out;
}
const void* address(auto* function) { return reinterpret_cast<const void*>(function); }

void expect_back(const void* pointer, bool function) {
  for (int i = 0; i < 2; ++i) {  // the second time from what is kept
    const Named is = named(pointer, function);
    ASSERT_EQ(is.problem, "");
    const void* back = nullptr;
    EXPECT_EQ(find(is.name.c_str(), function, is.offset, back), nullptr) << is.name;
    EXPECT_EQ(back, pointer) << is.name;
  }
}

TEST(Symbols, FunctionsOfEveryKindAreFoundAgain) {
  for (const void* each : {address(&twice), address(&known_elsewhere), address(static_cast<double (*)(double)>(&tanh)),
                           address(static_cast<double (*)(double)>(&fabs)), address(&std::strlen)}) {
    expect_back(each, true);
  }
}

TEST(Symbols, ANameSaysWhereItIsKnown) {
  EXPECT_THAT(named(address(&twice), true).name, StartsWith("|symbols_test.cc|"));
  EXPECT_THAT(named(address(&known_elsewhere), true).name, EndsWith("15known_elsewhereEi"));
  EXPECT_THAT(named(address(static_cast<double (*)(double)>(&tanh)), true).name, testing::AllOf(StartsWith("libm.so"), EndsWith("||tanh")));
}

TEST(Symbols, AConstantIsFoundInItsMiddle) {
  expect_back(&kTable[1], false);
  expect_back(&kTable[3], false);
  EXPECT_EQ(named(&kTable[3], false).offset, 3 * sizeof(int));
}

int folded(int n) { return n - 1; }
extern "C" int symbols_test_alias(int) __attribute__((alias("_ZN9hindsight6client7symbols12_GLOBAL__N_16foldedEi")));

TEST(Symbols, NamesThatCountAreRefusedOnlyWhereAProbeDeclaresSomething) {
  static const double local[2] = {1, 2};
  struct Local {
    static int f(int n) { return n; }
  };
  int (*const lambda)(int) = [](int n) { return 4 * n; };
  const std::pair<const void*, bool> all[] = {{address(lambda), true}, {address(&Local::f), true}, {&local[1], false}};
  engine.names_shift = true;
  for (const auto& [pointer, function] : all) EXPECT_THAT(named(pointer, function).problem, HasSubstr("leads to a lambda"));
  engine.names_shift = false;
  for (const auto& [pointer, function] : all) {
    expect_back(pointer, function);
    const std::string name = named(pointer, function).name;
    engine.names_shift = true;
    const void* back = nullptr;
    EXPECT_THAT(find(name.c_str(), function, 0, back), HasSubstr("leads to a lambda"));
    engine.names_shift = false;
  }
}

TEST(Symbols, APlaceOfSeveralNamesIsRefused) {
  EXPECT_EQ(address(&folded), address(&symbols_test_alias));
  EXPECT_THAT(named(address(&folded), true).problem, HasSubstr("shares its name, or its place"));
}

TEST(Symbols, WhereOneConstantEndsAndAnotherBeginsEitherMayBeMeant) {
  // Two of an assembler's, since a compiler may put them anywhere.
  const auto* const first = reinterpret_cast<const char*>(&symbols_test_pair_first);
  const auto* const second = reinterpret_cast<const char*>(&symbols_test_pair_second);
  ASSERT_EQ(first + 16, second);
  EXPECT_THAT(named(second, false, 8).problem, HasSubstr("shares its name, or its place"));
  EXPECT_EQ(named(second, false, 32).problem, "") << "16 bytes are no array of these";
  EXPECT_EQ(named(second + 8, false, 8).problem, "");
  EXPECT_EQ(named(first + 8, false, 8).problem, "");
}

TEST(Symbols, WhatSharesItsNameIsRefused) {
  EXPECT_NE(symbols_test_first(), symbols_test_second());
  for (const void* each : {address(symbols_test_first()), address(symbols_test_second())}) EXPECT_THAT(named(each, true).problem, HasSubstr("shares its name"));
}

TEST(Symbols, WhatHasNoNameIsRefused) {
  static char data[8];
  for (const void* each : {static_cast<const void*>(data), static_cast<const void*>(reinterpret_cast<const char*>(address(&twice)) + 1), static_cast<const void*>(nullptr)}) {
    EXPECT_THAT(named(each, true).problem, HasSubstr("has no name"));
  }
}

TEST(Symbols, NamesThatNothingHasAreRefused) {
  const void* pointer = nullptr;
  for (const char* name : {"", "|", "x", "||no_such_function", "|symbols_test.cc|no_such_function", "|other.cc|_ZN9hindsight6client7symbols12_GLOBAL__N_15twiceEi", "libnone.so||f"}) {
    EXPECT_NE(find(name, true, 0, pointer), nullptr) << name;
    EXPECT_EQ(pointer, nullptr) << name;
  }
  const Named table = named(&kTable[1], false);
  EXPECT_NE(find(table.name.c_str(), false, sizeof kTable, pointer), nullptr);
  EXPECT_NE(find(table.name.c_str(), true, 0, pointer), nullptr) << "a constant is no function";
}

}  // namespace
}  // namespace hindsight::client::symbols

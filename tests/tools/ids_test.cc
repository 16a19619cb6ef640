#include "tools/ids.h"

#include <gtest/gtest.h>

#include "tools/text.h"

namespace hindsight::tools {
namespace {

store::Hash hash(std::uint64_t high) { return {high, 1}; }

struct Known {
  std::vector<store::Version> versions;
  std::vector<store::Run> runs;
  std::vector<store::Probe> probes;
  Known() {
    for (std::uint64_t n = 1; n <= 3; ++n) {
      store::Version version;
      version.id.hash = hash(0xabcd000000000000 + (n << 32));
      version.number = n;
      versions.push_back(version);
    }
    for (std::uint64_t n = 1; n <= 4; ++n) {
      store::Run run;
      run.id.number = n;
      run.uid = hash(n << 60 | 0x00ff00000000000);
      run.version = versions[n / 2 == 0 ? 0 : n / 2 - 1].id;  // r1 r2 r3: v1, r4: v2
      runs.push_back(run);
    }
    for (const char* name : {"grad_norm", "weight", "grad_norm"}) {
      store::Probe probe;
      probe.name = name;
      probe.id.hash = hash(0x1111222200000000 + (probes.size() << 40));
      probes.push_back(probe);
    }
  }
  std::vector<std::uint64_t> run_numbers(const char* text) const {
    std::vector<std::uint64_t> numbers;
    if (const auto found = find_runs(text, runs, versions)) {
      for (const store::Run& run : *found) numbers.push_back(run.id.number);
    }
    return numbers;
  }
};

using Numbers = std::vector<std::uint64_t>;

TEST(Ids, ARunIsFoundByNumberUidAndVersion) {
  const Known known;
  EXPECT_EQ(known.run_numbers("r3"), Numbers{3});
  EXPECT_EQ(known.run_numbers("3"), Numbers{3});
  EXPECT_EQ(known.run_numbers("200ff"), Numbers{2});
  EXPECT_EQ(known.run_numbers("v1"), (Numbers{1, 2, 3}));
  EXPECT_EQ(known.run_numbers(hex(known.versions[1].id.hash).c_str()), Numbers{4});
}

TEST(Ids, UnknownIdsAreNotFoundAndSayWhatThereIs) {
  const Known known;
  for (const char* text : {"r9", "9", "x", "rr", "", "r", "r-1", "r3x", "deadbeef"}) {
    const auto found = find_runs(text, known.runs, known.versions);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().kind(), ErrorKind::kNotFound) << text;
    EXPECT_EQ(found.error().hint(), "'hindsight runs' lists all: r1 to r4") << text;
  }
  EXPECT_EQ(find_runs("v9", known.runs, known.versions).error().message(), "no version 'v9'");
  EXPECT_EQ(find_version("v9", {known.versions.front()}).error().hint(), "the only version is v1");
  EXPECT_EQ(find_runs("v3", known.runs, known.versions).error().message(), "version 'v3' has no runs");
}

TEST(Ids, ABeginningThatFitsSeveralIsRefused) {
  const Known known;
  EXPECT_EQ(find_version("abcd", known.versions).error().kind(), ErrorKind::kInvalid);
  EXPECT_EQ(find_probes("1111", known.probes).error().kind(), ErrorKind::kInvalid);
  // Fewer than four digits could be anything.
  EXPECT_EQ(find_probes("111", known.probes).error().kind(), ErrorKind::kNotFound);
}

TEST(Ids, ANameFindsEveryProbeOfThatName) {
  const Known known;
  const auto found = find_probes("grad_norm", known.probes);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 2u);
  EXPECT_EQ(find_probes("wieght", known.probes).error().hint(), "did you mean 'weight'?");
}

TEST(Ids, RunsNamedTwiceAreTakenOnceAndInOrder) {
  const Known known;
  const auto found = find_all_runs({"r4", "v1", "r2"}, known.runs, known.versions);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, known.runs);
  EXPECT_EQ(*find_all_runs({}, known.runs, known.versions), known.runs);
}

}  // namespace
}  // namespace hindsight::tools

// Function objects go out and come back: what they call by its symbol, what they hold as bytes; or they are refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <hindsight/hindsight.h>

#include "runtime/client/engine.h"
#include "tests/runtime/archive_io.h"

namespace hindsight::test {

double callable_test_twice(double x) { return 2 * x; }
double callable_test_quiet(double x) noexcept { return x - 1; }

namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Function = std::function<double(double)>;

struct Offset {
  double by;
  double operator()(double x) const { return x + by; }
};

// All that can be restored, in place of whatever was there.
std::vector<Function> restorable() {
  // No captures with room between them: what is in there is nobody's, and may look like a pointer.
  const double slope = 0.25;
  const short shift = 3;
  const float up = 1.5F, down = 0.5F;
  return {nullptr,
          callable_test_twice,
          callable_test_quiet,
          static_cast<double (*)(double)>(&std::tanh),
          [](double x) { return x * x; },
          [](double x) { return x * x * x; },
          [slope](double x) { return slope * x; },
          [shift](double x) { return x + shift; },
          [slope, up, down](double x) { return x > 0 ? up * slope * x : down * slope * x; },
          Offset{4},
          Offset{5}};
}

double result(const Function& f) { return f ? f(3) : -1; }

TEST(Callables, ComeBackInPlaceOfAnyOther) {
  std::vector<Function> all = restorable();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string stored = save(all[i]);
    for (std::size_t j = 0; j < all.size(); ++j) {
      SCOPED_TRACE(std::to_string(i) + " in place of " + std::to_string(j));
      Function there = restorable()[j];
      const double before = result(there);
      EXPECT_EQ(read(there, stored, HINDSIGHT_CHECK), "");
      EXPECT_EQ(result(there), before) << "a check writes nothing";
      EXPECT_EQ(read(there, stored, HINDSIGHT_LOAD), "");
      EXPECT_EQ(result(there), result(all[i]));
      EXPECT_EQ(save(there), stored);
      const Function copy = there;
      EXPECT_EQ(result(copy), result(all[i]));
    }
  }
}

TEST(Callables, ThatAreAlikeAreStoredAlikeWhateverWasInTheirRoom) {
  std::string first;
  for (const int filling : {0x00, 0xff, 0x5a}) {
    alignas(Function) unsigned char room[sizeof(Function)];
    std::memset(room, filling, sizeof room);
    const float up = 1.5F;
    auto* const made = new (room) Function([up](double x) { return up * x; });
    const std::string stored = save(*made);
    made->~function();
    if (first.empty()) first = stored;
    EXPECT_EQ(stored, first);
  }
}

TEST(Callables, AreDigestedWithoutWhatMayBeAGapBetweenCaptures) {
  std::vector<std::uint64_t> digests;
  for (const float up : {1.5F, 2.5F}) {
    Function f = [up](double x) { return up * x; };
    hindsight_archive archive;
    client::begin(archive, HINDSIGHT_SAVE);
    client::hash_only(archive, nullptr);
    detail::visit_object<Function>(&archive, &f);
    digests.push_back(client::digest_of(archive));
    client::finish(archive);
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST(Callables, OfAVectorThatGrewAreMade) {
  std::vector<Function> all = restorable(), few(2);
  const std::string stored = save(all);
  EXPECT_EQ(read(few, stored, HINDSIGHT_LOAD), "");
  ASSERT_EQ(few.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(result(few[i]), result(all[i]));
}

std::string problem_of(Function& f) {
  hindsight_archive archive;
  client::begin(archive, HINDSIGHT_SAVE);
  detail::visit_object<Function>(&archive, &f);
  const std::string reason = archive.failed ? archive.reason : "";
  client::finish(archive);
  return reason;
}

TEST(Callables, ThatHoldAPointerOrAReferenceAreRefused) {
  double here = 1;
  static double there = 2;
  const auto shared = std::make_shared<double>(3);
  const char* const text = "x";
  Offset offset{1};
  std::vector<Function> all = {[&here](double x) { return x + here; }, [p = &there](double x) { return x + *p; }, [text](double x) { return x + *text; },
                               [f = &callable_test_twice](double x) { return f(x); }, std::ref(offset)};
  for (Function& f : all) EXPECT_THAT(problem_of(f), HasSubstr("holds a pointer or a reference"));
  Function owns = [shared](double x) { return x + *shared; };
  EXPECT_THAT(problem_of(owns), HasSubstr("holds "));
}

TEST(Callables, ThatCallAnotherThingUnderTheirNameAreRefusedWhereAProbeDeclaresSomething) {
  Function lambda = [](double x) { return x / 2; }, plain = callable_test_twice, none;
  client::engine.names_shift = true;
  EXPECT_THAT(problem_of(lambda), HasSubstr("leads to a lambda"));
  client::engine.names_shift = false;
  const std::string stored = save(lambda), sure = save(plain);
  client::engine.names_shift = true;
  EXPECT_THAT(read(none, stored, HINDSIGHT_CHECK), HasSubstr("leads to a lambda"));
  EXPECT_EQ(read(none, sure, HINDSIGHT_CHECK), "");
  client::engine.names_shift = false;
  EXPECT_EQ(read(none, stored, HINDSIGHT_CHECK), "");
}

TEST(Callables, ThatAreDamagedInWhatIsStoredAreRefused) {
  for (Function& f : std::vector<Function>(restorable())) {
    const std::string stored = save(f);
    for (std::size_t size = 0; size + wire::kLeafAlignment < stored.size(); size += 8) EXPECT_NE(read(f, stored.substr(0, size), HINDSIGHT_LOAD), "") << size;
    std::string other = stored;
    if (const std::size_t at = other.find("callable_test_twice"); at != std::string::npos) {
      other[at] = 'k';
      EXPECT_THAT(read(f, other, HINDSIGHT_LOAD), StartsWith("x"));
    }
  }
}

}  // namespace
}  // namespace hindsight::test

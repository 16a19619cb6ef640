#include "replay/arithmetic.h"

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>

namespace hindsight::replay {
namespace {

std::vector<std::string> words(const std::string& call) {
  std::istringstream in(call);
  return {std::istream_iterator<std::string>(in), {}};
}

TEST(Arithmetic, IsLooseByTheLastWordOfTheCompilersCall) {
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"g++ -O3 -march=native -std=gnu++17", ""},
      {"g++ -O3 -ffast-math", "-ffast-math"},
      {"g++ -Ofast -c a.cc", "-Ofast"},
      {"g++ -Ofast -O2 -c a.cc", ""},
      {"g++ -O2 -Ofast -c a.cc", "-Ofast"},
      {"g++ -ffast-math -O2", "-ffast-math"},
      {"g++ -ffast-math -fno-fast-math", ""},
      // What comes behind one takes only that one back.
      {"g++ -ffast-math -Ofast -O2", "-ffast-math"},
      {"g++ -ffast-math -fassociative-math -fno-associative-math", "-ffast-math"},
      {"g++ -fassociative-math -ffast-math -fno-fast-math", "-fassociative-math"},
      {"g++ -ffast-math -mfpmath=387 -mfpmath=sse", "-ffast-math"},
      {"g++ -fmacro-prefix-map=src/math=. -ffile-prefix-map=src/math=.", ""},
      {"clang++ -Xclang -menable-unsafe-fp-math", "-menable-unsafe-fp-math"},
      {"clang++ --config=mine.cfg", "--config=mine.cfg"},
      {"g++ -fno-fast-math -ffast-math", "-ffast-math"},
      {"g++ -ffast-math -fno-associative-math", "-ffast-math"},
      {"g++ -fassociative-math", "-fassociative-math"},
      {"g++ -fassociative-math -fno-associative-math", ""},
      {"g++ -funsafe-math-optimizations", "-funsafe-math-optimizations"},
      {"g++ -freciprocal-math", "-freciprocal-math"},
      {"g++ -fno-math-errno -ffp-contract=fast", ""},
      {"g++ -m32", "-m32"},
      {"g++ -m32 -mfpmath=sse", ""},
      {"g++ -mfpmath=both", "-mfpmath=both"},
      {"g++ -mrecip=all", "-mrecip=all"},
      {"g++ @opts", "@opts"},
      {"g++ -fno-signed-zeros", "-fno-signed-zeros"},
      {"g++ -ffinite-math-only", "-ffinite-math-only"},
      {"clang++ -ffp-model=fast", "-ffp-model=fast"},
      {"clang++ -ffp-model=precise -ffp-contract=off", ""},
      {"clang++ -fapprox-func", "-fapprox-func"},
      {"clang++ -fapprox-func -fno-approx-func", ""},
      {"g++ -fsome-new-math", "-fsome-new-math"},
      {"g++ -fno-math-errno -fno-trapping-math -fopenmp -fPIC -fno-exceptions", ""},
      {"g++ -mfpmath=387", "-mfpmath=387"},
  };
  for (const auto& [call, option] : calls) EXPECT_EQ(loosening_option(words(call)), option) << call;
}

TEST(Arithmetic, IsLooseWhereATextAsksForIt) {
  EXPECT_EQ(loosening_text("#pragma GCC optimize(\"O3\", \"fast-math\")\nint main() {}"), "fast-math");
  EXPECT_EQ(loosening_text("__attribute__((optimize(\"Ofast\"))) double f();"), "Ofast");
  EXPECT_EQ(loosening_text("#pragma clang fp reassociate(on)"), "clang fp");
  EXPECT_EQ(loosening_text("__attribute__((target(\"fpmath=387\"))) double f();"), "fpmath=");
  EXPECT_EQ(loosening_text("// no fast-math here\nint main() {}"), "");
  EXPECT_EQ(loosening_text("void optimize(Net& net);"), "");
}

TEST(Arithmetic, ThatWasFusedOtherwiseIsChanged) {
  const ArithmeticCounts plain = {{"fma scalar", 3}, {"mul packed", 4}, {"add scalar", 7}};
  EXPECT_EQ(changed_arithmetic(plain, plain, false), "");
  const auto with = [&](const std::string& kind, std::uint64_t count) {
    ArithmeticCounts out = plain;
    out[kind] = count;
    return out;
  };
  EXPECT_EQ(changed_arithmetic(plain, with("add scalar", 8), false), "");
  EXPECT_NE(changed_arithmetic(plain, with("add scalar", 6), false), "");
  EXPECT_NE(changed_arithmetic(plain, with("mul packed", 0), true), "");
  EXPECT_EQ(changed_arithmetic(plain, with("fma scalar", 4), false), "fma scalar: 4 instructions, and 3 without them");
  // One that was lost and one of the probe's own count as none.
  EXPECT_NE(changed_arithmetic(plain, plain, true), "");
  EXPECT_NE(changed_arithmetic(plain, {{"mul packed", 4}, {"add scalar", 7}}, true), "");
}

TEST(Arithmetic, ThatNothingCanFuseIsTheSameHoweverItIsMade) {
  EXPECT_EQ(changed_arithmetic({{"mul packed", 4}, {"add packed", 4}}, {{"mul scalar", 1}, {"add scalar", 1}}, true), "");
  EXPECT_NE(changed_arithmetic({{"mul scalar", 1}, {"add scalar", 1}}, {{"fma scalar", 1}}, false), "");
}

TEST(Arithmetic, OfAnExpressionMayBeFusedWhereItMultipliesAndAdds) {
  for (const char* each : {"loss", "loss * 2", "weights[3]", "a + b", "hindsight::norm(w.grad())", "epoch_loss / steps", "*loss", "std::sqrt(sum)", "loss.item<double>()",
                           "hindsight::norm(hindsight::mean(w))", "static_cast<double>(right)", "w.size()", "(a)"}) EXPECT_FALSE(may_fuse(each)) << each;
  for (const char* each : {"a * b + c", "std::inner_product(a, b, c, 0.0)", "std::norm(z)", "[&] { return x; }()", "2 * a - b", "a.dot(b)", "w.squaredNorm()",
                           "hindsight::norm(w) + std::norm(z)", "f(x)", "mean_of<double>(w)", "std::accumulate(w.begin(), w.end(), 0.0)"}) EXPECT_TRUE(may_fuse(each)) << each;
}

}  // namespace
}  // namespace hindsight::replay

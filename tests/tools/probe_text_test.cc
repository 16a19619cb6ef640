#include "tools/probe_text.h"

#include <gtest/gtest.h>

namespace hindsight::tools {
namespace {

TEST(ProbeText, NameAndExpressionAreSplitAtTheFirstEquals) {
  const auto probe = parse_probe("  grad_norm = hindsight::norm(w.grad()) ; ");
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->name, "grad_norm");
  EXPECT_EQ(probe->text, "hindsight::norm(w.grad())");
  const auto comparison = parse_probe("hit=a==b");
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->text, "a==b");
}

TEST(ProbeText, ExpressionsMayHoldBracketsQuotesAndLambdas) {
  for (const char* text : {"n = f(\")\")", "c = ')'", "d = 1'000'000", "l = [&] { int s = 0; return s; }()", "e = a[b(c{1})]",
                           "s = \"a\\\"b;\"", "train/loss = x", "a.b-c:d = x"}) {
    EXPECT_TRUE(parse_probe(text)) << text;
  }
}

TEST(ProbeText, WhatIsNoProbeIsRefusedWithTheForm) {
  for (const char* text : {"", "=", "x", "= x", "x =", "x = ;", "1x = y", "a b = c", "x == y", "x = f(", "x = f)", "x = (]",
                           "x = \"a", "x = a; b", "x+y = 3", "x = [&] { return 1;"}) {
    const auto probe = parse_probe(text);
    ASSERT_FALSE(probe) << text;
    EXPECT_EQ(probe.error().kind(), ErrorKind::kInvalid) << text;
    EXPECT_NE(probe.error().hint().find("NAME=EXPR"), std::string::npos) << text;
  }
}

TEST(ProbeText, SettingsKeepTheirValueAsItIs) {
  const auto setting = parse_setting("path= a=b ", "--set");
  ASSERT_TRUE(setting);
  EXPECT_EQ(setting->name, "path");
  EXPECT_EQ(setting->text, " a=b ");
  EXPECT_TRUE(parse_setting("empty=", "--set"));
  EXPECT_FALSE(parse_setting("noequals", "--set"));
  EXPECT_FALSE(parse_setting("=x", "--set"));
  // A line break would be a second setting on the wire.
  EXPECT_FALSE(parse_setting("x=a\nb", "--set"));
}

TEST(ProbeText, EveryNeedsALoopAndAPositiveNumber) {
  const auto every = parse_every("epoch=5");
  ASSERT_TRUE(every);
  EXPECT_EQ(every->name, "epoch");
  EXPECT_EQ(every->count, 5u);
  for (const char* text : {"epoch", "epoch=", "epoch=0", "epoch=-1", "=3", "epoch=1.5", "epoch=99999999999999999999"}) {
    EXPECT_FALSE(parse_every(text)) << text;
  }
}

TEST(ProbeText, FileAndLineAreSplitAtTheLastColon) {
  const auto place = parse_file_line("a:b/train.cc:41");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->file, "a:b/train.cc");
  EXPECT_EQ(place->line, 41u);
  for (const char* text : {"train.cc", "train.cc:", "train.cc:0", ":4", "train.cc:x", "train.cc:4294967296"}) {
    EXPECT_FALSE(parse_file_line(text)) << text;
  }
}

TEST(ProbeText, StatementsLoseSpaceAndFinalSemicolons) {
  EXPECT_EQ(tidy_statement("  loss.backward() ; "), "loss.backward()");
  EXPECT_EQ(tidy_statement(";"), "");
}

}  // namespace
}  // namespace hindsight::tools

// Plans as texts and as diffs.
#include "replay/insertions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "folder_fixture.h"
#include "replay/json_text.h"

namespace hindsight::replay {
namespace {

using testing::HasSubstr;

struct Put {
  std::size_t offset;
  std::string text;
};
std::string plan_of(const std::string& file, const std::vector<Put>& puts) {
  nlohmann::json insertions = nlohmann::json::array();
  for (const Put& each : puts) insertions.push_back({{"offset", each.offset}, {"text", each.text}});
  return dump_json(nlohmann::json::array({{{"file", file}, {"insertions", insertions}}}));
}
std::string with(std::string text, const std::vector<Put>& puts) {
  for (auto at = puts.rbegin(); at != puts.rend(); ++at) text.insert(at->offset, at->text);
  return text;
}

TEST(Plan, IsWrittenBesideTheSourcesAsItSays) {
  const Folder folder;
  folder.write("src/a.cc", "for (;;) {\n}\n");
  const std::string plan = plan_of("src/a.cc", {{0, "A "}, {5, "x"}, {5, "y"}, {11, "B"}, {13, "// end\n"}});
  ASSERT_TRUE(apply_plan(plan, folder.path(), folder / "out"));
  EXPECT_EQ(folder.read("out/src/a.cc"), "A for (xy;;) {\nB}\n// end\n");
  EXPECT_EQ(folder.read("src/a.cc"), "for (;;) {\n}\n");
}

TEST(Plan, ThatIsNotOfTheseTextsIsRefused) {
  const Folder folder;
  folder.write("a.cc", "abc\n");
  for (const std::string& plan : {plan_of("a.cc", {{5, "x"}}), plan_of("a.cc", {{2, "x"}, {1, "y"}}), plan_of("b.cc", {{0, "x"}}), std::string("{}"), std::string("[")}) {
    const Result<void> applied = apply_plan(plan, folder.path(), folder / "out");
    ASSERT_FALSE(applied) << plan;
    EXPECT_THAT(applied.error().message(), HasSubstr("the plan of this version"));
  }
}

TEST(Plan, NeverWritesOutsideOfItsFolder) {
  const Folder folder;
  folder.write("out/x", "");
  folder.write("user.h", "mine\n");
  for (const std::string& name : {(folder.path() / "user.h").string(), std::string("../user.h"), std::string("a/../../user.h"), std::string()}) {
    const Result<void> applied = apply_plan(plan_of(name, {{0, "ours "}}), folder / "out", folder / "out");
    ASSERT_FALSE(applied) << name;
    EXPECT_THAT(applied.error().message(), HasSubstr("not in the project"));
  }
  EXPECT_EQ(folder.read("user.h"), "mine\n");
}

TEST(Diff, MakesTheEditedTextOfTheOldOneWhateverTheirShape) {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    std::string text;
    for (std::size_t n = random() % 30; n > 0; --n) text += std::string(random() % 4, static_cast<char>('a' + random() % 3)) + "\n";
    if (random() % 3 == 0) text += "no end";
    std::vector<std::size_t> offsets;
    for (std::size_t n = random() % 5; n > 0; --n) offsets.push_back(random() % (text.size() + 1));
    std::sort(offsets.begin(), offsets.end());
    std::vector<Put> puts;
    for (const std::size_t offset : offsets) puts.push_back({offset, offset == text.size() && random() % 2 == 0 ? "x\ny\n" : "X"});
    const Folder folder;
    folder.write("a.cc", text);
    const Result<std::vector<EditedFile>> edited = edited_files(plan_of("a.cc", puts), folder.path());
    ASSERT_TRUE(edited) << edited.error().message();
    ASSERT_EQ(edited->size(), 1u);
    EXPECT_EQ(edited->front().before(), text);
    EXPECT_EQ(edited->front().after(), with(text, puts));
    const std::string diff = unified_diff(edited->front());
    EXPECT_EQ(diff.empty(), puts.empty());
    if (diff.empty()) continue;
    folder.write("diff", diff);
    ASSERT_EQ(std::system(("cd '" + folder.path().string() + "' && git apply diff").c_str()), 0) << diff;
    EXPECT_EQ(folder.read("a.cc"), with(text, puts)) << diff;
  }
}

TEST(Diff, ShowsThreeLinesAroundAndJoinsWhatIsNear) {
  const Folder folder;
  std::string text;
  for (int i = 1; i <= 20; ++i) text += std::to_string(i % 10) + "\n";
  folder.write("a.cc", text);
  const Result<std::vector<EditedFile>> edited = edited_files(plan_of("a.cc", {{8, "X"}, {14, "X"}, {38, "X"}}), folder.path());
  ASSERT_TRUE(edited);
  EXPECT_EQ(unified_diff(edited->front()),
            "--- a/a.cc\n+++ b/a.cc\n"
            "@@ -2,10 +2,10 @@\n 2\n 3\n 4\n-5\n+X5\n 6\n 7\n-8\n+X8\n 9\n 0\n 1\n"
            "@@ -17,4 +17,4 @@\n 7\n 8\n 9\n-0\n+X0\n");
}

TEST(Insertions, LineDirectivesOfOursAreLeftOutOfWhatAUserSees) {
  EditedFile file{"a.cc", {{"#include <a>\n", "#include <a>\n"}, {"int x;\n", "#include <hindsight/inserted.h>\n#line 2\nint x;\n"}, {"#line 7\n", "#line 7\n"}}};
  EXPECT_EQ(without_line_directives(file).after(), "#include <a>\n#include <hindsight/inserted.h>\nint x;\n#line 7\n");
}

}  // namespace
}  // namespace hindsight::replay

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folder_fixture.h"
#include "replay/project.h"
#include "replay/text.h"

namespace hindsight::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Recipe, EveryKeyIsRead) {
  const Result<Recipe> recipe = parse_recipe(R"(
[build]
configure = "cmake -S . -B build"
command = "cmake --build build"
outputs = ["build/train", "./build/../lib.so"]
exclude = ["build", "*.log"]
[run]
command = ["./build/train", "--epochs", "3"]
cwd = "data"
[store]
max_file = 1000
[check]
volatile = ["seconds", "rss*"]
tolerance = { loss = 1e-6, acc = 0 }
[instrument]
auto = true
loops = ["train", "src/main.cc:41"]
never = ["evaluate"]
[instrument.names]
"src/main.cc:41" = "epoch"
)");
  ASSERT_TRUE(recipe) << recipe.error().message();
  EXPECT_EQ(recipe->configure, "cmake -S . -B build");
  EXPECT_EQ(recipe->command, "cmake --build build");
  EXPECT_THAT(recipe->outputs, ElementsAre("build/train", "lib.so"));
  EXPECT_THAT(recipe->exclude, ElementsAre("build", "*.log"));
  EXPECT_THAT(recipe->run_command, ElementsAre("./build/train", "--epochs", "3"));
  EXPECT_EQ(recipe->run_cwd, "data");
  EXPECT_EQ(recipe->max_file, 1000u);
  EXPECT_THAT(recipe->volatile_names, ElementsAre("seconds", "rss*"));
  EXPECT_EQ(recipe->tolerance, (std::map<std::string, double>{{"acc", 0}, {"loss", 1e-6}}));
  EXPECT_EQ(recipe->instrument, true);
  EXPECT_EQ(recipe->wishes, (Wishes{.only = {"train", "src/main.cc:41"}, .never = {"evaluate"}, .names = {{"src/main.cc:41", "epoch"}}}));
}

TEST(Recipe, WhetherLoopsArePutInIsAQuestionOfItsOwn) {
  for (const auto& [text, expected] : {std::pair<const char*, std::optional<bool>>{"[instrument]\n", std::nullopt}, {"", std::nullopt},
                                      {"[instrument]\nauto = false\n", false}, {"[instrument]\nauto = true\n", true}}) {
    const Result<Recipe> recipe = parse_recipe(text);
    ASSERT_TRUE(recipe) << text;
    EXPECT_EQ(recipe->instrument, expected) << text;
    EXPECT_TRUE(recipe->wishes.empty());
  }
}

TEST(Recipe, MistakesAreNamedWithLineAndKey) {
  struct Case {
    const char* text;
    const char* message;
    const char* hint;
  };
  const Case cases[] = {
      {"[build]\noutput = [\"a\"]\n", "hindsight.toml:2:1: unknown key 'output'", "did you mean 'outputs'?"},
      {"[bulid]\ncommand = \"make\"\n", "unknown section 'bulid'", "did you mean 'build'?"},
      {"[build]\nzzzzzzzz = 1\n", "unknown key 'zzzzzzzz'", "known are: configure, command, outputs, exclude"},
      {"[build]\ncommand = 3\n", "hindsight.toml:2:11: command in [build] must be a text", ""},
      {"[build]\noutputs = \"train\"\n", "outputs in [build] must be a list of texts", ""},
      {"[build]\noutputs = [1]\n", "outputs in [build] must be a list of texts", ""},
      {"[store]\nmax_file = -1\n", "max_file in [store] must be a number of bytes", ""},
      {"[store]\nmax_file = \"16M\"\n", "max_file in [store] must be a number of bytes", ""},
      {"[check]\ntolerance = { loss = -1 }\n", "tolerance in [check] must be numbers, 0 or more", ""},
      {"[build]\noutputs = [\"../train\"]\n", "'../train' must be a path inside the project", ""},
      {"[build]\noutputs = [\"/usr/bin/train\"]\n", "must be a path inside the project", ""},
      {"[run]\ncwd = \"..\"\n", "must be a path inside the project", ""},
      {"[instrument]\nauto = \"no\"\n", "hindsight.toml:2:8: auto in [instrument] must be true or false", ""},
      {"[instrument]\nloop = [\"a\"]\n", "unknown key 'loop'", "did you mean 'loops'?"},
      {"[instrment]\nauto = true\n", "unknown section 'instrment'", "did you mean 'instrument'?"},
      {"[instrument]\nloops = \"train\"\n", "loops in [instrument] must be a list of texts", ""},
      {"[instrument]\n\nnever = [2]\n", "hindsight.toml:3:10: never in [instrument] must be a list of texts", ""},
      {"[instrument]\nloops = [\" \"]\n", "hindsight.toml:2:9: loops in [instrument] must name loops, functions or FILE:LINE", ""},
      {"[instrument]\nloops = [\"a\"]\nnever = [\"b\", \"a\"]\n", "hindsight.toml:3:9: 'a' stands in loops and in never", ""},
      {"[instrument]\nnames = \"a\"\n", "names in [instrument] must be a section, [instrument.names]", ""},
      {"[instrument.names]\nepoch = \"a\"\n", "hindsight.toml:2:9: names in [instrument] must be places with names", ""},
      {"[instrument.names]\n\"a.cc:3\" = 4\n", "names in [instrument] must be places with names", ""},
      {"[instrument.names]\n\"a.cc:3\" = \"two words\"\n", "names in [instrument] must be places with names", ""},
      {"[instrument.names]\n\"a.cc:0\" = \"a\"\n", "names in [instrument] must be places with names", ""},
      {"build = 3\n", "'build' must be a section: [build]", ""},
      {"[build\n", "hindsight.toml:1", ""},
      {"[build]\ncommand = make\n", "hindsight.toml:2", ""},
      {"[build]\ncommand = \"a\"\ncommand = \"b\"\n", "hindsight.toml:3", ""},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.text);
    const Result<Recipe> recipe = parse_recipe(each.text);
    ASSERT_FALSE(recipe);
    EXPECT_EQ(recipe.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(recipe.error().message(), HasSubstr(each.message));
    EXPECT_THAT(recipe.error().hint(), HasSubstr(each.hint));
  }
}

TEST(Recipe, CuttingItAnywhereIsAnErrorOrARecipeAndNeverThrows) {
  const std::string whole = "[build]\nconfigure = \"a\"\noutputs = [\"x\", \"y\"]\n[check]\ntolerance = { loss = 0.5 }\n";
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    SCOPED_TRACE(n);
    const Result<Recipe> recipe = parse_recipe(whole.substr(0, n));
    if (!recipe) { EXPECT_THAT(recipe.error().message(), HasSubstr("hindsight.toml:")); }
  }
}

TEST(Project, IsTheNearestFolderUpwardsWithARecipe) {
  const Folder folder;
  folder.write("hindsight.toml", "[build]\ncommand = \"outer\"\n");
  folder.write("a/hindsight.toml", "[build]\ncommand = \"inner\"\n");
  folder.write("a/b/c/file", "");
  const Result<Project> inner = find_project(folder / "a/b/c");
  ASSERT_TRUE(inner) << inner.error().message();
  EXPECT_EQ(inner->root, folder / "a");
  EXPECT_EQ(inner->recipe.command, "inner");
  EXPECT_EQ(inner->recipe_text, "[build]\ncommand = \"inner\"\n");
}

TEST(Project, WithoutARecipeTheHintNamesInit) {
  const Folder folder;
  const Result<Project> project = find_project(folder.path());
  ASSERT_FALSE(project);
  EXPECT_EQ(project.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(project.error().hint(), HasSubstr("hindsight init"));
}

TEST(Exclude, PatternsWorkAsInAnIgnoreFile) {
  struct Case {
    const char* pattern;
    const char* path;
    bool covered;
  };
  const Case cases[] = {
      {"build", "build/a/b.o", true},       {"build", "src/build/x", true},    {"build", "builder/x", false},
      {"build/", "build/x", true},          {"/build", "src/build/x", false},  {"/build", "build/x", true},
      {"*.o", "src/a.o", true},             {"*.o", "a.obj", false},           {"src/*.o", "src/a.o", true},
      {"src/*.o", "src/deep/a.o", false},   {"src/**/x", "src/a/b/x", true},   {"src/**/x", "src/x", true},
      {"out-?", "out-1/model", true},       {"out-?", "out-12/model", false},  {"data/**", "data/a", true},
      {"data/**", "data", false},           {"./data", "data/a", true},        {"./data", "x/data/a", false},
      {"[ab].txt", "a.txt", true},          {"[ab].txt", "c.txt", false},      {"", "a", false},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(is_excluded(each.path, std::vector<std::string>{each.pattern}), each.covered) << each.pattern << " on " << each.path;
  }
}

}  // namespace
}  // namespace hindsight::replay

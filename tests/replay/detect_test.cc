#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "folder_fixture.h"
#include "replay/project.h"

namespace hindsight::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kMain[] = "int main() { return 0; }\n";

Recipe detected(const Folder& folder) {
  const Result<std::string> text = detect_recipe(folder.path());
  if (!text) {
    ADD_FAILURE() << text.error().message();
    return {};
  }
  const Result<Recipe> recipe = parse_recipe(*text);
  if (!recipe) {
    ADD_FAILURE() << recipe.error().message() << "\n" << *text;
    return {};
  }
  return *recipe;
}

void expect_builds(const Folder& folder, const Recipe& recipe) {
  const std::string enter = "cd '" + folder.path().string() + "' && ";
  if (!recipe.configure.empty()) { ASSERT_EQ(std::system((enter + "{ " + recipe.configure + "; } > log 2>&1").c_str()), 0) << folder.read("log"); }
  ASSERT_EQ(std::system((enter + "{ " + recipe.command + "; } > log 2>&1").c_str()), 0) << folder.read("log");
  ASSERT_FALSE(recipe.outputs.empty());
  for (const std::string& output : recipe.outputs) EXPECT_TRUE(folder.has(output)) << output;
}

TEST(Detect, ACMakeProjectIsFoundWithItsProgramsAndBuilds) {
  const Folder folder;
  folder.write("CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.16)\nproject(demo LANGUAGES CXX)\n# add_executable(old old.cc)\n"
               "add_executable(${PROJECT_NAME}\n  main.cc)\nadd_subdirectory(tools)\n");
  folder.write("main.cc", kMain);
  folder.write("tools/CMakeLists.txt", "add_executable(helper ../main.cc)\n");
  const Recipe recipe = detected(folder);
  EXPECT_THAT(recipe.outputs, ElementsAre("build/demo", "build/tools/helper"));
  expect_builds(folder, recipe);
}

TEST(Detect, AMakefileIsFoundWithItsProgramsAndBuilds) {
  const char* makefiles[] = {
      "CXX = g++\ntrain: main.o\n\t$(CXX) -o $@ $^\n%.o: %.cc\n\t$(CXX) -c -o $@ $<\nclean:\n\trm -f train *.o\n",
      "TARGET := train\nall: $(TARGET)\n$(TARGET): main.cc\n\tg++ main.cc -o $(TARGET)\n",
      "all:\n\tg++ main.cc \\\n\t  -o train\n",
      "PROG = train\nall: $(PROG)\n$(PROG): main.cc\n\tg++ $< -o $(PROG)\nrun: all\n\t./$(PROG) > out.txt\n",
  };
  for (const char* makefile : makefiles) {
    SCOPED_TRACE(makefile);
    const Folder folder;
    folder.write("Makefile", makefile);
    folder.write("main.cc", kMain);
    const Recipe recipe = detected(folder);
    EXPECT_THAT(recipe.outputs, ElementsAre("train"));
    expect_builds(folder, recipe);
  }
}

TEST(Detect, ASingleFileProgramIsFound) {
  const Folder folder;
  folder.write("train.cc", kMain);
  folder.write("util.cc", "int helper() { return 1; }\n");
  const Recipe recipe = detected(folder);
  EXPECT_THAT(recipe.outputs, ElementsAre("train"));
  EXPECT_THAT(recipe.command, HasSubstr("g++ -O2"));
  EXPECT_THAT(recipe.command, HasSubstr("pkg-config --cflags --libs hindsight"));
  EXPECT_THAT(recipe.run_command, ElementsAre("./train"));
}

TEST(Detect, WithNothingToBuildTheHintListsWhatWasLookedFor) {
  const Folder folder;
  folder.write("notes.txt", "int main()");
  const Result<std::string> text = detect_recipe(folder.path());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind(), ErrorKind::kNotFound);
  EXPECT_THAT(text.error().hint(), HasSubstr("CMakeLists.txt"));
}

}  // namespace
}  // namespace hindsight::replay

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

TEST(Detect, OfAMakefileOnlyWhatMakeAloneBuildsIsAnOutputAndAProgramIsRun) {
  const Folder folder;
  folder.write("Makefile",
               "all: train helper libtrain.so.4\n\nlib: main.cc\n\tg++ -shared -fPIC main.cc -o libother.so.4\nlibtrain.so.4: main.cc\n\tg++ -shared -fPIC main.cc -o libtrain.so.4\n"
               "train: main.cc\n\tg++ main.cc -o train\nhelper: main.cc\n\tg++ main.cc -o helper\nplot: main.cc\n\tg++ main.cc -lplot -o plot\n");
  folder.write("main.cc", kMain);
  const Recipe recipe = detected(folder);
  EXPECT_THAT(recipe.outputs, ElementsAre("train", "helper", "libtrain.so.4"));
  EXPECT_THAT(recipe.run_command, ElementsAre("./train"));
  expect_builds(folder, recipe);
  folder.write("Makefile", ".DEFAULT_GOAL := my.solver\nother: main.cc\n\tg++ main.cc -o other\nmy.solver: main.cc other\n\tg++ main.cc -o my.solver\n");
  EXPECT_THAT(detected(folder).outputs, ElementsAre("other", "my.solver"));
  expect_builds(folder, detected(folder));
}

TEST(Detect, ASingleFileProgramIsFound) {
  const Folder folder;
  folder.write("train.cc", kMain);
  folder.write("util.cc", "int helper() { return 1; }\n");
  const Recipe recipe = detected(folder);
  EXPECT_THAT(recipe.outputs, ElementsAre("train"));
  EXPECT_THAT(recipe.command, HasSubstr("g++ -O2"));
  EXPECT_THAT(recipe.run_command, ElementsAre("./train"));
}

TEST(Detect, OnlyAProgramThatIncludesHindsightIsBuiltWithIt) {
  for (const char* name : {"train.cc", "train.c"}) {
    const Folder folder;
    folder.write(name, kMain);
    EXPECT_EQ(detected(folder).command.find("pkg-config"), std::string::npos) << name;
    expect_builds(folder, detected(folder));
    folder.write(name, std::string("#include <hindsight/log.h>\n") + kMain);
    EXPECT_THAT(detected(folder).command, HasSubstr("pkg-config --cflags --libs hindsight)")) << name;
  }
  const Folder folder;
  folder.write("train.cc", std::string("#include <Eigen/Dense>\n") + kMain);
  EXPECT_THAT(detected(folder).command, HasSubstr("pkg-config --cflags --libs eigen3)"));
}

// `recipe` builds what is in `folder` against the package of this build tree.
void expect_builds_with_package(const Folder& folder, const Recipe& recipe) {
  folder.write("pc/hindsight.pc", std::string("Name: hindsight\nDescription: -\nVersion: 0\nCflags: -I") + HINDSIGHT_TEST_INCLUDE +
                                      "\nLibs: " + HINDSIGHT_TEST_LIBRARY + "\n");
  Recipe here = recipe;
  here.command = "export PKG_CONFIG_PATH=" + (folder.path() / "pc").string() + " && " + recipe.command;
  expect_builds(folder, here);
}

TEST(Detect, ASingleFileProgramIsBuiltWithTheLibrariesThatItIncludes) {
  const Folder folder;
  folder.write("train.cc", "#include \"model/net.h\"\n#include <numbers>\n#include <thread>\n"
                           "int main() { std::thread([] {}).join(); return Net().sum() == std::numbers::pi; }\n");
  folder.write("model/net.h", "#pragma once\n#include \"sum.h\"\n#include <omp.h>\n"
                              "struct Net { double sum() { Eigen::Vector2d two = {1, omp_get_max_threads()}; return sum_of(two); } };\n");
  folder.write("model/sum.h", "#pragma once\n#include <Eigen/Dense>\n#include \"net.h\"\n"
                              "inline double sum_of(const Eigen::Vector2d& all) { return all.sum(); }\n");
  const Recipe recipe = detected(folder);
  expect_builds_with_package(folder, recipe);
}

TEST(Detect, ASourceBesideAHeaderThatIsIncludedIsCompiledToo) {
  const Folder folder;
  folder.write("train.cc", "#include \"net/net.h\"\nint main() { return value() - 3; }\n");
  folder.write("net/net.h", "int value();\n");
  folder.write("net/net.cc", "#include \"net.h\"\n#include \"part.hpp\"\nint value() { return part(); }\n");
  folder.write("net/part.hpp", "int part();\n");
  folder.write("net/part.cpp", "#include \"part.hpp\"\nint part() { return 3; }\n");
  folder.write("net/unused.cc", "int unused( {\n");
  expect_builds_with_package(folder, detected(folder));
  EXPECT_EQ(std::system((folder.path() / "train").c_str()), 0);
}

TEST(Detect, AProgramThatIncludesLibtorchIsCompiledAndLinkedWithIt) {
  const Folder folder;
  folder.write("train.cc", "#include <torch/torch.h>\n#include <hindsight/torch.h>\nint main() { return torch::ones({2}).sum().item<float>() == 2 ? 0 : 1; }\n");
  const Recipe recipe = detected(folder);
  expect_builds_with_package(folder, recipe);
  EXPECT_EQ(std::system((folder.path() / "train").c_str()), 0);
}

TEST(Detect, ACProgramWithThreadsIsCompiledAsCAndLinked) {
  const Folder folder;
  folder.write("train.c", "#include <pthread.h>\nstatic void *run(void *data) { return data; }\n"
                          "int main(void) { pthread_t one; int *class = 0; return pthread_create(&one, 0, run, class); }\n");
  expect_builds_with_package(folder, detected(folder));
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

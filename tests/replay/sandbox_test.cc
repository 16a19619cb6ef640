#include "replay/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "folder_fixture.h"
#include "replay/files.h"
#include "replay/runner.h"

namespace hindsight::replay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A project folder, a view of it, and a shell in that view.
class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    Result<Places> found = find_places();
    ASSERT_TRUE(found) << found.error().message();
    places = *found;
    for (const char* name : {"project", "lower/one", "lower/two", "upper", "work"}) fs::create_directories(folder / name);
    const Result<void> available = check_sandbox(places, folder.path());
    if (!available) GTEST_SKIP() << "SKIP: " << available.error().message();
    view.overlays = {{.at = folder / "project", .lower = {folder / "lower/one", folder / "lower/two"}, .upper = folder / "upper", .work = folder / "work"}};
  }
  int shell(const std::string& script, const std::string& name = "sh") {
    const Command command{.program = "/bin/sh", .argv = {name, "-c", script}, .cwd = folder / "project"};
    fs::remove(folder / "log");
    const Result<CallExit> exit = run_call({.argv = enter_call(places, view, command), .cwd = "/", .environment = current_environment(), .output = folder / "log", .answer = {}});
    EXPECT_TRUE(exit) << exit.error().message();
    return exit ? exit->exit_code : -1;
  }
  std::string said() { return folder.read("log"); }

  Folder folder;
  Places places;
  View view;
};

TEST_F(Sandbox, LayersLieOverOneAnotherTheFirstOnTop) {
  folder.write("lower/one/both", "from one");
  folder.write("lower/two/both", "from two");
  folder.write("lower/two/only", "from two");
  folder.write("project/live", "live");
  EXPECT_EQ(shell("cat both only; test ! -e live && pwd"), 0) << said();
  EXPECT_EQ(said(), "from onefrom two" + (folder / "project").string() + "\n");
}

TEST_F(Sandbox, WritesDeletesAndAppendsTouchNothingOutside) {
  folder.write("lower/one/kept", "kept");
  folder.write("lower/one/gone", "gone");
  folder.write("project/model.pt", "today's");
  EXPECT_EQ(shell("echo more >> kept && rm gone && echo old > model.pt && cat kept model.pt"), 0) << said();
  EXPECT_EQ(folder.read("lower/one/kept"), "kept");
  EXPECT_EQ(folder.read("lower/one/gone"), "gone");
  EXPECT_EQ(folder.read("project/model.pt"), "today's");
  EXPECT_EQ(folder.read("upper/model.pt"), "old\n");
}

TEST_F(Sandbox, EverythingElseIsReadOnly) {
  for (const char* path : {"/etc", "/usr/bin", "/var/tmp", "/root"}) {
    if (!fs::exists(path)) continue;  // a container may lack it
    EXPECT_NE(shell(std::string("echo x > ") + path + "/hindsight-must-not-be-here"), 0) << path;
    std::error_code error;
    EXPECT_FALSE(fs::exists(fs::path(path) / "hindsight-must-not-be-here", error));
  }
}

TEST_F(Sandbox, ThereIsNoNetworkNotEvenToThisMachine) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(listen(listener, 1), 0);
  EXPECT_EQ(shell("grep -c : /proc/net/dev; test ! -e /sys/class/net/eth0 || true; wc -l < /proc/net/route"), 0);
  EXPECT_EQ(said(), "1\n1\n") << "only the loopback device, no route but the heading";
  close(listener);
}

TEST_F(Sandbox, SocketsInTmpCannotBeReached) {
  const Folder other;
  other.write("file", "");
  EXPECT_NE(shell("test -e " + (other / "file").string()), 0);
}

TEST_F(Sandbox, TheFirstArgumentAndTheExitStatusPassThrough) {
  for (const int status : {0, 1, 3, 42, 125}) EXPECT_EQ(shell("echo \"$0\"; exit " + std::to_string(status), "./my train"), status);
  EXPECT_EQ(said(), "./my train\n");
  EXPECT_EQ(shell("kill -9 $$"), 137);
}

TEST_F(Sandbox, PathsWithOddCharactersWork) {
  for (const char* name : {"a,b", "a:b", "a b", "a\\b", "a=b", "\xc3\xa4"}) {
    SCOPED_TRACE(name);
    const std::string base = std::string("odd ") + name;
    for (const char* part : {"/project", "/lower", "/upper", "/work"}) fs::create_directories(folder / (base + part));
    folder.write(base + "/lower/file", "here");
    view.overlays = {{.at = folder / (base + "/project"), .lower = {folder / (base + "/lower")}, .upper = folder / (base + "/upper"), .work = folder / (base + "/work")}};
    const Command command{.program = "/bin/cat", .argv = {"cat", "file"}, .cwd = view.overlays[0].at};
    fs::remove(folder / "log");
    const Result<CallExit> exit = run_call({.argv = enter_call(places, view, command), .cwd = "/", .environment = current_environment(), .output = folder / "log", .answer = {}});
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->exit_code, 0);
    EXPECT_EQ(said(), "here");
  }
}

TEST_F(Sandbox, AnOverlayInsideAnotherShowsAFolderThatTheLayersDoNotHave) {
  folder.write("project/out/old", "old");
  fs::create_directories(folder / "upper2");
  fs::create_directories(folder / "work2");
  view.overlays.push_back({.at = folder / "project/out", .lower = {folder / "project/out"}, .upper = folder / "upper2", .work = folder / "work2"});
  EXPECT_EQ(shell("cat out/old && echo new > out/new"), 0) << said();
  EXPECT_FALSE(folder.has("project/out/new"));
  EXPECT_TRUE(folder.has("upper2/new"));
}

TEST_F(Sandbox, DescriptorsThatAreInheritedSurvive) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(shell("echo through >&" + std::to_string(ends[1])), 0) << said();
  close(ends[1]);
  char text[16] = {};
  EXPECT_EQ(read(ends[0], text, sizeof text), 8);
  EXPECT_STREQ(text, "through\n");
  close(ends[0]);
}

TEST_F(Sandbox, TheTimeOfTheProgramAndItsChildrenIsCounted) {
  const std::string burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
  const Command command{.program = "/bin/sh", .argv = {"sh", "-c", "(" + burn + ") & wait; " + burn + "; times"}, .cwd = folder / "project"};
  const Result<CallExit> exit = run_call({.argv = enter_call(places, view, command), .cwd = "/", .environment = current_environment(), .output = folder / "log", .answer = {}});
  ASSERT_TRUE(exit);
  // `times` prints the shell's own time and that of its children as 0m0.12s.
  double said_seconds = 0;
  std::istringstream words(said());
  for (std::string word; words >> word;) said_seconds += std::stod(word.substr(word.find('m') + 1));
  EXPECT_GT(said_seconds, 0.0);
  EXPECT_GE(exit->cpu_seconds, said_seconds * 0.9);
}

TEST_F(Sandbox, AProgramThatIsNotThereIsAnErrorWithASentence) {
  const Command command{.program = folder / "project/no-such", .argv = {"no-such"}, .cwd = folder / "project"};
  const Result<CallExit> exit = run_call({.argv = enter_call(places, view, command), .cwd = "/", .environment = current_environment(), .output = folder / "log", .answer = {}});
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->exit_code, 127);
  EXPECT_THAT(said(), HasSubstr("no-such: No such file or directory"));
}

TEST(Scratch, WhatIsInUseStaysAndWhatAKillLeftIsRemoved) {
  const Folder folder;
  const Result<ScratchFolder> used = make_scratch(folder.path(), "used");
  ASSERT_TRUE(used);
  folder.write("left-abcdef/upper/file", "");
  fs::create_directories(folder / "left-abcdef/work/work");
  fs::permissions(folder / "left-abcdef/work/work", fs::perms::none);
  remove_left_scratch(folder.path());
  EXPECT_TRUE(fs::exists(used->path()));
  EXPECT_FALSE(folder.has("left-abcdef"));
}

TEST(Runner, TheFirstErrorOfABuildIsFound) {
  EXPECT_EQ(first_build_error("make: Entering\na.cc: In function\na.cc:3:1: error: 'x' was not declared\nmake: *** [a.o] Error 1\n"), "a.cc:3:1: error: 'x' was not declared");
  EXPECT_EQ(first_build_error("ld: a.o: undefined reference to `f()'\ncollect2: error: ld returned 1 exit status\n"), "ld: a.o: undefined reference to `f()'");
  EXPECT_EQ(first_build_error("-- x\nCMake Error at CMakeLists.txt:3 (find_package):\n  By not providing\n  more\n  and more\n"), "CMake Error at CMakeLists.txt:3 (find_package): By not providing more");
  EXPECT_EQ(first_build_error("sh: 1: cmak: not found\n"), "sh: 1: cmak: not found");
  EXPECT_EQ(first_build_error("something else\n"), "something else");
  EXPECT_EQ(first_build_error(""), "");
}

}  // namespace
}  // namespace hindsight::replay

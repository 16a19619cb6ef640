// A project of its own in a scratch folder, with a store: for tests that record and replay for real.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "folder_fixture.h"
#include "replay/project.h"
#include "replay/record.h"
#include "replay/replay.h"
#include "store/store.h"

namespace hindsight::replay {

// Keeps what the user would be told.
class Heard final : public Progress {
 public:
  void stage(std::string_view what, double) override { stages.emplace_back(what); }
  void advance(double) override {}
  void note(std::string_view sentence) override { notes.emplace_back(sentence); }
  void warn(std::string_view sentence) override { warnings.emplace_back(sentence); }
  bool saw_stage(const std::string& start) const {
    return std::any_of(stages.begin(), stages.end(), [&](const std::string& stage) { return stage.starts_with(start); });
  }
  std::vector<std::string> stages;
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
};

class World : public testing::Test {
 protected:
  // A recipe that compiles `train.cc` with the client, in one call.
  static std::string one_file_recipe(const std::string& more = {}) {
    return "[build]\ncommand = \"g++ -O2 -std=c++17 -I" HINDSIGHT_TEST_INCLUDE " train.cc " HINDSIGHT_TEST_LIBRARY
           " -pthread -o train\"\noutputs = [\"train\"]\n" + more;
  }
  void set_up(const std::string& recipe) {
    folder.write("hindsight.toml", recipe);
    if (!store) {
      Result<store::Store> made = store::Store::create(folder / ".hindsight");
      ASSERT_TRUE(made) << made.error().message();
      store.emplace(std::move(*made));
    }
  }
  Project project() const {
    Result<Project> found = find_project(folder.path());
    EXPECT_TRUE(found) << found.error().message();
    return found ? *found : Project{};
  }
  Result<RecordOutcome> try_record(RecordRequest request) {
    if (request.cwd.empty()) request.cwd = folder.path();
    heard = {};
    return record(*store, project(), request, heard);
  }
  RecordOutcome record_it(const std::vector<std::string>& command = {"./train"}) {
    Result<RecordOutcome> outcome = try_record({.command = command, .cwd = {}, .every = {}, .arguments = {}});
    EXPECT_TRUE(outcome) << outcome.error().message() << " " << outcome.error().hint();
    return outcome ? *outcome : RecordOutcome{};
  }
  std::vector<store::Run> runs() const {
    Result<std::vector<store::Run>> all = store->runs();
    EXPECT_TRUE(all);
    return all ? *all : std::vector<store::Run>{};
  }
  std::vector<store::Version> versions() const {
    Result<std::vector<store::Version>> all = store->versions();
    EXPECT_TRUE(all);
    return all ? *all : std::vector<store::Version>{};
  }

  Folder folder;
  std::optional<store::Store> store;
  Heard heard;
};

}  // namespace hindsight::replay

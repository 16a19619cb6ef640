// A store whose file is cut off while a command reads it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/tools/project.h"
#include "tools/exit_code.h"

namespace hindsight::faults {
namespace {

using tools::Outcome;
using tools::ScratchProject;

TEST(CutStoreFault, EndsEveryReadingCommandWithASentence) {
  const ScratchProject project;
  project.with_history();
  const std::string whole = project.read(".hindsight/data.mdb");
  const std::filesystem::path fired = project.root() / "fired";
  for (const char* const command : {"runs", "show r1 --values", "table loss grad_norm", "probes", "fsck"}) {
    int cuts = 0;
    for (;; ++cuts) {
      SCOPED_TRACE(std::string(command) + ", cut in transaction " + std::to_string(cuts + 1));
      project.write(".hindsight/data.mdb", whole);
      const Outcome outcome = project.shell("ASAN_OPTIONS=verify_asan_link_order=0 HINDSIGHT_FAULT='hindsight cut 0 " + std::to_string(cuts + 1) + " 1' HINDSIGHT_FAULT_FIRED=" + fired.string() +
                                            " LD_PRELOAD=" FAULT_LIBRARY " exec \"$HINDSIGHT\" " + command);
      if (!std::filesystem::remove(fired)) break;
      EXPECT_EQ(outcome.code, static_cast<int>(tools::ExitCode::kBadAnswer)) << outcome.out << outcome.err;
      EXPECT_NE((outcome.out + outcome.err).find("data.mdb"), std::string::npos) << outcome.out << outcome.err;
    }
    EXPECT_GT(cuts, 1) << command;
  }
}

TEST(CutStoreFault, IsFoundBeforeAnythingOfItIsRead) {
  const ScratchProject project;
  project.with_history();
  Result<store::Store> store = store::Store::open(project.store_folder(), store::Store::Access::kWrite);
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->runs());
  const std::filesystem::path file = project.store_folder() / "data.mdb";
  const std::uintmax_t bytes = std::filesystem::file_size(file);
  for (const std::uintmax_t left : {bytes - 1, bytes / 2, std::uintmax_t{4096}, std::uintmax_t{0}}) {
    SCOPED_TRACE(left);
    std::filesystem::resize_file(file, left);
    const auto runs = store->runs();
    ASSERT_FALSE(runs);
    EXPECT_EQ(runs.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(runs.error().message().find("it was cut from " + std::to_string(bytes)), std::string::npos) << runs.error().message();
    auto batch = store->write();
    EXPECT_FALSE(batch && batch->put_run({}) && batch->commit());
    EXPECT_EQ(std::filesystem::file_size(file), left) << "it was written to";
  }
}

}  // namespace
}  // namespace hindsight::faults

// Every call that a recording makes fails once, and from then on: the training does not notice, what cannot be kept is said, and
// what was kept before, or is kept now, is whole.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "tests/tools/project.h"
#include "tools/exit_code.h"

namespace hindsight::faults {
namespace {

namespace fs = std::filesystem;
using tools::Outcome;
using tools::ScratchProject;

constexpr int kTrainingsOwnStatus = 7;
constexpr int kAllThatFollow = 1'000'000;

// One kind of call of one program.
struct Calls {
  const char* program;
  const char* call;
  int error;
  const char* name;  // of the test
};
void PrintTo(const Calls& calls, std::ostream* out) { *out << calls.name; }

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return *std::move(result);
}

// What one run logged and what its states were: a name of each -> its bits.
std::map<std::string, std::string> bits_of(const store::Store& store, store::RunId run) {
  std::map<std::string, std::string> bits;
  for (const store::Series& series : need(store.read_series(run, nullptr))) {
    for (std::size_t row = 0; row < series.columns.size(); ++row) {
      const std::string position = to_string(series.columns.position(row, series.key.nest));
      bits[series.key.name + " " + position + " #" + std::to_string(series.columns.seq[row])] = series.columns.value(row, series.key).bytes;
    }
  }
  for (const store::Checkpoint& checkpoint : need(store.checkpoints(run))) {
    std::string& state = bits["state at the " + to_string(checkpoint.point)];
    for (const store::Leaf& leaf : checkpoint.leaves) state += leaf.path + "=" + to_hex(leaf.hash) + ";";
    // Reading compares every leaf's bytes with its hash.
    const Result<void> read = checkpoint.kept ? store.read_state(run, checkpoint, [](const auto&, auto) { return Result<void>(); }) : Result<void>();
    if (!read) throw std::runtime_error(read.error().message());
  }
  return bits;
}

class FailingCallFault : public testing::TestWithParam<Calls> {
 protected:
  // Hundreds of recordings wait for the disk several times each.
  static void SetUpTestSuite() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }

  void SetUp() override {
    project_.with_recipe();
    const Outcome first = record();
    ASSERT_EQ(first.code, kTrainingsOwnStatus) << first.err;
    output_ = first.out;
    ASSERT_NE(output_, "");
    {
      const store::Store store = open();
      truth_ = bits_of(store, {1});
    }
    ASSERT_GT(truth_.size(), 3u + 4 * 3 * 4 + 4);
    fs::copy(project_.store_folder(), good_store());
  }

  fs::path good_store() const { return project_.root() / "good"; }
  fs::path fired() const { return project_.root() / "fired"; }
  store::Store open() const { return need(store::Store::open(project_.store_folder(), store::Store::Access::kRead)); }

  Outcome record(const std::string& environment = "") const {
    return project_.shell("ASAN_OPTIONS=verify_asan_link_order=0 " + environment + " exec \"$HINDSIGHT\" record --as-built --every epoch=1 --every step=3 -- " FAULT_TRAINING);
  }

  // The same recording again, with the calls from `first` on failing. False: none failed, there were not so many.
  bool record_with_failure(int first, int count) {
    fs::remove_all(project_.store_folder());
    fs::copy(good_store(), project_.store_folder());
    const Calls& calls = GetParam();
    const Outcome outcome =
        record(std::string("HINDSIGHT_FAULT='") + calls.program + " " + calls.call + " " + std::to_string(calls.error) + " " + std::to_string(first) +
               " " + std::to_string(count) + "' HINDSIGHT_FAULT_FIRED=" + fired().string() + " LD_PRELOAD=" FAULT_LIBRARY);
    if (!fs::remove(fired())) return false;
    expect_the_training_untouched(outcome);
    expect_the_store_whole(outcome);
    return true;
  }

  void expect_the_training_untouched(const Outcome& outcome) const {
    if (outcome.out.empty()) {  // refused before it started
      EXPECT_EQ(outcome.code, static_cast<int>(tools::ExitCode::kFailed)) << outcome.err;
      EXPECT_NE(outcome.err.find("hindsight: "), std::string::npos) << outcome.err;
      return;
    }
    EXPECT_EQ(outcome.code, kTrainingsOwnStatus) << outcome.err;
    EXPECT_EQ(outcome.out, output_);
  }

  void expect_the_store_whole(const Outcome& outcome) {
    const Outcome runs = project_.run({"runs"});  // takes in journals left behind
    EXPECT_EQ(runs.code, 0) << runs.err;
    EXPECT_EQ(runs.err.find("cannot be taken in"), std::string::npos) << runs.err;
    const Outcome fsck = project_.run({"fsck"});
    EXPECT_EQ(fsck.code, 0) << fsck.out << fsck.err;
    const store::Store store = open();
    EXPECT_TRUE(bits_of(store, {1}) == truth_) << "what was recorded before has changed";
    const std::vector<store::Run> all = need(store.runs());
    ASSERT_LE(all.size(), 2u);
    const std::map<std::string, std::string> now = all.size() == 2 ? bits_of(store, {2}) : std::map<std::string, std::string>();
    for (const auto& [name, value] : now) {
      const auto known = truth_.find(name);
      ASSERT_NE(known, truth_.end()) << name << " was never logged";
      EXPECT_TRUE(known->second == value) << name << " is not what was logged";
    }
    if (now.size() == truth_.size()) return;
    ++incomplete_;
    if (all.size() == 2) {
      EXPECT_FALSE(all[1].notes.empty()) << "of r2 " << now.size() << " of " << truth_.size() << " are there, and it does not say so";
    } else {
      EXPECT_NE(outcome.err, "") << "there is no r2, and nothing said so";
    }
  }

  ScratchProject project_;
  std::string output_;
  std::map<std::string, std::string> truth_;
  int incomplete_ = 0;
};

TEST_P(FailingCallFault, LeavesTheTrainingAloneAndTheStoreWhole) {
  int failures = 0;
  for (const int count : {1, kAllThatFollow}) {
    for (int first = 1; !HasFatalFailure(); ++first) {
      SCOPED_TRACE(std::string(count == 1 ? "only call " : "all calls from ") + std::to_string(first));
      if (!record_with_failure(first, count)) break;
      ++failures;
    }
  }
  EXPECT_GT(failures, 0);
  std::cout << failures << " recordings with failures, " << incomplete_ << " of them incomplete\n";
}

INSTANTIATE_TEST_SUITE_P(, FailingCallFault,
                         testing::Values(Calls{"hindsight", "open", EMFILE, "HostOpen"}, Calls{"hindsight", "open", EIO, "HostOpenWithIoError"},
                                         Calls{"hindsight", "mmap", ENOMEM, "HostMmap"}, Calls{"hindsight", "fallocate", ENOSPC, "HostAllocate"},
                                         Calls{"hindsight", "memfd_create", EMFILE, "HostMemfd"}, Calls{"hindsight", "write", ENOSPC, "HostWrite"},
                                         Calls{"hindsight", "write", EIO, "HostWriteWithIoError"}, Calls{"hindsight", "sync", EIO, "HostSync"},
                                         Calls{"hindsight", "rename", ENOSPC, "HostRename"}, Calls{"fault_training", "mmap", ENOMEM, "ClientMmap"},
                                         Calls{"fault_training", "fallocate", ENOSPC, "ClientAllocate"}),
                         [](const auto& calls) { return std::string(calls.param.name); });

}  // namespace
}  // namespace hindsight::faults

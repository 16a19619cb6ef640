#include "tests/tools/project.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace hindsight::tools {
namespace fs = std::filesystem;
namespace {

template <class T>
T must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message();
    std::abort();
  }
  return *std::move(result);
}
void must(Result<void> result) { ASSERT_TRUE(result) << result.error().message(); }

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) text.replace(at, what.size(), with);
  return text;
}

template <class T>
store::Value scalar(store::DType dtype, T element) {
  store::Value value{dtype, false, std::string(sizeof element, '\0')};
  std::memcpy(value.bytes.data(), &element, sizeof element);
  return value;
}

constexpr std::int64_t kStart = 1'763'712'149'000'000'000;  // 2025-11-21 08:02:29 UTC

store::Position epoch(std::uint64_t ordinal) {
  return {{"epoch", 0, ordinal, static_cast<std::int64_t>(ordinal)}};
}

store::Series epochs_of(const std::string& name, const std::vector<float>& values, store::Site site) {
  store::Series series;
  series.key.name = name;
  series.key.nest = {"epoch"};
  series.key.dtype = store::DType::kF32;
  series.key.site = std::move(site);
  for (std::size_t i = 0; i < values.size(); ++i) series.columns.append(epoch(i), 0, i, store::Status::kRecorded, 0, number(values[i]));
  return series;
}

}  // namespace

store::Value number(double value) { return scalar(store::DType::kF64, value); }
store::Value number(float value) { return scalar(store::DType::kF32, value); }

std::vector<std::string> Outcome::lines() const {
  std::vector<std::string> lines;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

ScratchProject::ScratchProject() {
  std::string pattern = (fs::temp_directory_path() / "hindsight-tools-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  root_ = fs::canonical(pattern);
}

ScratchProject::~ScratchProject() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void ScratchProject::write(const std::string& path, std::string_view text) const {
  fs::create_directories((root_ / path).parent_path());
  std::ofstream(root_ / path, std::ios::binary) << text;
}

std::string ScratchProject::read(const std::string& path) const { return slurp(root_ / path); }

void ScratchProject::with_recipe() const {
  write("hindsight.toml", "[build]\ncommand = \"true\"\noutputs = [\"train\"]\n");
  write("src/train.cc", "int main() {\n  int steps = 3;\n\n  return steps - 3;\n}\n");
}

store::Store ScratchProject::with_store() const {
  with_recipe();
  return must(store::Store::create(store_folder()));
}

void ScratchProject::with_history() const {
  store::Store store = with_store();
  store::WriteBatch batch = must(store.write());
  std::vector<store::Version> versions;
  for (std::uint64_t n = 1; n <= 2; ++n) {
    store::Version version;
    version.recipe = "# version " + std::to_string(n) + "\n";
    version.project_root = root_.string();
    version.created_ns = kStart;
    versions.push_back(must(batch.put_version(version)));
  }
  std::vector<store::RunId> runs;
  for (std::uint64_t n = 1; n <= 2; ++n) {
    store::Run run;
    run.uid = {n << 56, n};
    run.version = versions[n - 1].id;
    run.group = n;
    run.argv = {"./train", "--name", n == 1 ? "first" : "a second"};
    run.program = (root_ / "train").string();
    run.cwd = root_.string();
    run.started_ns = kStart + static_cast<std::int64_t>(n) * 60'000'000'000;
    run.ended_ns = run.started_ns + 12'300'000'000;
    run.state = store::RunState::kFinished;
    run.exit_code = n == 1 ? 0 : 3;
    run.records = n == 1 ? 3 : 4;
    run.checkpoints = 3;
    run.skipped = n == 1 ? 0 : 2;
    if (n == 2) run.notes = {"2 states were skipped: the pool was full"};
    runs.push_back(must(batch.put_run(run)));
    store::LoopInstance loop;
    loop.loop = "epoch";
    loop.site = {"src/train.cc", 2};
    const std::uint64_t iterations = n == 1 ? 3 : 2;
    for (std::uint64_t i = 0; i < iterations; ++i) {
      loop.labels.push_back(static_cast<std::int64_t>(i));
      loop.started_ns.push_back(run.started_ns + static_cast<std::int64_t>(i) * 1'000'000'000);
    }
    loop.ended_ns = run.ended_ns;
    loop.end = store::LoopInstance::End::kFinished;
    must(batch.put_loops(runs.back(), std::vector<store::LoopInstance>{loop}));
  }
  must(batch.append_series(runs[0], epochs_of("loss", {0.5f, 0.1f, 0.05f}, {"src/train.cc", 3})));
  must(batch.append_series(runs[1], epochs_of("loss", {0.5f, 0.25f}, {"src/train.cc", 3})));
  must(batch.append_series(runs[1], epochs_of("acc", {0.75f, 0.875f}, {"src/train.cc", 4})));

  store::Probe probe;
  probe.id.hash = {0x1234567800000000, 1};
  probe.name = "grad_norm";
  probe.expression = "norm(w)";
  probe.statement = "step(w)";
  probe.created_ns = kStart;
  must(batch.put_probe(probe));
  store::Replay replay;
  replay.run = runs[0];
  replay.probes = {probe.id};
  replay.started_ns = kStart;
  replay.ended_ns = kStart + 1'000'000'000;
  replay.cpu_seconds = 0.5;
  replay.segments.resize(1);
  replay.segments[0].number = 1;
  replay.segments[0].compared_values = 3;
  replay.segments[0].compared_bytes = 4096;
  replay.segments[0].compared_leaves = 2;
  replay.segments[0].values = 3;
  replay.segments[0].last_compared = "head of epoch=2";
  replay.segments[0].first_difference = "loss at epoch=2: recorded 0.05, replayed 0.06";
  const store::ReplayId replay_id = must(batch.put_replay(replay));
  store::Series answers;
  answers.key.name = "grad_norm";
  answers.key.nest = {"epoch"};
  answers.key.dtype = store::DType::kF64;
  answers.key.site = {"src/train.cc", 3};
  answers.key.replay = replay_id;
  answers.key.probe = probe.id;
  for (std::uint64_t i = 0; i < 3; ++i) {
    answers.columns.append(epoch(i), 0, i, i == 2 ? store::Status::kDiverged : store::Status::kExact, 1, number(1.5 + static_cast<double>(i)));
  }
  must(batch.append_series(runs[0], answers));
  must(batch.commit());
}

Outcome ScratchProject::run(const std::vector<std::string>& arguments, const std::string& folder) const {
  std::string command = folder.empty() ? "" : "cd '" + folder + "' && ";
  command += "exec \"$HINDSIGHT\"";
  for (const std::string& argument : arguments) command += " '" + replaced(argument, "'", "'\\''") + "'";
  return shell(command);
}

Outcome ScratchProject::shell(const std::string& command) const {
  std::string pattern = (fs::temp_directory_path() / "hindsight-output-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  const fs::path streams(pattern);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(root_.c_str()) != 0 || std::freopen("/dev/null", "r", stdin) == nullptr ||
        std::freopen((streams / "out").c_str(), "w", stdout) == nullptr ||
        std::freopen((streams / "err").c_str(), "w", stderr) == nullptr) {
      ::_exit(126);
    }
    ::setenv("HINDSIGHT", HINDSIGHT_BINARY, 1);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  Outcome outcome;
  outcome.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  outcome.out = replaced(slurp(streams / "out"), root_.string(), "$ROOT");
  outcome.err = replaced(slurp(streams / "err"), root_.string(), "$ROOT");
  std::error_code ignored;
  fs::remove_all(streams, ignored);
  return outcome;
}

}  // namespace hindsight::tools

// What storing a sequence of states costs, and what it takes on disk.
//
//   store_bench FOLDER SCRATCH
//
// FOLDER holds *.arrays of tests/bench/sequences.cc; SCRATCH is made, and removed. One line per figure: name and number. CPU time, one thread.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/state_history.h"
#include "store/store.h"

namespace {

namespace fs = std::filesystem;
using namespace hindsight;
using namespace hindsight::store;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}
void need(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().message());
}

struct State {
  std::string bytes;
  std::vector<LeafBytes> leaves;
};

State read_state(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  State state;
  state.bytes.resize(fs::file_size(file));
  in.read(state.bytes.data(), static_cast<std::streamsize>(state.bytes.size()));
  for (std::size_t at = 0; at < state.bytes.size();) {
    std::uint64_t sizes[2];
    std::memcpy(sizes, state.bytes.data() + at, sizeof sizes);
    at += sizeof sizes;
    LeafBytes leaf;
    leaf.path = state.bytes.substr(at, sizes[0]);
    leaf.dtype = DType::kF32;
    leaf.shape = {sizes[1] / 4};
    leaf.bytes = std::string_view(state.bytes).substr(at + sizes[0], sizes[1]);
    at += sizes[0] + sizes[1];
    state.leaves.push_back(std::move(leaf));
  }
  return state;
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  // As `hindsight` has it (tools/main.cc).
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
  const fs::path scratch = argv[2];
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(argv[1])) {
    if (entry.path().extension() == ".arrays") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Store store = need(Store::create(scratch));
  WriteBatch first = need(store.write());
  const RunId run = need(first.put_run({}));
  need(first.commit());
  const std::uint64_t empty = need(store.used_bytes());
  StateHistory history(std::uint64_t{1} << 32);
  std::uint64_t raw = 0;
  double seconds = 0;
  std::vector<Checkpoint> checkpoints;
  for (const fs::path& file : files) {
    const State state = read_state(file);
    for (const LeafBytes& leaf : state.leaves) raw += leaf.bytes.size();
    const double began = cpu_seconds();
    WriteBatch batch = need(store.write());
    checkpoints.push_back(need(batch.put_checkpoint(run, {}, state.leaves, history)));
    need(batch.commit());
    seconds += cpu_seconds() - began;
  }
  std::printf("checkpoints %zu\nraw_bytes %llu\nstored_bytes %llu\nencode_gb_per_s %g\n", files.size(), static_cast<unsigned long long>(raw),
              static_cast<unsigned long long>(need(store.used_bytes()) - empty), static_cast<double>(raw) / seconds / 1e9);

  // All of it comes back, bit for bit.
  for (std::size_t i = 0; i < files.size(); ++i) {
    const State state = read_state(files[i]);
    std::size_t next = 0;
    need(store.read_state(run, checkpoints[i], [&](const Leaf& leaf, std::string_view bytes) -> Result<void> {
      if (bytes != state.leaves[next++].bytes) throw std::runtime_error("leaf " + leaf.path + " came back otherwise");
      return {};
    }));
  }

  // Restoring into memory that is there, against copying the same from memory to memory.
  const State last = read_state(files.back());
  std::string room(last.bytes.size(), '\1');
  std::vector<double> restores, copies;
  for (int i = 0; i < 9; ++i) {
    double began = cpu_seconds();
    std::size_t at = 0;
    for (const LeafBytes& leaf : last.leaves) {
      std::memcpy(room.data() + at, leaf.bytes.data(), leaf.bytes.size());
      at += leaf.bytes.size();
    }
    copies.push_back(cpu_seconds() - began);
    began = cpu_seconds();
    at = 0;
    need(store.fill_state(run, checkpoints.back(), [&](const Leaf& leaf) -> Result<std::span<char>> {
      at += leaf.bytes;
      return std::span<char>(room.data() + at - leaf.bytes, leaf.bytes);
    }));
    restores.push_back(cpu_seconds() - began);
  }
  std::printf("state_bytes %llu\ncopy_seconds %g\nrestore_seconds %g\n", static_cast<unsigned long long>(raw / files.size()), median(copies), median(restores));
  fs::remove_all(scratch);
  return 0;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "store_bench: %s\n", problem.what());
  return 1;
}

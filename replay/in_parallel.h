// Work in several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace hindsight::replay {

// Calls work(i) for every i below `count`, from at most `workers` threads at a time, of which the caller's is one.
template <class Work>
void in_parallel(std::size_t count, unsigned workers, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto loop = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < workers && i < count; ++i) threads.emplace_back(loop);
  loop();
}

}  // namespace hindsight::replay

// what: one unit starts a thread that goes on, the loop is in another one
// standard: c++17
// flags: -pthread
// loop: epoch
// probe: w after 'std::printf("w %a\n", w);'
// expect: refused: (a thread)
#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "shared.h"

std::mutex mutex;
std::list<double> recent;

int main() {
  std::atomic<bool> stop{false};
  std::map<std::string, int> seen;
  std::thread monitor([&] {
    for (int turn = 0; !stop; ++turn) {
      std::lock_guard<std::mutex> lock(mutex);
      while (recent.size() > 3) recent.pop_front();
      seen["turn " + std::to_string(turn % 64)] = turn;
    }
  });
  train();
  stop = true;
  monitor.join();
}

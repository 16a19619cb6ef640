// what: a thread changes lists and maps under its own lock while the main loop trains
// standard: c++17
// flags: -pthread
// loop: epoch
// probe: w after 'std::printf("w %a\n", w);'
// expect: whole: '(a thread)'
#include <atomic>
#include <cstdio>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>

class Monitor {
 public:
  Monitor() : thread_([this] { run(); }) {}
  ~Monitor() {
    stop_ = true;
    thread_.join();
  }
  void note(double value) {
    std::lock_guard<std::mutex> lock(mutex_);
    recent_.push_back(value);
  }

 private:
  void run() {
    for (int turn = 0; !stop_; ++turn) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (recent_.size() > 3) recent_.pop_front();
      seen_["turn " + std::to_string(turn % 64)] = turn;
      if (turn % 64 == 63) seen_.clear();
    }
  }
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::list<double> recent_;
  std::map<std::string, int> seen_;
  std::thread thread_;
};

int main() {
  Monitor monitor;
  double w = 3;
  for (int epoch = 0; epoch < 200; ++epoch) {
    for (int i = 0; i < 2000; ++i) w -= 1e-4 * (w - 1.5);
    monitor.note(w);
    std::printf("w %a\n", w);
  }
}

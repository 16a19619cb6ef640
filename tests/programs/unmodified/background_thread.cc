// what: a worker thread lives through the whole main loop and is handed one job per iteration
// standard: c++17
// flags: -pthread
// loop: epoch
// probe: sum after 'std::printf("sum %a\n", sum);'
// expect: whole: misses '(a thread)'
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  ~Worker() {
    submit(-1);
    thread_.join();
  }
  void submit(double job) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
    job_ = job;
    busy_ = true;
    changed_.notify_all();
  }
  double result() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !busy_; });
    return result_;
  }

 private:
  void run() {
    double average = 0;  // lives on the thread's own stack
    for (bool more = true; more;) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return busy_; });
      average = 0.7 * average + 0.3 * std::sqrt(std::fabs(job_));
      result_ = average;
      more = job_ >= 0;
      busy_ = false;
      changed_.notify_all();
    }
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false;
  double job_ = 0, result_ = 0;
  std::thread thread_;
};

int main() {
  Worker worker;
  double sum = 0;
  for (int epoch = 0; epoch < 8; ++epoch) {
    worker.submit(epoch * epoch + sum);
    sum += worker.result();
    std::printf("sum %a\n", sum);
  }
}

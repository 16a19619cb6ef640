// what: threads add to one sum under a lock, in whatever order they come
// standard: c++17
// flags: -pthread
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: refused: the order in which threads come to a lock
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

int main() {
  std::vector<double> w(64, 8.0);
  for (int epoch = 0; epoch < 8; ++epoch) {
    double loss = 0;
    std::mutex mutex;
    std::vector<std::thread> workers;
    for (std::size_t t = 0; t < 4; ++t) {
      workers.emplace_back([&, t] {
        double part = 0;
        for (std::size_t i = t; i < w.size(); i += 4) part += w[i] -= 1;
        std::lock_guard<std::mutex> lock(mutex);
        loss += part;
      });
    }
    for (auto& worker : workers) worker.join();
    std::printf("loss %a\n", loss);
  }
}

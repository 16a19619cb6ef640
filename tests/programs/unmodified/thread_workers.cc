// what: worker threads that are started and joined within every iteration
// standard: c++17
// flags: -pthread
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

struct Shard {
  std::vector<double> x, y;
  double gradient[2], loss;
};

void work(Shard& shard, const std::vector<double>& w) {
  shard.gradient[0] = shard.gradient[1] = shard.loss = 0;
  for (size_t i = 0; i < shard.x.size(); ++i) {
    const double error = w[0] * shard.x[i] + w[1] - shard.y[i];
    shard.gradient[0] += error * shard.x[i];
    shard.gradient[1] += error;
    shard.loss += error * error;
  }
}

int main() {
  std::vector<Shard> shards(3);
  for (int i = 0; i < 60; ++i) {
    Shard& shard = shards[i % shards.size()];
    shard.x.push_back(0.03 * i);
    shard.y.push_back(std::log1p(0.03 * i));
  }
  std::vector<double> w = {0, 0};
  for (int epoch = 0; epoch < 8; ++epoch) {
    std::vector<std::thread> threads;
    for (Shard& shard : shards) threads.emplace_back(work, std::ref(shard), std::cref(w));
    for (std::thread& thread : threads) thread.join();
    double loss = 0;
    for (const Shard& shard : shards) {
      loss += shard.loss;
      for (int j = 0; j < 2; ++j) w[j] -= 0.01 * shard.gradient[j];
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("w %a %a\n", w[0], w[1]);
}

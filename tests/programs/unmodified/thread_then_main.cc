// what: one loop runs in a thread first, and then in main
// standard: c++17
// flags: -pthread
// loop: epoch
// probe: w after 'std::printf("w %a\n", w);'
// expect: whole: loops with state ran on several threads
#include <cstdio>
#include <thread>

static double w = 1;

static void train() {
  for (int epoch = 0; epoch < 5; ++epoch) {
    w -= 0.3 * (w - 0.1);
    std::printf("w %a\n", w);
  }
}

int main() {
  std::thread first(train);
  first.join();
  train();
}

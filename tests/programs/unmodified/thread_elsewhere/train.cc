#include <cstdio>

#include "shared.h"

void train() {
  double w = 3;
  for (int epoch = 0; epoch < 100; ++epoch) {
    for (int i = 0; i < 2000; ++i) w -= 1e-4 * (w - 1.5);
    {
      std::lock_guard<std::mutex> lock(mutex);
      recent.push_back(w);
    }
    std::printf("w %a\n", w);
  }
}

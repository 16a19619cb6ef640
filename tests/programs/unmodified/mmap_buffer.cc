// what: parameters in anonymous memory from mmap
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: whole: misses 'memory'
#include <sys/mman.h>

#include <cmath>
#include <cstdio>

int main() {
  const size_t count = 1024;
  void* memory = mmap(nullptr, 2 * count * sizeof(float), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  float* weights = static_cast<float*>(memory);
  float* momentum = weights + count;
  for (int epoch = 0; epoch < 8; ++epoch) {
    float loss = 0;
    for (int i = 0; i < 200; ++i) {
      const size_t a = i * 31 % count, b = i * i % count;  // two hashed features
      const float error = weights[a] + weights[b] - std::sin(0.05f * i);
      loss += error * error;
      const size_t both[] = {a, b};
      for (size_t at : both) {
        momentum[at] = 0.5f * momentum[at] + error;
        weights[at] -= 0.2f * momentum[at];
      }
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("weight %a\n", weights[31]);
  munmap(memory, 2 * count * sizeof(float));
}

// what: buffers from posix_memalign behind a struct
// standard: c++17
// loop: epoch
// probe: loss after 'std::printf("loss %a\n", loss);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <cstdlib>

struct Buffer {
  float* data = nullptr;
  int size = 0;
};

Buffer allocate(int size) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 64, size * sizeof(float)) != 0) std::abort();
  Buffer b{static_cast<float*>(memory), size};
  for (int i = 0; i < size; ++i) b.data[i] = 0;
  return b;
}

int main() {
  const int taps = 16;
  Buffer weights = allocate(taps), window = allocate(taps);
  int time = 0;
  for (int epoch = 0; epoch < 9; ++epoch) {
    float loss = 0;
    for (int n = 0; n < 50; ++n, ++time) {
      for (int k = taps - 1; k > 0; --k) window.data[k] = window.data[k - 1];
      window.data[0] = std::sin(0.3f * time) + 0.5f * std::sin(1.7f * time);
      float y = 0;
      for (int k = 0; k < taps; ++k) y += weights.data[k] * window.data[k];
      const float error = std::sin(0.3f * time + 0.5f) - y;
      for (int k = 0; k < taps; ++k) weights.data[k] += 0.02f * error * window.data[k];
      loss += error * error;
    }
    std::printf("loss %a\n", loss);
  }
  std::printf("w0 %a\n", static_cast<double>(weights.data[0]));
  std::free(weights.data);
  std::free(window.data);
}

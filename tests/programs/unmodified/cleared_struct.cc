// what: structs and arrays of main's without a value, which every step clears first
// standard: c++17
// loop: step
// probe: g.b after 'std::printf("bias %a\n", g.b);'
// expect: exact
#include <cmath>
#include <cstdio>
#include <cstring>

struct Grad {
  float w[16];
  float b;
};
static float model[16];

int main() {
  Grad g, last;
  float sum[16];
  std::memset(&last, 0, sizeof last);
  for (int step = 0; step < 9; ++step) {
    std::memset(&g, 0, sizeof g);
    for (float& each : sum) each = 0;
    for (int sample = 0; sample < 4; ++sample) {
      for (int i = 0; i < 16; ++i) {
        g.w[i] += (model[i] - std::cos(float(i))) * 0.1f * float(sample);
        sum[i] += g.w[i];
        g.b += sum[i] + last.w[i];
      }
    }
    for (int i = 0; i < 16; ++i) model[i] -= 0.1f * g.w[i];
    std::printf("bias %a\n", g.b);
    last = g;
  }
}
